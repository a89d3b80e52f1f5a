using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>Cuts a large answer of a watch as etcd does; a pure function.</summary>
internal static class WatchFragments
{
    /// <summary>
    /// The answer itself when it is below the limit or has one event, else several whose events are the same in the same
    /// order; all but the last are marked as fragments. An event alone is never cut.
    /// </summary>
    public static IEnumerable<Proto.WatchResponse> Of(Proto.WatchResponse answer, int maxBytes)
    {
        if (answer.Events.Count < 2 || answer.CalculateSize() < maxBytes)
        {
            yield return answer;
            yield break;
        }

        var head = new Proto.WatchResponse { Header = answer.Header, WatchId = answer.WatchId, Fragment = true };
        int headBytes = head.CalculateSize();
        Proto.WatchResponse current = head.Clone();
        int bytes = headBytes;
        foreach (Proto.Event change in answer.Events)
        {
            // Tag and length before each event: at most eleven bytes.
            int size = change.CalculateSize() + 11;
            if (current.Events.Count > 0 && bytes + size >= maxBytes)
            {
                yield return current;
                current = head.Clone();
                bytes = headBytes;
            }

            current.Events.Add(change);
            bytes += size;
        }

        current.Fragment = false;
        yield return current;
    }
}
