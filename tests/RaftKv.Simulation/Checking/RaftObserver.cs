using System.Runtime.CompilerServices;
using RaftKv.Core;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// Sees every node at once and holds Raft to its invariants after every event (R1 to R9, R11, A10). Keeps the one
/// committed log that all nodes must agree on, and a reference store that replays it. Costs O(what changed).
/// </summary>
internal sealed partial class RaftObserver
{
    private const long RecountEvery = 50;
    private readonly SimulatedCluster _cluster;
    private readonly Dictionary<long, int> _leaderOfTerm = [];
    private readonly Dictionary<(long Term, long Index), (LogEntry Entry, long PreviousTerm, long SeenAtUs)> _entries = [];
    private readonly Dictionary<(NodeId Node, long Term), NodeId> _votes = [];
    private readonly NodeMemory[] _memory;
    private readonly MvccStore _reference;
    private long _steps;

    public RaftObserver(SimulatedCluster cluster)
    {
        _cluster = cluster;
        _memory = new NodeMemory[cluster.Profile.NodeCount];
        for (int i = 0; i < _memory.Length; i++)
        {
            _memory[i] = new NodeMemory();
        }

        Versions = new VersionChecker(cluster.Profile.NodeCount);
        _reference = BeginWith(cluster.Heritage);
        Members = new MembershipHistory(cluster.Membership, cluster.Profile.NodeCount);
    }

    /// <summary>What leaders raise the cluster to, and what they were told.</summary>
    public VersionChecker Versions { get; }

    /// <summary>The committed log, from index 1 (at position 0).</summary>
    public List<LogEntry> Committed { get; } = [];

    /// <summary>State hash after each index, from index 0: what replay gives.</summary>
    public List<ulong> StateHashes { get; } = [];

    /// <summary>Term of the first node that claimed the commit, by position.</summary>
    public List<long> CommittedInTerm { get; } = [];

    /// <summary>True time at which the first node claimed the commit, by position.</summary>
    public List<long> CommittedAtUs { get; } = [];

    /// <summary>True time at which the entry was first in anybody's log, by position: when it was proposed.</summary>
    public List<long> ProposedAtUs { get; } = [];

    /// <summary>Leases whose end a leader ever proposed, committed or not.</summary>
    public HashSet<LeaseId> ProposedExpiries { get; } = [];

    /// <summary>What replay of everything committed so far gives.</summary>
    public StoreView CommittedView => _reference.View;

    public long LeaderChanges { get; private set; }

    public long HighestTerm { get; private set; }

    /// <summary>Position of the term's leader; -1 when it never had one.</summary>
    public int LeaderOf(long term) => _leaderOfTerm.GetValueOrDefault(term, -1);

    /// <summary>
    /// Answers of the reference store to the committed commands, by position; null for entries without a command.
    /// </summary>
    public List<CommandResult?> Results { get; } = [];

    /// <summary>
    /// What a disk gives back at start must have everything that was synced on it (R6, R9), and the snapshot must equal
    /// replay (R11).
    /// </summary>
    public void NodeRecovered(SimulatedNode node, RecoveredState recovered)
    {
        NodeMemory memory = _memory[node.Position];
        memory.BeginLife();
        Versions.Begun(node.Position);
        HardState was = node.Durable.HardState;
        HardState now = recovered.HardState;
        Demand(now.Term >= was.Term && now.Heard.Term >= was.Heard.Term, "R6", node, $"{now} recovered, {was} was synced");
        Demand(
            now.Term != was.Term || was.VotedFor.IsNone || now.VotedFor == was.VotedFor, "R6", node,
            $"vote {now.VotedFor} recovered in term {now.Term}, {was.VotedFor} was synced");
        memory.Hard = now;
        ForgetUnbornEntries(node, now.Term);
        long snapshotIndex = recovered.Snapshot?.LastEntry.Index.Value ?? 0;
        Demand(
            snapshotIndex >= node.Durable.Snapshot.Index.Value, "R9", node,
            $"snapshot {snapshotIndex} recovered, {node.Durable.Snapshot} was synced");
        LogMirror durable = node.Durable.Log;
        bool isRestarted = recovered.Snapshot is { } newest && recovered.LogStart == newest.LastEntry
            && durable.TermAt(snapshotIndex) != newest.LastEntry.Term.Value;
        long recoveredLast = recovered.LogStart.Index.Value + recovered.Entries.Count;
        for (long i = Math.Max(durable.Start.Index.Value, Math.Max(recovered.LogStart.Index.Value, snapshotIndex)) + 1; i <= durable.LastIndex.Value; i++)
        {
            // A batch that was written but not synced may have replaced the entry by what a later leader has there, which may
            // be of an earlier term; a lost one may not be missing.
            long at = i - recovered.LogStart.Index.Value - 1;
            bool isThere = at < recovered.Entries.Count && IsKeptOrReplaced(node, recovered.Entries[(int)at]);
            if (isRestarted && (i > Committed.Count || Committed[(int)i - 1].Term.Value != durable.TermAt(i)))
            {
                // The log did not hold the snapshot's last entry: what followed was never committed (Raft 7).
                continue;
            }

            bool isReplaced = !isThere && recoveredLast < i && WasCutByWhatCame(node, recovered);
            Demand(isThere || isReplaced, "R9", node, $"entry {durable.TermAt(i)}/{i} was synced and is not recovered (last is {recoveredLast})");
        }

        if (recovered.Snapshot is { } snapshot)
        {
            SnapshotViewTaken(node, snapshot, recovered.Store.View);
        }

        Members.Recovered(node, recovered.Entries, _cluster.NowUs);
        foreach (LogEntry entry in recovered.Entries)
        {
            Register(node, entry, entry.Index.Value - 1 == recovered.LogStart.Index.Value
                ? recovered.LogStart.Term.Value
                : recovered.Entries[(int)(entry.Index - recovered.LogStart.Index) - 2].Term.Value);
        }
    }

