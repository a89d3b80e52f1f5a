using System.ComponentModel;
using System.Text.Json;

namespace RaftKv.Contract.Bodies;

[Schema("Page", "Keys in byte order, from one revision.")]
public sealed record PageAnswer
{
    [Description("Revision that all pages are read at")]
    public long Revision { get; set; }

    public IReadOnlyList<ItemBody>? Items { get; set; }

    [Description("There is a next page")]
    public bool? HasMore { get; set; }

    [Description("Send it back for the next page, with the same prefix, start, end and order")]
    [MayBeNull]
    public string? Cursor { get; set; }

    [Description("How many keys there are; only with countOnly, and then alone with bytes")]
    public long? Count { get; set; }

    [Description("What they take now, all kept versions with their overhead, as quotas count; only with countOnly and without revision")]
    public long? Bytes { get; set; }
}

[Schema("Deleted", "What a deletion did.")]
public sealed record DeletedAnswer
{
    [Description("Keys deleted")]
    public long Deleted { get; set; }

    [Description("Revision of the store after it")]
    public long Revision { get; set; }
}

[Schema("RangeAnswer", "All ranges, read from one view.")]
public sealed record RangesAnswer
{
    [Description("Revision that they were read at")]
    public long Revision { get; set; }

    public IReadOnlyList<RangePart> Results { get; set; } = [];
}

[Schema("Range", "Keys of one range.")]
public sealed record RangePart
{
    public IReadOnlyList<ItemBody> Items { get; set; } = [];

    [Description("The limit, or the page's size, cut the range")]
    public bool HasMore { get; set; }

    [Description("Keys in the range, without the limit")]
    public long Count { get; set; }
}

[Schema("TxnAnswer", "Which list ran, and what its operations answered, in order.")]
public sealed record TxnAnswer
{
    [Description("True when all compares held and `then` ran")]
    public bool Succeeded { get; set; }

    [Description("Revision of the store after it; absent in an inner transaction")]
    public long? Revision { get; set; }

    public IReadOnlyList<TxnResponse> Responses { get; set; } = [];
}

[Schema("TxnResponse", "Answer of one operation; has the member of that operation.")]
public sealed record TxnResponse
{
    public WrittenBody? Put { get; set; }

    public DeletedPart? Delete { get; set; }

    public RangePart? Get { get; set; }

    public CounterAnswer? Increment { get; set; }

    public TxnAnswer? Txn { get; set; }
}

[Schema("", "Deleted keys.")]
public sealed record DeletedPart
{
    [Description("Keys deleted")]
    public long Deleted { get; set; }
}

[Schema("CounterAnswer", "A counter after the addition.")]
public sealed record CounterAnswer
{
    [Description("Its value")]
    public long Value { get; set; }

    [Description("Revision of the write")]
    public long Revision { get; set; }
}

[Schema("CompactAnswer", "The store after the compaction.")]
public sealed record CompactAnswer
{
    [Description("Its revision")]
    public long Revision { get; set; }
}

[Schema("Operation", "What became of an accepted write.")]
public sealed record OperationAnswer
{
    [Description("Its id")]
    public string Id { get; set; } = "";

    [Description("unknown when this node does not, or no longer, know")]
    [Words(OperationStates.Pending, OperationStates.Applied, OperationStates.NotApplied, OperationStates.Unknown)]
    public string State { get; set; } = "";

    [Description("Revision after it")]
    public long? Revision { get; set; }

    [Description("HTTP status that the answer would have had")]
    public long? Status { get; set; }

    [Description("The body that the answer would have had; null when it was too large to keep")]
    public JsonElement? Answer { get; set; }

    [Description("Why it was not applied")]
    public string? Code { get; set; }

    [Description("The same in words")]
    public string? Detail { get; set; }

    [Description("The member, when it is about one")]
    public MemberBody? Member { get; set; }

    [Description("How far it is, when it is about a member")]
    public MemberProgressBody? Progress { get; set; }
}
