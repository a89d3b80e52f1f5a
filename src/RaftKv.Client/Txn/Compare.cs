using RaftKv.Contract;

namespace RaftKv.Client;

/// <summary>Where the conditions of a txn begin; made for <c>using static</c>.</summary>
/// <remarks>
/// On a missing key the numbers compare as 0, and a value condition is false under every operator.
/// <code>
/// using static RaftKv.Client.Compare;
/// client.Txn().When(Key("a").ModRevision == 5, Key("b").Value == "on", Key("c").IsMissing)
/// </code>
/// </remarks>
public static class Compare
{
    /// <summary>The key that a condition is about.</summary>
    public static KeyFacts Key(RaftKvKey key) => new(key.OrThrow(nameof(key)));
}

/// <summary>The facts of a key that a txn can compare.</summary>
public readonly record struct KeyFacts(RaftKvKey Key)
{
    /// <summary>Revision of its last write.</summary>
    public NumberFact ModRevision => new(Key, CompareTargets.ModRevision);

    /// <summary>Revision of its creation.</summary>
    public NumberFact CreateRevision => new(Key, CompareTargets.CreateRevision);

    /// <summary>Writes since its creation.</summary>
    public NumberFact Version => new(Key, CompareTargets.Version);

    /// <summary>Its bytes.</summary>
    public ValueFact Value => new(Key);

    /// <summary>The key exists.</summary>
    public TxnCompare Exists => Version > 0;

    /// <summary>The key does not exist.</summary>
    public TxnCompare IsMissing => Version == 0;

    /// <summary>The key hangs on this lease; null means on none.</summary>
    /// <param name="lease">The server's hex id.</param>
    public TxnCompare LeaseIs(string? lease) =>
        new(Key, CompareTargets.Lease, CompareOps.Equal, number: null, text: lease ?? "0", bytes: default);
}

/// <summary>A numeric fact; compare it with <c>==</c>, <c>!=</c>, <c>&lt;</c> or <c>&gt;</c>.</summary>
/// <remarks>The operators build a condition; they decide nothing here.</remarks>
public readonly record struct NumberFact(RaftKvKey Key, string Target)
{
    /// <summary>Equal.</summary>
    public static TxnCompare operator ==(NumberFact fact, long operand) => fact.With(CompareOps.Equal, operand);

    /// <summary>Not equal.</summary>
    public static TxnCompare operator !=(NumberFact fact, long operand) => fact.With(CompareOps.NotEqual, operand);

    /// <summary>Less.</summary>
    public static TxnCompare operator <(NumberFact fact, long operand) => fact.With(CompareOps.Less, operand);

    /// <summary>Greater.</summary>
    public static TxnCompare operator >(NumberFact fact, long operand) => fact.With(CompareOps.Greater, operand);

    private TxnCompare With(string op, long operand) => new(Key, Target, op, operand, text: null, bytes: default);
}

/// <summary>
/// The value as a fact; compare it with <c>==</c>, <c>!=</c>, <c>&lt;</c> or <c>&gt;</c>, in byte order.
/// </summary>
public readonly record struct ValueFact(RaftKvKey Key)
{
    /// <summary>Equal.</summary>
    public static TxnCompare operator ==(ValueFact fact, string operand) => fact.With(CompareOps.Equal, operand);

    /// <summary>Present and not equal.</summary>
    public static TxnCompare operator !=(ValueFact fact, string operand) => fact.With(CompareOps.NotEqual, operand);

    /// <summary>Less.</summary>
    public static TxnCompare operator <(ValueFact fact, string operand) => fact.With(CompareOps.Less, operand);

    /// <summary>Greater.</summary>
    public static TxnCompare operator >(ValueFact fact, string operand) => fact.With(CompareOps.Greater, operand);

    /// <summary>Equal.</summary>
    public static TxnCompare operator ==(ValueFact fact, byte[] operand) => fact.With(CompareOps.Equal, operand);

    /// <summary>Present and not equal.</summary>
    public static TxnCompare operator !=(ValueFact fact, byte[] operand) => fact.With(CompareOps.NotEqual, operand);

    /// <summary>Less.</summary>
    public static TxnCompare operator <(ValueFact fact, byte[] operand) => fact.With(CompareOps.Less, operand);

    /// <summary>Greater.</summary>
    public static TxnCompare operator >(ValueFact fact, byte[] operand) => fact.With(CompareOps.Greater, operand);

    private TxnCompare With(string op, string operand)
    {
        ArgumentNullException.ThrowIfNull(operand);
        return new(Key, CompareTargets.Value, op, number: null, text: null, System.Text.Encoding.UTF8.GetBytes(operand));
    }

    private TxnCompare With(string op, byte[] operand)
    {
        ArgumentNullException.ThrowIfNull(operand);
        return new(Key, CompareTargets.Value, op, number: null, text: null, operand);
    }
}

/// <summary>One condition of a txn; made from <see cref="Compare.Key"/>.</summary>
public sealed class TxnCompare
{
    internal TxnCompare(RaftKvKey key, string target, string op, long? number, string? text, ReadOnlyMemory<byte> bytes)
    {
        Key = key;
        Target = target;
        Operator = op;
        Number = number;
        Text = text;
        Bytes = bytes;
    }

    /// <summary>The key that it is about.</summary>
    public RaftKvKey Key { get; }

    /// <summary><c>value</c>, <c>version</c>, <c>createRevision</c>, <c>modRevision</c> or <c>lease</c>.</summary>
    public string Target { get; }

    /// <summary><c>=</c>, <c>!=</c>, <c>&lt;</c> or <c>&gt;</c>.</summary>
    public string Operator { get; }

    internal long? Number { get; }

    internal string? Text { get; }

    internal ReadOnlyMemory<byte> Bytes { get; }
}