    /// <summary>R11: a snapshot of index i equals replay up to i.</summary>
    internal void SnapshotViewTaken(SimulatedNode node, EntryId snapshot, StoreView view)
    {
        long index = snapshot.Index.Value;
        Demand(view.AppliedIndex.Value == index, "R11", node, $"snapshot {snapshot} holds a view of index {view.AppliedIndex}");
        Demand(index <= Committed.Count, "R11", node, $"snapshot {snapshot} is beyond the committed log ({Committed.Count})");
        Demand(Committed[(int)index - 1].Id == snapshot, "R11", node, $"snapshot {snapshot}, committed {Committed[(int)index - 1].Id}");
        Demand(view.StateHash == StateHashes[(int)index], "R11", node, $"snapshot {snapshot} has another state than replay");
    }

    /// <summary>R2, R3, R6, R8: what a replica writes next.</summary>
    public void BatchAsked(SimulatedNode node, PersistBatch batch)
    {
        NodeMemory memory = _memory[node.Position];
        Demand(batch.Number == memory.LastBatch + 1, "R9", node, $"batch {batch.Number} follows {memory.LastBatch}");
        memory.LastBatch = batch.Number;
        if (batch.HardState is { } state)
        {
            Demand(state.Term >= memory.Hard.Term, "R6", node, $"term goes back from {memory.Hard.Term} to {state.Term}");
            Demand(
                state.Term != memory.Hard.Term || memory.Hard.VotedFor.IsNone || memory.Hard.VotedFor == state.VotedFor, "R6", node,
                $"vote in term {state.Term} changes from {memory.Hard.VotedFor} to {state.VotedFor}");
            Demand(state.CommitIndex >= memory.Hard.CommitIndex, "R7", node, $"commit index goes back to {state.CommitIndex}");
            memory.Hard = state;
        }

        if (batch.LogStart is { } start)
        {
            CheckReset(node, start);
        }

        if (batch.Entries.Count > 0)
        {
            if (Members.Appended(node, batch.Entries, _cluster.NowUs))
            {
                _cluster.Reach.Members.RolledBack();
            }

            CheckEntries(node, batch);
        }
    }

    /// <summary>R9, R6: nothing leaves that a power cut could take back.</summary>
    public void MessageLeaves(SimulatedNode node, Message message)
    {
        Demand(message.From == node.Id, "R9", node, $"message from {message.From}");
        switch (message)
        {
            case AppendRequest or Heartbeat or CommitNotice or SnapshotChunk:
                Demand(
                    message.Term <= node.Durable.HardState.Term, "R9", node,
                    $"leads term {message.Term}, durable term {node.Durable.HardState.Term}");
                break;
            case AppendAccepted accepted:
                Demand(
                    accepted.MatchIndex <= node.Durable.LastIndex, "R9", node,
                    $"acknowledges {accepted.MatchIndex}, durable up to {node.Durable.LastIndex}");
                Demand(
                    accepted.Term <= node.Durable.HardState.Term, "R9", node,
                    $"acknowledges in term {accepted.Term}, durable term {node.Durable.HardState.Term}");
                break;
            case SnapshotResponse { IsInstalled: true } installed:
                Demand(
                    node.Durable.LastIndex >= installed.Snapshot.Index, "R9", node, $"acknowledges snapshot {installed.Snapshot} before it is durable");
                break;
            case VoteResponse { IsGranted: true, IsPreVote: false } vote:
                CheckVote(node, vote.Term, vote.To);
                break;
            case VoteRequest { IsPreVote: false } request:
                CheckVote(node, request.Term, node.Id);
                break;
            default:
                break;
        }
    }

