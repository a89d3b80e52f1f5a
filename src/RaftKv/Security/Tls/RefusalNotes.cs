namespace RaftKv.Security.Tls;

/// <summary>
/// Lets each reason of an address into the log once a minute: a stranger must not fill the log, nor hide by his noise why
/// somebody else is refused. Any thread.
/// </summary>
internal sealed class RefusalNotes(TimeProvider time)
{
    // More pairs than this in a minute is somebody who tries many: what comes then is counted, not logged.
    private const int MaxPairs = 64;
    private static readonly TimeSpan _silence = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Address, string Reason), long> _said = [];

    /// <summary>Connections that were refused.</summary>
    public long Count { get; private set; }

    /// <summary>Counts a refusal; true when it may be logged.</summary>
    public bool MayLog(string address, string reason)
    {
        lock (_gate)
        {
            Count++;
            long now = time.GetTimestamp();
            foreach ((string, string) old in
                _said.Where(pair => time.GetElapsedTime(pair.Value, now) >= _silence).Select(static pair => pair.Key).ToList())
            {
                _said.Remove(old);
            }

            return _said.Count < MaxPairs && _said.TryAdd((address, reason), now);
        }
    }
}
