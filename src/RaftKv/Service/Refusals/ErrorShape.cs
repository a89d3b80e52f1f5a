using RaftKv.Contract;

namespace RaftKv.Service.Refusals;

/// <summary>What the outside sees of an <see cref="ErrorCode"/>.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">The <c>code</c> member and the end of <c>type</c>.</param>
/// <param name="Title">A short sentence, the same for every occurrence.</param>
/// <param name="Applied">Whether a write of this request took effect: "no", "yes" or "unknown".</param>
/// <param name="IsRetryable">True when the same request may succeed later.</param>
public sealed record ErrorShape(int Status, string Code, string Title, string Applied, bool IsRetryable)
{
    /// <summary>The <c>type</c> member of the problem.</summary>
    public string Type { get; } = ErrorCodes.TypePrefix + Code;
}
