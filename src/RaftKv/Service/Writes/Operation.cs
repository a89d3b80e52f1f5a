using RaftKv.Core.Calls;
using RaftKv.Core;
using RaftKv.Core.Store.Reading;
using RaftKv.Engine;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Writes;

/// <summary>A write that was answered before its outcome was known, and what became of it.</summary>
internal sealed class Operation
{
    private OperationOutcome? _outcome;

    private readonly WriteRules _rules;

    public Operation(string id, string user, WriteRules rules)
    {
        Id = id;
        User = user;
        _rules = rules;
    }

    public string Id { get; }

    /// <summary>Who asked for it.</summary>
    public string User { get; }

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

        CommandResult result = proposed.Result!;
        if (_rules.ErrorOf(result) is { } error)
        {
            return new OperationOutcome(ProposalOutcome.Applied, error);
        }

        Check.That(_rules.Keep is not null, "what is looked up later has a form to be told in");
        return new OperationOutcome(ProposalOutcome.Applied, Error: null)
        {
            Revision = result.Revision.Value,
            Answer = _rules.Keep(result),
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

    /// <summary>The answer that it would have had.</summary>
    public KeptAnswer Answer { get; init; }
}
