using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Operations;

/// <summary>
/// Idempotency keys, and numbers of client sessions, whose requests are under way on this node: a repeat that overtakes the
/// first is told so, instead of waiting in line behind it. On another node it waits in the log, which is as right. Any
/// thread.
/// </summary>
internal sealed class KeysInFlight
{
    private readonly ConcurrentDictionary<string, bool> _keys = new(StringComparer.Ordinal);

    /// <summary>Notes a key until the entry is disposed; nothing when there is none. Throws when it is under way.</summary>
    public Entry Enter(in RequestTerms terms)
    {
        string? text = terms.IdempotencyKey is { } key ? Encoding.ASCII.GetString(key)
            : terms.ClientSession is { } session ? string.Create(CultureInfo.InvariantCulture, $"{session.Id} {session.Sequence}")
            : null;
        if (text is null)
        {
            return default;
        }

        return _keys.TryAdd(text, true)
            ? new Entry(this, text)
            : throw new ApiException(new ApiError(
                ErrorCode.IdempotencyInFlight,
                "A request with this Idempotency-Key, or number in its client session, is under way here. Repeat it once that one is "
                    + "answered."));
    }

    /// <summary>A key that is under way.</summary>
    public readonly struct Entry(KeysInFlight owner, string key) : IDisposable
    {
        public void Dispose() => owner?._keys.TryRemove(key, out _);
    }
}
