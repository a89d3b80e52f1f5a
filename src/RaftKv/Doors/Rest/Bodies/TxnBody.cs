using System.Text.Json;

namespace RaftKv.Doors.Rest.Bodies;

/// <summary>Body of POST /txn, and of a txn inside one.</summary>
internal sealed record TxnBody
{
    public CompareSpec[]? Compare { get; init; }

    public OperationSpec[]? Then { get; init; }

    public OperationSpec[]? Else { get; init; }
}

/// <summary>One condition.</summary>
internal sealed record CompareSpec
{
    public string? Key { get; init; }

    public string? Prefix { get; init; }

    public string? KeyEncoding { get; init; }

    public string? Target { get; init; }

    public string? Op { get; init; }

    /// <summary>A string for value and lease, a whole number for the others.</summary>
    public JsonElement? Operand { get; init; }

    /// <summary>Encoding of the operand of a value: utf-8 or base64.</summary>
    public string? Encoding { get; init; }
}

/// <summary>One operation: exactly one member is set.</summary>
internal sealed record OperationSpec
{
    public PutSpec? Put { get; init; }

    public RangeSpec? Delete { get; init; }

    public RangeSpec? Get { get; init; }

    public IncrementSpec? Increment { get; init; }

    public TxnBody? Txn { get; init; }
}

/// <summary>A put.</summary>
internal sealed record PutSpec
{
    public string? Key { get; init; }

    public string? KeyEncoding { get; init; }

    public string? Value { get; init; }

    public string? Encoding { get; init; }

    public string? Lease { get; init; }
}

/// <summary>An addition to a counter.</summary>
internal sealed record IncrementSpec
{
    public string? Key { get; init; }

    public string? KeyEncoding { get; init; }

    public long? By { get; init; }
}