    /// <summary>R1, R2, R4, R5, R7 after a node has taken inputs.</summary>
    public void AfterStep(SimulatedNode node)
    {
        if (node.Replica is { } replica)
        {
            RaftPicture now = ReplicaProbe.Look(replica);
            bool hasApplied = now.AppliedIndex != _memory[node.Position].AppliedIndex;
            Observe(node, now, hasApplied ? replica.View.StateHash : 0);
            _cluster.Leases.AfterStep(node);
            _cluster.LeaseSigns.Stepped(node.Position, replica.LeaseRounds, _cluster.NowUs);
            _cluster.Reach.Stepped(node, replica, now);
            ReplicaProbe.CheckBounds(replica, _cluster.Profile);
            SliceChecker.Check(replica, _memory[node.Position]);
            if ((++_steps & 127) == 0)
            {
                ReplicaProbe.CheckWholeState(replica);
            }
        }
    }

    /// <summary>A10: the leader's own audit finds nothing, as long as this observer finds nothing.</summary>
    public void NoAlarms(SimulatedNode node, List<DivergenceAlarm> alarms) =>
        Demand(alarms.Count == 0, "A10", node, $"{alarms.Count} alarms of diverged states, where there is none");

    /// <summary>As <see cref="AfterStep"/>, from a picture; the hash counts when the applied index has moved.</summary>
    internal void Observe(SimulatedNode node, in RaftPicture now, ulong stateHash)
    {
        NodeMemory memory = _memory[node.Position];
        Demand(now.LastIndex == node.Log.LastIndex.Value, "R3", node, $"log ends at {now.LastIndex}, batches end at {node.Log.LastIndex}");
        Demand(now.AppliedIndex <= now.CommitIndex, "R5", node, $"applied {now.AppliedIndex} beyond commit {now.CommitIndex}");
        Demand(now.CommitIndex >= memory.CommitIndex, "R7", node, $"commit index goes back from {memory.CommitIndex} to {now.CommitIndex}");
        bool hasLed = now.Role == Role.Leader && memory.LeaderTerm == now.Term;
        if (now.Role == Role.Leader)
        {
            CheckLeader(node, memory, now);
            Demand(
                Members.UncommittedOf(node, now.CommitIndex) <= 1, "R10", node,
                $"leads with {Members.UncommittedOf(node, now.CommitIndex)} memberships that are not committed");
        }
        else
        {
            memory.LeaderTerm = -1;
        }

        HighestTerm = Math.Max(HighestTerm, now.Term);
        if (now.CommitIndex > memory.CommitIndex)
        {
            // Raft 5.4.2: by counting a leader commits entries of its own term only; older ones commit with them.
            Demand(
                !hasLed || node.Log.TermAt(now.CommitIndex) == now.Term, "R4", node,
                $"leader of term {now.Term} commits up to {now.CommitIndex}, an entry of term {node.Log.TermAt(now.CommitIndex)}");
            CheckCommit(node, memory.CommitIndex, now);
            memory.CommitIndex = now.CommitIndex;
        }

        memory.LastIndex = now.LastIndex;

        if (now.AppliedIndex != memory.AppliedIndex)
        {
            Demand(now.AppliedIndex > memory.AppliedIndex, "R5", node, $"applied index goes back to {now.AppliedIndex}");
            memory.AppliedIndex = now.AppliedIndex;
            memory.MostApplied = Math.Max(memory.MostApplied, now.AppliedIndex);
            _cluster.Trace.Add(_cluster.NowUs, node.Position, TraceKind.Applied, now.AppliedIndex, (long)stateHash);
            CheckApplied(node, now.AppliedIndex, stateHash);
        }
    }

    /// <summary>R5, A10.</summary>
    private void CheckApplied(SimulatedNode node, long index, ulong hash)
    {
        Demand(index <= Committed.Count, "R5", node, $"applied {index}, committed {Committed.Count}");
        Demand(hash == StateHashes[(int)index], "R5", node, $"state hash {hash:x16} at index {index}, replay gives {StateHashes[(int)index]:x16}");
    }

