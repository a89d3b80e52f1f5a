using System.Text.Json;

namespace RaftKv.Client;

/// <summary>What a node says about a receipt.</summary>
/// <param name="IsValid">The cluster has signed it as it is.</param>
/// <param name="Reason">Why not; null when it is valid.</param>
/// <param name="Receipt">
/// What it states: asked and served level, node, term, read index, applied index, revision, staleness; null when it is not
/// valid.
/// </param>
public sealed record ReceiptCheck(bool IsValid, string? Reason, JsonElement? Receipt, ResponseMetadata Metadata);
