namespace RaftKv.Doors.Rest.Bodies;

/// <summary>Body of POST /receipts/verify.</summary>
internal sealed record ReceiptBody
{
    /// <summary>What the RaftKv-Receipt header of an answer said.</summary>
    public string? Receipt { get; init; }
}
