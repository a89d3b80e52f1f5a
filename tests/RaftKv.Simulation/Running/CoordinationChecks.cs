using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;
using RaftKv.Simulation.Reach;

namespace RaftKv.Simulation.Running;

/// <summary>Puts together what the checkers of leases, locks, repeats and watches ask for, at the end of a world.</summary>
internal sealed class CoordinationChecks(SimulatedCluster cluster, NaiveStore replayed)
{
    private readonly RaftObserver _observer = cluster.Observer;
    private readonly List<ClientOperation> _operations = cluster.Clients.Operations;

    /// <summary>The phase in which nothing failed and somebody led; E4 is asked in it.</summary>
    public required long HealthySinceUs { get; init; }
    public required long HealthyUntilUs { get; init; }

    /// <summary>The cluster was given up amid its faults: nobody is there to ask, and nothing had to come to its end.</summary>
    public bool IsGivenUp { get; init; }

    private StoreView FinalView => IsGivenUp ? _observer.CommittedView : cluster.SoundNodes.First().Replica!.View;

    public void Check()
    {
        CheckStates();
        List<(LogEntry Entry, KvCommand Command)> commands = Commands();
        List<LeaseFacts> lives = LeaseLives(commands);
        cluster.Counters.LeasesEnded += lives.Count(static l => l.EndedAtUs != long.MaxValue);
        List<LeaseAsk> asks = cluster.Clients.Asks.All;
        LeaseTimeChecker.Check(lives, asks);
        if (!IsGivenUp)
        {
            CheckUpperBound(lives, asks);
        }

        List<(LogEntry Entry, KvCommand Command)> own = commands.FindAll(c => c.Entry.Index.Value > _observer.BaseIndex);
        LockChecker.Check(LockChecker.ClaimsOf(_operations), FencedWrites(own), replayed.Places, replayed.Leases);
        bool isWindowOpen = replayed.TimeMs < replayed.Once.LowestFloorMs;
        OnceChecker.CheckAnswers(_operations, isWindowOpen);
        OnceChecker.CheckCounters(
            commands.Select(c => (c.Command, _observer.Results[(int)c.Entry.Index.Value - 1]!)), FinalView, isWindowOpen);

        foreach (SimulatedWatch watch in cluster.Watchers.Watches)
        {
            WatchChecker.Check(watch, replayed.Changes, replayed.Compactions, IsGivenUp ? 0 : replayed.Revision);
            cluster.Counters.Leaderships += watch.Election is null ? 0 : ObserverChecker.Check(watch, replayed.Places);
        }

        List<LogEntry> noops = _observer.Committed.FindAll(e => e.Kind == EntryKind.Noop && e.Index.Value > _observer.BaseIndex);
        cluster.Reach.End(new ReachStory(own, _observer.Results, noops, replayed, _operations, asks));
    }

    private void CheckUpperBound(List<LeaseFacts> lives, List<LeaseAsk> asks)
    {
        long timeoutUs = cluster.Profile.ElectionTimeoutTicks * SwarmProfile.TickUs;
        List<LeaseFacts> healthy = lives.FindAll(l => l.GrantedAtUs < HealthyUntilUs && l.EndedAtUs > HealthySinceUs);
        int noop = LastNoopBefore(HealthyUntilUs);
        LeaseTimeChecker.CheckUpperBound(
            healthy, asks, cluster.LeaseSigns, HealthySinceUs, HealthyUntilUs, timeoutUs, noop < 0 ? 0 : _observer.CommittedAtUs[noop]);
    }

    // What was refused for room did not run, and a repeat may run later.
    private void CheckStates()
    {
        foreach (SimulatedNode node in IsGivenUp ? [] : cluster.SoundNodes)
        {
            if (replayed.CheckWhole(node.Replica!.View) is { } problem)
            {
                throw new SimulationViolationException("A10", $"node {node.Position + 1} ends in another state than replay: {problem}");
            }
        }
    }

    private List<(LogEntry Entry, KvCommand Command)> Commands()
    {
        var commands = new List<(LogEntry, KvCommand)>();
        foreach (LogEntry entry in _observer.Committed)
        {
            if (entry.Kind == EntryKind.Command
                && KvCommandCodec.TryDecode(entry.Payload[CommandEnvelope.HeaderBytes..], out KvCommand? command))
            {
                commands.Add((entry, command!));
            }
        }

        return commands;
    }

    private List<LeaseFacts> LeaseLives(List<(LogEntry Entry, KvCommand Command)> commands)
    {
        var lives = new List<LeaseFacts>();
        int noop = LastNoopBefore(HealthyUntilUs);
        foreach (NaiveLease lease in replayed.Leases)
        {
            var life = new LeaseFacts
            {
                Id = lease.Id,
                TtlMs = lease.TtlMs,
                ProposedAtUs = _observer.ProposedAtUs[(int)lease.GrantedIndex - 1],
                GrantedAtUs = _observer.CommittedAtUs[(int)lease.GrantedIndex - 1],
                Reason = lease.Reason,
                KnownAtUs = KnownAtUs(lease.GrantedIndex, noop),
                WasJudged = _observer.ProposedExpiries.Contains(new LeaseId(lease.Id)),
            };
            int end = lease.EndedIndex == long.MaxValue ? -1 : (int)lease.EndedIndex - 1;
            lives.Add(end < 0 ? life : life with
            {
                EndProposedAtUs = _observer.ProposedAtUs[end],
                EndedAtUs = _observer.CommittedAtUs[end],
                TermBeganAtUs = TermBegan(_observer.Committed[end]),
            });
        }

        return lives;
    }

    // Terms begin anew with a restore.
    private long TermBegan(LogEntry end)
    {
        int from = end.Index.Value > _observer.BaseIndex ? _observer.BaseIndex : 0;
        return end.Kind == EntryKind.Command
            ? _observer.ProposedAtUs[_observer.Committed.FindIndex(from, e => e.Term == end.Term)]
            : _observer.ProposedAtUs[(int)end.Index.Value - 1];
    }

    private long KnownAtUs(long grantedIndex, int noop)
    {
        // No answer: its leader was deposed before, and the phase ended before the next one's no-op was committed.
        long index = Math.Max(grantedIndex, noop + 1);
        return noop >= 0 && cluster.Leases.Progress.AppliedAtUs(_observer.Committed[noop].Term.Value, index) is { } atUs
            ? Math.Min(atUs, HealthyUntilUs) : HealthyUntilUs;
    }

    // By position; -1 when there is none.
    private int LastNoopBefore(long timeUs)
    {
        int noop = -1;
        for (int i = 0; i < _observer.Committed.Count && _observer.CommittedAtUs[i] < timeUs; i++)
        {
            noop = _observer.Committed[i].Kind == EntryKind.Noop ? i : noop;
        }

        return noop;
    }

    private List<FencedWrite> FencedWrites(List<(LogEntry Entry, KvCommand Command)> commands)
    {
        var writes = new List<FencedWrite>();
        foreach ((LogEntry entry, KvCommand command) in commands)
        {
            if (command.Fences.Count > 0
                && _observer.Results[(int)entry.Index.Value - 1] is { Status: CommandStatus.Ok, IsReplayed: false })
            {
                Fence fence = command.Fences[0];
                writes.Add(new FencedWrite(
                    fence.Kind, System.Text.Encoding.Latin1.GetString(fence.Name.Span), fence.Token.Value, entry.Index.Value));
            }
        }

        return writes;
    }
}
