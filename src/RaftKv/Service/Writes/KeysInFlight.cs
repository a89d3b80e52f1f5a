using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RaftKv.Service.Calls;

namespace RaftKv.Service.Writes;

/// <summary>
/// Idempotency keys, and numbers of client sessions, whose requests are under way on this node: a repeat that overtakes the
/// first is told so, instead of waiting in line behind it. On another node it waits in the log, which is as right. Any
/// thread.
/// </summary>
internal sealed class KeysInFlight
{
    private readonly ConcurrentDictionary<string, bool> _keys = new(StringComparer.Ordinal);

    /// <summary>Notes a key until the entry is disposed; nothing when there is none. False when it is under way.</summary>
    /// <param name="user">Whose they are: another user's key is another key.</param>
    public bool TryEnter(string user, CallTerms terms, out Entry entry)
    {
        string? text = terms.IdempotencyKey is { } key ? Encoding.ASCII.GetString(key)
            : terms.ClientSession is { } session ? string.Create(CultureInfo.InvariantCulture, $"{session.Id} {session.Sequence}")
            : null;
        text = text is null ? null : $"{user}\0{text}";
        bool isFirst = text is null || _keys.TryAdd(text, true);
        entry = isFirst && text is not null ? new Entry(this, text) : default;
        return isFirst;
    }

    /// <summary>A key that is under way.</summary>
    public readonly struct Entry(KeysInFlight owner, string key) : IDisposable
    {
        public void Dispose() => owner?._keys.TryRemove(key, out _);
    }
}