    /// <summary>
    /// A lone voter leads before its term is durable. What it appended then never left it (R9) and died with it; the
    /// names are free again.
    /// </summary>
    private void ForgetUnbornEntries(SimulatedNode node, Term durableTerm)
    {
        if (Members.Of(node) is not { IsJoint: false, Voters: [var only] } || only != node.Id)
        {
            // What others sent is theirs, and lives on with them.
            return;
        }

        for (long i = node.Log.LastIndex.Value; node.Log.At(i) is { } entry && entry.Term > durableTerm; i--)
        {
            _entries.Remove((entry.Term.Value, entry.Index.Value));
        }
    }

    private void CheckLeader(SimulatedNode node, NodeMemory memory, in RaftPicture now)
    {
        if (memory.LeaderTerm == now.Term)
        {
            return;
        }

        memory.LeaderTerm = now.Term;
        if (_leaderOfTerm.TryGetValue(now.Term, out int other))
        {
            Demand(other == node.Position, "R1", node, $"term {now.Term} has the leaders {other + 1} and {node.Position + 1}");
        }
        else
        {
            _leaderOfTerm.Add(now.Term, node.Position);
            LeaderChanges++;
        }

        _cluster.Trace.Add(_cluster.NowUs, node.Position, TraceKind.Leader, now.Term, now.LastIndex);
        int last = Committed.Count;
        while (last > 0 && CommittedInTerm[last - 1] >= now.Term)
        {
            last--;
        }

        if (last > 0 && last > node.Log.Start.Index.Value)
        {
            // R4; log matching (R3) makes the last one stand for all before it.
            Demand(
                node.Log.TermAt(last) == Committed[last - 1].Term.Value, "R4", node,
                $"leader of term {now.Term} misses committed entry {Committed[last - 1].Id} (has term {node.Log.TermAt(last)})");
        }
    }

    private void CheckCommit(SimulatedNode node, long from, in RaftPicture now)
    {
        Demand(now.CommitIndex <= now.LastIndex, "R7", node, $"commit {now.CommitIndex} beyond last {now.LastIndex}");
        bool isNews = false;
        for (long i = Math.Max(from, node.Log.Start.Index.Value) + 1; i <= now.CommitIndex; i++)
        {
            LogEntry entry = node.Log.At(i)!.Value;
            if (i <= Committed.Count)
            {
                Demand(Committed[(int)i - 1].Id == entry.Id, "R3", node, $"commits {entry.Id}, others committed {Committed[(int)i - 1].Id}");
                continue;
            }

            Demand(i == Committed.Count + 1, "R7", node, $"commit jumps from {Committed.Count} to {i}");
            Commit(node, entry, now.Term);
            isNews = true;
            _cluster.Reach.Committed(node, entry, now.Term);
        }

        if (isNews)
        {
            CheckQuorum(node, Committed[^1].Id);
        }

        _cluster.Trace.Add(_cluster.NowUs, node.Position, TraceKind.Commit, now.CommitIndex, now.Term);
    }

    private void Commit(SimulatedNode node, LogEntry entry, long term)
    {
        if (entry.Kind == EntryKind.Membership)
        {
            string? broken = Members.Commit(entry);
            Demand(broken is null, "R10", node, $"commits {entry.Id}: {broken}");
        }

        Committed.Add(entry);
        StoreView before = _reference.View;
        CommittedInTerm.Add(term);
        CommittedAtUs.Add(_cluster.NowUs);
        ProposedAtUs.Add(_entries[(entry.Term.Value, entry.Index.Value)].SeenAtUs);
        Results.Add(Replay(_reference, entry));
        StateHashes.Add(_reference.Publish().StateHash);
        SpaceChecker.Check(before, _reference.View, entry.Index.Value % RecountEvery == 0);
        RemovalChecker.Check(before, _reference.View, entry, _cluster.Profile.AutoCompaction);
    }

    private void CheckReset(SimulatedNode node, EntryId start)
    {
        for (long i = start.Index.Value + 1; i <= Math.Min(node.Log.LastIndex.Value, Committed.Count); i++)
        {
            Demand(
                node.Log.TermAt(i) != Committed[(int)i - 1].Term.Value, "R8", node,
                $"a snapshot at {start} drops committed entry {Committed[(int)i - 1].Id}");
        }
    }

