using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// Replays the committed log in the naive model. A1: each answer is what the replay gives at its place, and the places
/// follow real time.
/// A2: each acknowledged write is in the log exactly once, a refused one never, an unknown one at most once.
/// </summary>
internal static class ReplayChecker
{
    // Nobody waits for a proposal with this number.
    private const long OwnNumber = 0;

    /// <param name="begin">
    /// What the log goes on from, for a cluster that was restored: it begins behind the place of the restore. Null for one that
    /// began with nothing.
    /// </param>
    public static NaiveStore Check(
        IReadOnlyList<LogEntry> committed, IReadOnlyList<CommandResult?> results, List<ClientOperation> operations,
        NaiveStore? begin = null)
    {
        CheckPlaces([.. committed.Skip((int)(begin?.Index ?? 0))], operations);
        CheckRealTime(operations);
        return CheckAnswers(committed, results, operations, begin);
    }

    /// <summary>The model after a prefix of a log, for what is restored from it; answers are checked on the way.</summary>
    public static NaiveStore ModelAt(IReadOnlyList<LogEntry> committed, IReadOnlyList<CommandResult?> results, long index)
    {
        // What clients were told is held against the whole log elsewhere.
        List<LogEntry> prefix = [.. committed.Take((int)index)];
        return CheckAnswers(prefix, results, [], begin: null);
    }

    /// <summary>A2.</summary>
    internal static void CheckPlaces(IReadOnlyList<LogEntry> committed, List<ClientOperation> operations)
    {
        long[] places = new long[operations.Count == 0 ? 1 : operations[^1].Id + 1];
        var index = new OperationIndex(operations);
        foreach (LogEntry entry in committed)
        {
            if (entry.Kind != EntryKind.Command)
            {
                continue;
            }

            bool isEnvelope = CommandEnvelope.TryRead(entry.Payload.Span, out _, out _, out long number);
            if (isEnvelope && number == OwnNumber && IsLeadersOwn(entry))
            {
                continue;
            }

            if (index.Find(entry) is not { } operation)
            {
                throw new SimulationViolationException("A2", $"entry {entry.Id} was proposed by nobody");
            }

            if (places[operation.Id] != 0)
            {
                throw new SimulationViolationException(
                    "A2", $"operation {operation.Id} is in the log twice: at {places[operation.Id]} and {entry.Index}");
            }

            places[operation.Id] = entry.Index.Value;
        }

        foreach (ClientOperation operation in operations)
        {
            long place = places[operation.Id];
            if (operation.Outcome == OperationOutcome.Refused && place != 0)
            {
                throw new SimulationViolationException("A2", $"operation {operation.Id} was refused, and is in the log at {place}");
            }

            if (operation.Outcome == OperationOutcome.Ok && !operation.IsRead && place != operation.Entry.Index.Value)
            {
                throw new SimulationViolationException(
                    "A2", $"operation {operation.Id} was acknowledged at {operation.Entry}, the log has it at {place} (0 is nowhere)");
            }
        }
    }

    /// <summary>A1: what returned before another began comes before it in the log; a write even strictly.</summary>
    internal static void CheckRealTime(List<ClientOperation> operations)
    {
        var returned = new List<ClientOperation>(operations.FindAll(o => o.Outcome == OperationOutcome.Ok));
        returned.Sort((a, b) => a.ReturnedAt.CompareTo(b.ReturnedAt));
        long latest = 0;
        int next = 0;
        foreach (ClientOperation operation in operations)
        {
            // Operations are listed in the order of their invocation.
            while (next < returned.Count && returned[next].ReturnedAt < operation.InvokedAt)
            {
                latest = Math.Max(latest, Place(returned[next++]));
            }

            if (operation.Outcome != OperationOutcome.Ok || !operation.IsStrong)
            {
                continue;
            }

            bool isInOrder = operation.IsRead ? Place(operation) >= latest : Place(operation) > latest;
            if (!isInOrder)
            {
                throw new SimulationViolationException(
                    "A1", $"operation {operation.Id} took place at {Place(operation)}, after index {latest} had been seen");
            }
        }
    }

