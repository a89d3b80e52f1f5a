using System.Globalization;

namespace RaftKv.Client.Http;

/// <summary>
/// One client session of the cluster: gives each write a number under which it runs once, however often it is sent.
/// Bound by the lock of <see cref="WriteSessions"/>.
/// </summary>
internal sealed class WriteSession(string id, int window)
{
    // Numbers of calls that have not ended: these may be sent again, so their answers have to be kept.
    private readonly SortedSet<long> _open = [];
    private long _last;

    /// <summary>Names it, in hex.</summary>
    internal string Id => id;

    /// <summary>A call in it has not ended.</summary>
    internal bool IsInUse => _open.Count > 0;

    /// <summary>The cluster does not know it any more.</summary>
    internal bool IsGone { get; set; }

    /// <summary>
    /// Another call finds place. The cluster keeps so many answers above what is acknowledged, and one call that hangs
    /// holds up what can be.
    /// </summary>
    internal bool HasRoom => !IsGone && _last - AcknowledgedUpTo < window;

    // What lies below the lowest open number will never be sent again.
    private long AcknowledgedUpTo => _open.Count == 0 ? _last : _open.Min - 1;

    /// <summary>The number of a new call.</summary>
    internal long Begin()
    {
        _open.Add(++_last);
        return _last;
    }

    /// <summary>The call has ended, however it did: its number is not sent any more.</summary>
    internal void End(long sequence) => _open.Remove(sequence);

    /// <summary>The header of one attempt, with what is acknowledged by now; of a call without a number only whose it is.</summary>
    internal string HeaderOf(long sequence) => sequence == 0
        ? id
        : string.Create(CultureInfo.InvariantCulture, $"{id};seq={sequence};ack={Math.Min(AcknowledgedUpTo, sequence - 1)}");
}
