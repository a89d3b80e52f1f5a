using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RaftKv.Client;

/// <summary>Makes the operations of a txn.</summary>
/// <remarks><code>
/// client.Txn().Then(Op.Put("a", "1"), Op.Delete("b"), Op.Get("c"))
/// </code></remarks>
public static class Op
{
    /// <summary>Writes a key.</summary>
    /// <param name="lease">The lease that it hangs on, as hex; null for none.</param>
    public static TxnOp Put(RaftKvKey key, ReadOnlyMemory<byte> value, string? lease = null) =>
        new(TxnOpKind.Put) { Key = key.OrThrow(nameof(key)), Value = value, Lease = lease };

    /// <summary>Writes text, as UTF-8.</summary>
    public static TxnOp Put(RaftKvKey key, string value, string? lease = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Put(key, Encoding.UTF8.GetBytes(value), lease);
    }

    /// <summary>Writes a value as JSON.</summary>
    public static TxnOp Put<T>(RaftKvKey key, T value, JsonTypeInfo<T> typeInfo, string? lease = null) =>
        Put(key, JsonSerializer.SerializeToUtf8Bytes(value, typeInfo), lease);

    /// <summary>Deletes a key.</summary>
    public static TxnOp Delete(RaftKvKey key) => new(TxnOpKind.Delete) { Key = key.OrThrow(nameof(key)) };

    /// <summary>Deletes a range.</summary>
    public static TxnOp Delete(RaftKvRange range) => new(TxnOpKind.Delete) { Range = range ?? throw new ArgumentNullException(nameof(range)) };

    /// <summary>Adds to a counter; a missing one counts as 0.</summary>
    public static TxnOp Increment(RaftKvKey key, long by = 1) => new(TxnOpKind.Increment) { Key = key.OrThrow(nameof(key)), By = by };

    /// <summary>Reads a key, as of the operations before it.</summary>
    public static TxnOp Get(RaftKvKey key) => new(TxnOpKind.Get) { Key = key.OrThrow(nameof(key)) };

    /// <summary>Reads a range, as of the operations before it.</summary>
    public static TxnOp Get(RaftKvRange range) => new(TxnOpKind.Get) { Range = range ?? throw new ArgumentNullException(nameof(range)) };

    /// <summary>A txn inside; its conditions see the state before the outermost one.</summary>
    public static TxnOp Txn(TxnBuilder nested) => new(TxnOpKind.Txn) { Nested = nested ?? throw new ArgumentNullException(nameof(nested)) };
}

/// <summary>One operation of a txn; made by <see cref="Op"/>.</summary>
public sealed class TxnOp
{
    internal TxnOp(TxnOpKind kind) => Kind = kind;

    internal TxnOpKind Kind { get; }

    internal RaftKvKey Key { get; init; }

    internal ReadOnlyMemory<byte> Value { get; init; }

    internal string? Lease { get; init; }

    internal long By { get; init; }

    internal RaftKvRange? Range { get; init; }

    internal TxnBuilder? Nested { get; init; }

    /// <summary>True when the operation can change nothing.</summary>
    internal bool IsRead => Kind == TxnOpKind.Get || (Nested is { IsRead: true });
}

/// <summary>The operations.</summary>
internal enum TxnOpKind
{
    Put = 0,
    Delete = 1,
    Get = 2,
    Txn = 3,
    Increment = 4,
}
