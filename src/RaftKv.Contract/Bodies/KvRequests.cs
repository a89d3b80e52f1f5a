using System.ComponentModel;
using System.Text.Json;

namespace RaftKv.Contract.Bodies;

[Schema("RangeSpec", "Keys to read: one key, a prefix, or start and end.")]
public sealed record RangeSpec : IKeyRange
{
    [Description("One key")]
    public string? Key { get; set; }

    [Description("Keys that begin so; empty is every key")]
    public string? Prefix { get; set; }

    [Description("First key, inclusive")]
    public string? Start { get; set; }

    [Description("End, exclusive")]
    public string? End { get; set; }

    [Description("Encoding of the keys here")]
    [Words(Encodings.Utf8, Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("Most keys, 1 to 10000; default 1000")]
    public int? Limit { get; set; }

    [Description("Without values")]
    public bool? KeysOnly { get; set; }

    [Description("Only the count")]
    public bool? CountOnly { get; set; }

    [Description("By key")]
    [Words(KeyOrders.Ascending, KeyOrders.Descending)]
    public string? Order { get; set; }
}

[Schema("DeleteSpec", "Keys to delete: one key, a prefix, or start and end.")]
public sealed record DeleteSpec : IKeyRange
{
    [Description("One key")]
    public string? Key { get; set; }

    [Description("Keys that begin so; empty is every key")]
    public string? Prefix { get; set; }

    [Description("First key, inclusive")]
    public string? Start { get; set; }

    [Description("End, exclusive")]
    public string? End { get; set; }

    [Description("Encoding of the keys here")]
    [Words(Encodings.Utf8, Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }
}

[Schema("RangeBody", "Ranges to read from one view.")]
public sealed record RangeBody
{
    [Present]
    public IReadOnlyList<RangeSpec>? Ranges { get; set; }

    [Description("Read at this revision; the newest when absent")]
    public long? Revision { get; set; }

    [Description("base64 for all values, or auto")]
    [Words(Encodings.Auto, Encodings.Base64)]
    public string? Encoding { get; set; }
}

[Schema("Compare", "One condition. On a missing key numbers are 0 and `value` is false under every op.")]
public sealed record CompareSpec
{
    [Description("The key")]
    public string? Key { get; set; }

    [Description("Instead of key: every key that begins so must fulfil it")]
    public string? Prefix { get; set; }

    [Description("Encoding of the keys here")]
    [Words(Encodings.Utf8, Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("What is compared")]
    [Present]
    [Words(CompareTargets.Value, CompareTargets.Version, CompareTargets.CreateRevision, CompareTargets.ModRevision, CompareTargets.Lease)]
    public string? Target { get; set; }

    [Description("How")]
    [Present]
    [Words(CompareOps.Equal, CompareOps.NotEqual, CompareOps.Less, CompareOps.Greater)]
    public string? Op { get; set; }

    [Description("A string for value and lease (hex), else a whole number")]
    [Present]
    [JsonTypes("string", "integer")]
    public JsonElement? Operand { get; set; }

    [Description("Encoding of a value operand")]
    [Words(Encodings.Utf8, Encodings.Base64)]
    public string? Encoding { get; set; }
}

[Schema("TxnOperation", "One operation: exactly one member.")]
public sealed record OperationSpec
{
    public PutSpec? Put { get; set; }

    public DeleteSpec? Delete { get; set; }

    public RangeSpec? Get { get; set; }

    public IncrementSpec? Increment { get; set; }

    public TxnBody? Txn { get; set; }
}

[Schema("", "Writes a key.")]
public sealed record PutSpec
{
    [Description("The key")]
    [Present]
    public string? Key { get; set; }

    [Description("Encoding of the keys here")]
    [Words(Encodings.Utf8, Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("The value")]
    [Present]
    public string? Value { get; set; }

    [Description("Encoding of the value")]
    [Words(Encodings.Utf8, Encodings.Base64)]
    public string? Encoding { get; set; }

    [Description("Lease id in hex")]
    public string? Lease { get; set; }
}

[Schema("", "Adds to a counter.")]
public sealed record IncrementSpec
{
    [Description("The key")]
    [Present]
    public string? Key { get; set; }

    [Description("Encoding of the keys here")]
    [Words(Encodings.Utf8, Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("What to add; default 1")]
    public long? By { get; set; }
}

[Schema("TxnBody", "Compares, then one of two lists, in one atomic step and one revision.")]
public sealed record TxnBody
{
    public IReadOnlyList<CompareSpec>? Compare { get; set; }

    public IReadOnlyList<OperationSpec>? Then { get; set; }

    public IReadOnlyList<OperationSpec>? Else { get; set; }
}

[Schema("CounterBody", "An addition.")]
public sealed record CounterBody
{
    [Description("What to add, may be negative; default 1")]
    public long? By { get; set; }
}

[Schema("CompactBody", "A compaction.")]
public sealed record CompactBody
{
    [Description("Versions that no read at or after this revision can see are forgotten")]
    [Present]
    public long? Revision { get; set; }

    [Description("Answer when they are removed; 504 write-concern-unmet when they are not in time")]
    public bool? Physical { get; set; }
}