    private void CheckEntries(SimulatedNode node, PersistBatch batch)
    {
        LogMirror log = node.Log;
        long first = batch.Entries[0].Index.Value;
        EntryId start = batch.LogStart ?? log.Start;
        EntryId last = batch.LogStart ?? log.Last;
        Demand(first > start.Index.Value && first <= last.Index.Value + 1, "R3", node, $"entry {first} after a log {start}..{last}");
        if (batch.LogStart is null && first <= last.Index.Value)
        {
            NodeMemory memory = _memory[node.Position];
            Demand(memory.LeaderTerm < 0 || memory.Hard.Term.Value != memory.LeaderTerm, "R2", node, $"a leader of term {memory.LeaderTerm} truncates at {first}");
            for (long i = first; i <= Math.Min(last.Index.Value, Committed.Count); i++)
            {
                bool isSame = i - first < batch.Entries.Count && batch.Entries[(int)(i - first)].Id == Committed[(int)i - 1].Id;
                Demand(
                    isSame || log.TermAt(i) != Committed[(int)i - 1].Term.Value, "R8", node,
                    $"committed entry {Committed[(int)i - 1].Id} is truncated");
            }
        }

        long previousTerm = batch.LogStart is { } reset && first == reset.Index.Value + 1 ? reset.Term.Value : log.TermAt(first - 1);
        for (int i = 0; i < batch.Entries.Count; i++)
        {
            LogEntry entry = batch.Entries[i];
            Demand(entry.Index.Value == first + i, "R3", node, $"entry {entry.Id} at place {first + i}");
            if (Register(node, entry, previousTerm))
            {
                Versions.Proposed(
                    node.Position, entry, node.Id, node.Storage.Gates.Newest, Members.Of(node, entry.Index.Value));
            }

            previousTerm = entry.Term.Value;
        }
    }

    /// <summary>R3: one id is one entry with one predecessor, everywhere and for ever. True for one that was not known.</summary>
    private bool Register(SimulatedNode node, LogEntry entry, long previousTerm)
    {
        (long, long) key = (entry.Term.Value, entry.Index.Value);
        if (!_entries.TryGetValue(key, out (LogEntry Entry, long PreviousTerm, long SeenAtUs) known))
        {
            Demand(entry.Term.Value >= previousTerm, "R3", node, $"term falls from {previousTerm} at {entry.Id}");
            _entries.Add(key, (entry, previousTerm, _cluster.NowUs));
            NoteExpiry(entry);
            NoteFounding(entry);
            return true;
        }

        Demand(known.PreviousTerm == previousTerm, "R3", node, $"{entry.Id} follows terms {known.PreviousTerm} and {previousTerm}");
        Demand(
            known.Entry.Kind == entry.Kind
            && (known.Entry.Payload.Equals(entry.Payload) || known.Entry.Payload.Span.SequenceEqual(entry.Payload.Span)),
            "R3", node, $"two different entries are called {entry.Id}");
        return false;
    }

    private void NoteFounding(LogEntry entry)
    {
        if (entry is { Kind: EntryKind.Noop, Payload.Length: > 0 })
        {
            Versions.Began(Founding.VersionIn(entry.Payload.Span));
        }
    }

    private void NoteExpiry(LogEntry entry)
    {
        if (entry.Kind == EntryKind.Command
            && KvCommandCodec.TryDecode(entry.Payload[CommandEnvelope.HeaderBytes..], out KvCommand? command)
            && command is ExpireLeaseCommand expire && expire.Term == entry.Term)
        {
            ProposedExpiries.Add(expire.Id);
            _cluster.Reach.ExpiryProposed(expire.Id, entry.Id);
        }
    }

    private void CheckVote(SimulatedNode node, Term term, NodeId candidate)
    {
        HardState durable = node.Durable.HardState;
        Demand(
            durable.Term > term || (durable.Term == term && durable.VotedFor == candidate), "R9", node,
            $"votes for {candidate.Value} in term {term}; durable is term {durable.Term}, vote {durable.VotedFor.Value}");
        (NodeId, long) key = (node.Id, term.Value);
        if (_votes.TryGetValue(key, out NodeId before))
        {
            Demand(before == candidate, "R6", node, $"votes for {before.Value} and {candidate.Value} in term {term}");
        }
        else
        {
            _votes.Add(key, candidate);
        }
    }

    private static void Demand(
        bool condition, string rule, SimulatedNode node, [InterpolatedStringHandlerArgument(nameof(condition))] DemandText text)
    {
        if (!condition)
        {
            throw new SimulationViolationException(rule, $"node {node.Position + 1}: {text.ToString()}");
        }
    }
}
