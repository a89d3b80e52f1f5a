using System.Collections.Concurrent;

namespace RaftKv.Bench.Soak;

/// <summary>What the mix did. Safe from any thread.</summary>
internal sealed class SoakCounts
{
    private readonly ConcurrentDictionary<string, long> _done = new();
    private readonly ConcurrentDictionary<string, long> _failed = new();
    private long _refused;

    internal long Done => _done.Values.Sum();

    internal long Failed => _failed.Values.Sum();

    /// <summary>Writes under new plain keys that found their table full; the mix asks for more of them than it holds.</summary>
    internal long Refused => Volatile.Read(ref _refused);

    /// <summary>By kind of operation, in order of name.</summary>
    internal IReadOnlyList<KeyValuePair<string, long>> DoneByKind => [.. _done.OrderBy(static p => p.Key, StringComparer.Ordinal)];

    /// <summary>By kind and code, in order of name.</summary>
    internal IReadOnlyList<KeyValuePair<string, long>> FailedByKind => [.. _failed.OrderBy(static p => p.Key, StringComparer.Ordinal)];

    internal void CountDone(string kind) => _done.AddOrUpdate(kind, 1, static (_, count) => count + 1);

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void CountFailed(string kind, string code) => _failed.AddOrUpdate($"{kind}: {code}", 1, static (_, count) => count + 1);
}
