using System.Text;

namespace RaftKv.Client;

/// <summary>A set of keys in byte order: those with a prefix, those in [start, end), or all.</summary>
/// <remarks><code>
/// await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.Prefix("app/"))) { … }
/// </code></remarks>
public sealed record RaftKvRange
{
    private RaftKvRange(ReadOnlyMemory<byte> prefix, ReadOnlyMemory<byte> start, ReadOnlyMemory<byte> end)
    {
        PrefixBytes = prefix;
        StartBytes = start;
        EndBytes = end;
    }

    /// <summary>Every key.</summary>
    public static RaftKvRange All { get; } = new(default, default, default);

    /// <summary>The prefix; empty when none.</summary>
    public ReadOnlyMemory<byte> PrefixBytes { get; }

    /// <summary>First key, inclusive; empty when the range begins at the first key.</summary>
    public ReadOnlyMemory<byte> StartBytes { get; }

    /// <summary>End, exclusive; empty when the range goes to the last key.</summary>
    public ReadOnlyMemory<byte> EndBytes { get; }

    /// <summary>True when the range holds every key.</summary>
    public bool IsAll => PrefixBytes.IsEmpty && StartBytes.IsEmpty && EndBytes.IsEmpty;

    /// <summary>Keys that begin with this text's UTF-8 bytes.</summary>
    /// <exception cref="ArgumentException">Empty: say <see cref="All"/> when every key is meant.</exception>
    public static RaftKvRange Prefix(string prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        return Prefix(Encoding.UTF8.GetBytes(prefix));
    }

    /// <summary>Keys that begin with these bytes.</summary>
    /// <exception cref="ArgumentException">Empty: say <see cref="All"/> when every key is meant.</exception>
    public static RaftKvRange Prefix(ReadOnlyMemory<byte> prefix) =>
        prefix.IsEmpty
            ? throw new ArgumentException("The prefix is empty; use RaftKvRange.All for every key.", nameof(prefix))
            : new(prefix, default, default);

    /// <summary>Keys k with start &lt;= k &lt; end, in byte order.</summary>
    public static RaftKvRange Between(RaftKvKey startInclusive, RaftKvKey endExclusive) =>
        new(default, startInclusive.OrThrow(nameof(startInclusive)).Bytes, endExclusive.OrThrow(nameof(endExclusive)).Bytes);

    /// <summary>One key, for calls that take a range.</summary>
    public static RaftKvRange Single(RaftKvKey key) =>
        new(default, key.OrThrow(nameof(key)).Bytes, (byte[])[.. key.Bytes.Span, 0]);

    /// <summary>Keys k with start &lt;= k.</summary>
    public static RaftKvRange From(RaftKvKey startInclusive) =>
        new(default, startInclusive.OrThrow(nameof(startInclusive)).Bytes, default);
}
