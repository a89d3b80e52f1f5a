using RaftKv.Core;
using RaftKv.Core.Store.Tree;
using RaftKv.Service.Watches;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>Changes of a watch as messages of whole revisions, none much larger than it must be. Pure.</summary>
internal static class WatchMessages
{
    // A message ends at the revision in which its keys and values reach this size.
    private const int MaxBytes = 1_048_576;

    /// <summary>The messages, without their heads, and up to where each is complete.</summary>
    public static IEnumerable<(Proto.WatchResponse Message, Revision Complete)> Of(long id, ChangeBatch batch, bool wantsPrevious)
    {
        for (int from = 0; from < batch.Changes.Count;)
        {
            var message = new Proto.WatchResponse { WatchId = id };
            int end = Collect(batch, from, wantsPrevious, message);
            bool isLast = end == batch.Changes.Count;
            yield return (message, isLast ? new Revision(batch.Next.Value - 1) : batch.Changes[end - 1].ModRevision);
            from = end;
        }
    }

    // Whole revisions, until the message is large enough; the end in the batch.
    private static int Collect(ChangeBatch batch, int from, bool wantsPrevious, Proto.WatchResponse message)
    {
        int bytes = 0;
        int at = from;
        while (at < batch.Changes.Count)
        {
            KeyValue change = batch.Changes[at];
            if (bytes >= MaxBytes && change.ModRevision != batch.Changes[at - 1].ModRevision)
            {
                break;
            }

            message.Events.Add(WatchMapping.ToEvent(change, batch.View, wantsPrevious));
            bytes += change.DataBytes;
            at++;
        }

        return at;
    }
}
