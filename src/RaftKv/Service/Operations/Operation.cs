using RaftKv.Core.Calls;
using RaftKv.Doors.Http;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Operations;

/// <summary>A write that was answered before its outcome was known, and what became of it.</summary>
internal sealed class Operation
{
    // The answer is kept as bytes, not as the store's result: that would keep values alive that the store has long
    // forgotten.
    private const int MaxKeptAnswerBytes = 64 * 1024;

    private OperationOutcome? _outcome;

    public Operation(string id, WriteKind kind)
    {
        Id = id;
        Kind = kind;
    }

    public string Id { get; }

    public WriteKind Kind { get; }

    /// <summary>The outcome; null while it is pending. Safe from any thread.</summary>
    public OperationOutcome? Outcome => Volatile.Read(ref _outcome);

    /// <summary>Notes the outcome; again only when it was unknown and is known now.</summary>
    public void Complete(ProposeResult result, NodePhase phase) => Volatile.Write(ref _outcome, Summarise(result, phase));

    private OperationOutcome Summarise(ProposeResult proposed, NodePhase phase)
    {
        if (proposed.Outcome != ProposalOutcome.Applied)
        {
            return new OperationOutcome(proposed.Outcome, ErrorMapper.FromOutcome(proposed.Outcome, phase));
        }

        ApiError? error = Kind.ErrorOf(proposed.Result!);
        if (error is not null)
        {
            return new OperationOutcome(ProposalOutcome.Applied, error);
        }

        JsonAnswer answer = JsonAnswer.Rent();
        Kind.WriteBody(answer.Json, proposed.Result!);
        ReadOnlyMemory<byte> body = answer.Finish();
        byte[]? kept = body.Length <= MaxKeptAnswerBytes ? body.ToArray() : null;
        answer.Return();
        return new OperationOutcome(ProposalOutcome.Applied, Error: null)
        {
            Revision = proposed.Result!.Revision.Value,
            Status = Kind.Status(proposed.Result!),
            Answer = kept,
        };
    }
}

/// <summary>What became of an accepted write.</summary>
/// <param name="Outcome">As the node told it.</param>
/// <param name="Error">Why it had no effect, or that nobody knows; null when it was applied.</param>
internal sealed record OperationOutcome(ProposalOutcome Outcome, ApiError? Error)
{
    /// <summary>Revision after the write.</summary>
    public long Revision { get; init; }

    /// <summary>Status that the answer would have had.</summary>
    public int Status { get; init; }

    /// <summary>The body that the answer would have had; null when it was too large to keep.</summary>
    public byte[]? Answer { get; init; }
}
