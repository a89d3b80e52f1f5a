using System.Runtime.CompilerServices;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Calls;
using RaftKv.Service.Observing;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Writes;

/// <summary>
/// What every write does once it is a command, at whichever door: once under its key, proposed, awaited as far as its
/// concern asks, counted. Any thread.
/// </summary>
internal sealed class Writer
{
    private readonly NodeContext _context;

    public Writer(NodeContext context)
    {
        _context = context;
        Operations = new OperationTable(context);
    }

    /// <summary>The writes that were answered before their outcome was known.</summary>
    public OperationTable Operations { get; }

    /// <summary>Idempotency keys of writes that are under way here.</summary>
    public KeysInFlight KeysInFlight { get; } = new();

    /// <summary>Runs a command under the call's write concern.</summary>
    public ValueTask<WriteOutcome> WriteAsync(ServiceCall call, KvCommand command, WriteRules rules)
    {
        if (call.Share?.Enter(command) is { } tooMuch)
        {
            return new ValueTask<WriteOutcome>(WriteOutcome.Refused(tooMuch));
        }

        return call.Terms is { IsOnce: false, Concern: not WriteConcern.Accepted }
            ? ProposeAsync(call, call.Seal(command), rules)
            : WriteOnceAsync(call, command, rules);
    }

    private async ValueTask<WriteOutcome> WriteOnceAsync(ServiceCall call, KvCommand command, WriteRules rules)
    {
        if (!KeysInFlight.TryEnter(call.User, call.Terms, out KeysInFlight.Entry inFlight))
        {
            return WriteOutcome.Refused(ErrorMapper.InFlight());
        }

        using (inFlight)
        {
            command = call.Seal(command);
            return call.Terms.Concern == WriteConcern.Accepted ? Accept(call, command, rules) : await ProposeAsync(call, command, rules);
        }
    }

    /// <summary>Runs a command that is sealed as it should be, or not at all: a step of a larger call.</summary>
    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    public async ValueTask<WriteOutcome> ProposeAsync(ServiceCall call, KvCommand command, WriteRules rules)
    {
        if (RefusalForRoom(call, command) is { } refused)
        {
            return refused;
        }

        if (call.Encode(command) is not { } envelope)
        {
            return WriteOutcome.Refused(ErrorMapper.CommandTooLarge());
        }

        ProposeResult proposed = await call.ProposeAsync(envelope);
        ApiError? error = proposed.Outcome == ProposalOutcome.Applied
            ? call.Refused(rules.ErrorOf(proposed.Result!))
            : FailureOf(call, proposed, rules);
        if (error is null && call.Terms.Concern == WriteConcern.All && !await ReachesAllAsync(call, proposed))
        {
            error = ErrorMapper.WriteConcernUnmet();
        }

        if (error is null && rules.Removed > Revision.Zero && !await IsRemovedAsync(call, rules.Removed))
        {
            error = ErrorMapper.RemovalUnfinished();
        }

        call.WriteEnded(command, EndOf(proposed, error));
        if (proposed.Result is { } result && (error is not null || rules.TellsState))
        {
            call.WriteAlsoRead(result.Revision);
        }

        return new WriteOutcome(proposed, error);
    }

    /// <summary>The error of a write that was not applied here; one of unknown outcome is followed.</summary>
    public ApiError FailureOf(ServiceCall call, ProposeResult proposed, WriteRules rules)
    {
        ApiError error = ErrorMapper.FromOutcome(proposed.Outcome, _context.Node.Phase);
        if (proposed.Outcome != ProposalOutcome.Unknown || rules.Keep is null)
        {
            return error;
        }

        Operations.Follow(call.User, proposed.OperationId, rules);
        return error with { Operation = proposed.OperationId.ToString() };
    }

    /// <summary>How a write ended, for the metrics.</summary>
    public static WriteEnd EndOf(ProposeResult proposed, ApiError? error) => proposed.Outcome switch
    {
        ProposalOutcome.Applied when error is null => TxnEffects.IsDeclined(proposed.Result!) ? WriteEnd.Refused : WriteEnd.Applied,
        ProposalOutcome.Applied when error.Code == ErrorCode.WriteConcernUnmet => WriteEnd.ConcernUnmet,
        ProposalOutcome.Applied => WriteEnd.Refused,
        ProposalOutcome.Unknown => WriteEnd.Unknown,
        _ => WriteEnd.NotApplied,
    };

    // Refuses, before it is in any log, what an alarm of this node's state refuses anyway: after rights, as where it is applied.
    private WriteOutcome? RefusalForRoom(ServiceCall call, KvCommand command)
    {
        if (_context.Node.View.RefusalForRoom(command, call.Principal) is not { } refusal)
        {
            return null;
        }

        call.Observe();
        ApiError? error = call.Refused(ErrorMapper.FromStore(refusal));
        call.WriteEnded(command, WriteEnd.Refused);
        return new WriteOutcome(Proposed: null, error, Accepted: null, refusal);
    }

    private static async ValueTask<bool> ReachesAllAsync(ServiceCall call, ProposeResult proposed)
    {
        long before = call.Context.Time.GetTimestamp();
        TimeSpan left = call.TimeLeft;
        bool isReached = left > TimeSpan.Zero && await call.Node.WaitForAllAppliedAsync(proposed.Entry.Index, left, call.ClientGone);
        call.Waited(before);
        return isReached;
    }

    private static async ValueTask<bool> IsRemovedAsync(ServiceCall call, Revision revision)
    {
        TimeSpan left = call.TimeLeft;
        return left > TimeSpan.Zero && await call.Node.WaitForRemovalAsync(revision, left, call.ClientGone);
    }

    private WriteOutcome Accept(ServiceCall call, KvCommand command, WriteRules rules)
    {
        if (RefusalForRoom(call, command) is { } refused)
        {
            return refused;
        }

        if (call.Encode(command) is not { } envelope)
        {
            return WriteOutcome.Refused(ErrorMapper.CommandTooLarge());
        }

        Operation? operation = Operations.Start(call.User, envelope, rules);
        if (operation is null)
        {
            return WriteOutcome.Refused(ErrorMapper.FromOutcome(ProposalOutcome.Overloaded, _context.Node.Phase));
        }

        // What is refused at once is told at once: accepted are writes that are really under way.
        if (operation.Outcome is { Outcome: not ProposalOutcome.Applied, Error: { } error })
        {
            return WriteOutcome.Refused(error);
        }

        call.WriteEnded(command, WriteEnd.Accepted);
        return new WriteOutcome(Proposed: null, Error: null, operation);
    }
}