    /// <summary>A1, A8, A9: every answer is what the naive model gives.</summary>
    internal static NaiveStore CheckAnswers(
        IReadOnlyList<LogEntry> committed, IReadOnlyList<CommandResult?> results, List<ClientOperation> operations,
        NaiveStore? begin = null)
    {
        NaiveStore model = begin ?? new NaiveStore();
        int first = (int)model.Index;
        var named = new OperationIndex(operations);
        List<ClientOperation> reads = operations.FindAll(o => o.IsRead && o.Outcome == OperationOutcome.Ok);
        reads.Sort((a, b) => a.ViewIndex != b.ViewIndex ? a.ViewIndex.CompareTo(b.ViewIndex) : a.Id.CompareTo(b.Id));
        int nextRead = 0;
        for (int index = first; index <= committed.Count; index++)
        {
            if (begin is null && index == 1)
            {
                model.Version = committed[0].Payload.Span[0];
            }

            if (index > first && committed[index - 1].Kind == EntryKind.Command)
            {
                CheckEntry(model, committed[index - 1], results[index - 1]!, named);
            }

            for (; nextRead < reads.Count && reads[nextRead].ViewIndex == index; nextRead++)
            {
                ClientOperation read = reads[nextRead];
                string? problem = read.ViewRevision == model.Revision
                    ? model.CheckRead(read.Request!, read.Read!) ?? (read.Queue is null ? null : model.CheckQueue(read.Queue))
                    : $"view revision {read.ViewRevision}, expected {model.Revision}";
                if (problem is not null)
                {
                    // A7: whatever the level, what is read is the state after one index, and the revision is that state's.
                    throw new SimulationViolationException(
                        read.IsStrong ? "A1" : "A7", $"read {read.Id} ({read.Terms.Level}) at index {index}: {problem}");
                }
            }
        }

        if (nextRead < reads.Count)
        {
            ClientOperation read = reads[nextRead];
            throw new SimulationViolationException(
                read.IsStrong ? "A1" : "A7", $"read {read.Id} ({read.Terms.Level}) saw index {read.ViewIndex}, which was never committed");
        }

        return model;
    }

    private static void CheckEntry(NaiveStore model, LogEntry entry, CommandResult result, OperationIndex operations)
    {
        CommandEnvelope.TryRead(entry.Payload.Span, out _, out _, out long number);
        if (!KvCommandCodec.TryDecode(entry.Payload[CommandEnvelope.HeaderBytes..], out KvCommand? command))
        {
            throw new SimulationViolationException("A1", $"entry {entry.Id} holds no command");
        }

        Demand(
            NaiveStore.VersionFor(command!) > model.Version ? $"it needs more than the version, which is {model.Version}" : null, "R16",
            $"entry {entry.Id} ({Named(command!)})");
        int denied = model.DeniedCount;
        string? problem = model.Run(command!, result, entry.Term.Value, entry.Index.Value);
        bool isAboutRights = model.DeniedCount > denied || result.Status == CommandStatus.AccessDenied;
        Demand(problem, isAboutRights ? "S1" : RuleOf(command!), $"entry {entry.Id} ({Named(command!)})");
        if (number == OwnNumber)
        {
            return;
        }

        if (operations.Find(entry) is not { } operation)
        {
            return;
        }

        if (operation.Outcome == OperationOutcome.Ok && operation.Entry != entry.Id)
        {
            throw new SimulationViolationException("A2", $"operation {operation.Id} was acknowledged at {operation.Entry}, it is {entry.Id}");
        }

        if (operation.Outcome == OperationOutcome.Ok && !ResultComparer.AreSame(operation.Result!, result))
        {
            throw new SimulationViolationException("A1", $"operation {number} was answered otherwise than its entry {entry.Id} replays");
        }
    }

    // Time is what leaders propose for themselves; whatever a client could have asked for has a client.
    private static bool IsLeadersOwn(LogEntry entry) =>
        KvCommandCodec.TryDecode(entry.Payload[CommandEnvelope.HeaderBytes..], out KvCommand? command)
        && command is (ExpireLeaseCommand or AdvanceTimeCommand or SetClusterVersionCommand or CompactSliceCommand or CompactCommand
            or ReportBudgetCommand or SetStoreQuotaCommand { IsSeed: true }
            or RaiseAlarmCommand { Cause: AlarmCause.Disk } or ClearAlarmCommand { OnlyCause: AlarmCause.Disk });

    private static long Place(ClientOperation operation) => operation.IsRead ? operation.ViewIndex : operation.Entry.Index.Value;

    /// <summary>The rule that a wrong answer breaks first.</summary>
    private static string RuleOf(KvCommand command) => command switch
    {
        { Idempotency: not null } or { Session: not null } or OpenSessionCommand or CloseSessionCommand or SetOnceLimitsCommand => "A3",
        { Fences.Count: > 0 } => "K3",
        ExpireLeaseCommand => "E5",
        RevokeLeaseCommand => "E2",
        SetQuotaCommand or RemoveQuotaCommand or SetStoreQuotaCommand or ReportBudgetCommand => "Q4",
        RaiseAlarmCommand or ClearAlarmCommand => "Q4",
        ChangeAccessCommand => "S1",
        MutateCommand { Op: AcquireOp } => "K1",
        _ => "A1",
    };

    private static string Named(KvCommand command) => command is MutateCommand mutate ? mutate.Op.GetType().Name : command.GetType().Name;

    private static void Demand(string? problem, string rule, string what)
    {
        if (problem is not null)
        {
            throw new SimulationViolationException(rule, $"{what}: {problem}");
        }
    }
}
