using RaftKv.Core;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>
/// Each invariant, fed with a state that breaks it, must say so; and a state that keeps it must pass.
/// </summary>
public sealed class RaftObserverTests
{
    private readonly SimulatedCluster _cluster;

    public RaftObserverTests()
    {
        var profile = new SwarmProfile(new DeterministicRandom(1), voterCount: 3);
        profile.MakeCalm();
        _cluster = new SimulatedCluster(1, profile, new DeterministicRandom(1));
    }

    [Fact]
    public void A_normal_start_passes()
    {
        CommitOnAll(Entry(1, 1), Entry(1, 2));
        Observe(0, Role.Leader, 1, commit: 2, last: 2, applied: 2);
        Observe(1, Role.Follower, 1, commit: 2, last: 2, applied: 2);
    }

    [Fact]
    public void R1_two_leaders_of_one_term_are_seen()
    {
        Observe(0, Role.Leader, 2);
        Observe(1, Role.Follower, 2);
        Fails("R1", () => Observe(1, Role.Leader, 2));
    }

    [Fact]
    public void A1_a_read_of_all_that_one_voter_has_not_applied_is_seen()
    {
        CommitOnAll(Entry(1, 1), Entry(1, 2));
        Observe(0, Role.Leader, 1, commit: 2, last: 2, applied: 2);
        Observe(1, Role.Follower, 1, commit: 2, last: 2, applied: 2);
        Fails("A1", () => _cluster.Observer.DemandAllApplied(_cluster.Nodes[0], 2, sinceUs: 0));
        Observe(2, Role.Follower, 1, commit: 2, last: 2, applied: 2);
        _cluster.Observer.DemandAllApplied(_cluster.Nodes[0], 2, sinceUs: 0);
    }

    [Fact]
    public void A10_an_alarm_of_the_leaders_own_audit_is_seen() => Fails("A10", () => _cluster.Observer.NoAlarms(
        _cluster.Nodes[0], [new DivergenceAlarm(new NodeId(2), new LogIndex(1), 1, 2)]));

    [Fact]
    public void R2_a_leader_that_truncates_its_log_is_seen()
    {
        Ask(0, Batch(1, 2, Entry(2, 1), Entry(2, 2)));
        Observe(0, Role.Leader, 2, last: 2);
        Fails("R2", () => Ask(0, Batch(2, 2, Entry(2, 2))));
    }

    [Fact]
    public void R3_two_entries_with_one_id_are_seen()
    {
        Ask(0, Batch(1, 1, Entry(1, 1, payload: 1)));
        Fails("R3", () => Ask(1, Batch(1, 1, Entry(1, 1, payload: 2))));
    }

    [Fact]
    public void R3_one_entry_after_two_different_ones_is_seen()
    {
        Ask(0, Batch(1, 3, Entry(1, 1), Entry(3, 2)));
        Fails("R3", () => Ask(1, Batch(1, 3, Entry(2, 1), Entry(3, 2))));
    }

    [Fact]
    public void R3_a_gap_in_a_batch_is_seen() => Fails("R3", () => Ask(0, Batch(1, 1, Entry(1, 1), Entry(1, 3))));

    [Fact]
    public void R3_nodes_that_commit_different_entries_are_seen()
    {
        CommitOnAll(Entry(1, 1));
        Observe(0, Role.Leader, 1, commit: 1, last: 1, applied: 1);
        Ask(2, Batch(2, 2, Entry(2, 2)));
        Ask(1, Batch(2, 3, Entry(3, 2)));
        Sync(1, Batch(2, 3, Entry(3, 2)));
        Sync(0, Batch(2, 3, Entry(3, 2)));
        Observe(1, Role.Leader, 3, commit: 2, last: 2, applied: 2);
        Fails("R3", () => Observe(2, Role.Follower, 3, commit: 2, last: 2));
    }

    [Fact]
    public void R4_a_leader_without_a_committed_entry_is_seen()
    {
        CommitOnAll(Entry(1, 1));
        Observe(0, Role.Leader, 1, commit: 1, last: 1, applied: 1);
        _cluster.Nodes[1].Log.Reset(EntryId.Zero);
        Fails("R4", () => Observe(1, Role.Leader, 2));
    }

    [Fact]
    public void R4_a_leader_that_commits_an_older_entry_by_counting_is_seen()
    {
        CommitOnAll(Entry(1, 1));
        Observe(0, Role.Leader, 2, last: 1);
        Fails("R4", () => Observe(0, Role.Leader, 2, commit: 1, last: 1));
    }

    [Fact]
    public void R5_a_state_that_differs_from_replay_is_seen()
    {
        CommitOnAll(Entry(1, 1));
        Fails("R5", () => Observe(0, Role.Leader, 1, commit: 1, last: 1, applied: 1, hash: 12345));
    }

    [Fact]
    public void R5_applying_beyond_the_commit_index_is_seen()
    {
        CommitOnAll(Entry(1, 1));
        Fails("R5", () => Observe(0, Role.Leader, 1, commit: 0, last: 1, applied: 1));
    }

    [Fact]
    public void R6_a_term_that_goes_back_is_seen()
    {
        Ask(0, Batch(1, 5));
        Fails("R6", () => Ask(0, Batch(2, 4)));
    }

    [Fact]
    public void R6_a_vote_that_changes_within_a_term_is_seen()
    {
        Ask(0, Batch(1, 5, vote: 2));
        Fails("R6", () => Ask(0, Batch(2, 5, vote: 3)));
    }

    [Fact]
    public void R6_two_votes_of_one_term_across_a_crash_are_seen()
    {
        SimulatedNode node = _cluster.Nodes[0];
        Sync(0, Batch(1, 5, vote: 2));
        _cluster.Observer.MessageLeaves(node, Vote(5, to: 2));
        node.Durable.HardState = new HardState(new Term(5), new NodeId(3), LogIndex.Zero);
        Fails("R6", () => _cluster.Observer.MessageLeaves(node, Vote(5, to: 3)));
    }

    [Fact]
    public void R6_a_disk_that_forgets_a_synced_term_is_seen()
    {
        Sync(0, Batch(1, 5, vote: 2));
        Fails("R6", () => _cluster.Observer.NodeRecovered(_cluster.Nodes[0], RecoveredState.Fresh()));
    }

    [Fact]
    public void R7_a_commit_that_only_a_minority_holds_is_seen()
    {
        Ask(0, Batch(1, 1, Entry(1, 1)));
        Sync(0, Batch(1, 1, Entry(1, 1)));
        Fails("R7", () => Observe(0, Role.Leader, 1, commit: 1, last: 1));
    }

    [Fact]
    public void R7_a_commit_index_that_goes_back_is_seen()
    {
        CommitOnAll(Entry(1, 1));
        Observe(0, Role.Leader, 1, commit: 1, last: 1);
        Fails("R7", () => Observe(0, Role.Leader, 1, commit: 0, last: 1));
    }

    [Fact]
    public void R8_truncating_a_committed_entry_is_seen()
    {
        CommitOnAll(Entry(1, 1), Entry(1, 2));
        Observe(0, Role.Leader, 1, commit: 2, last: 2);
        Fails("R8", () => Ask(1, Batch(2, 2, Entry(2, 2))));
    }

    [Fact]
    public void R8_a_snapshot_that_drops_committed_entries_is_seen()
    {
        CommitOnAll(Entry(1, 1), Entry(1, 2));
        Observe(0, Role.Leader, 1, commit: 2, last: 2);
        var batch = new PersistBatch(2, Entry(1, 1).Id, [], null);
        Fails("R8", () => Ask(1, batch));
    }

    [Fact]
    public void R9_an_acknowledgement_of_unsynced_entries_is_seen()
    {
        Ask(1, Batch(1, 1, Entry(1, 1)));
        Fails("R9", () => Send(1, new AppendAccepted(new NodeId(2), new NodeId(1), new Term(1), new LogIndex(1))));
    }

    [Fact]
    public void R9_a_vote_that_is_not_durable_is_seen() => Fails("R9", () => Send(0, Vote(5, to: 2)));

    [Fact]
    public void R9_a_candidacy_that_is_not_durable_is_seen() => Fails("R9", () => Send(0, new VoteRequest(
        new NodeId(1), new NodeId(2), new Term(5), EntryId.Zero, IsPreVote: false, IsTransfer: false)));

    [Fact]
    public void R9_a_leader_whose_term_is_not_durable_is_seen() => Fails("R9", () => Send(0, new Heartbeat(
        new NodeId(1), new NodeId(2), new Term(5), LogIndex.Zero, ReadRound: 0)));

    [Fact]
    public void R9_an_installed_snapshot_that_is_not_durable_is_seen() => Fails("R9", () => Send(0, new SnapshotResponse(
        new NodeId(1), new NodeId(2), new Term(1), new EntryId(new Term(1), new LogIndex(3)), 0, IsInstalled: true)));

    [Fact]
    public void R9_a_disk_that_forgets_synced_entries_is_seen()
    {
        Sync(0, Batch(1, 1, Entry(1, 1), Entry(1, 2)));
        var recovered = new RecoveredState(_cluster.Nodes[0].Durable.HardState, null, 0, new MvccStore(), EntryId.Zero, [Entry(1, 1)]);
        Fails("R9", () => _cluster.Observer.NodeRecovered(_cluster.Nodes[0], recovered));
    }

    [Fact]
    public void R11_a_snapshot_of_another_index_is_seen()
    {
        CommitOnAll(Entry(1, 1));
        Observe(0, Role.Leader, 1, commit: 1, last: 1);
        Fails("R11", () => _cluster.Observer.SnapshotViewTaken(_cluster.Nodes[0], Entry(1, 1).Id, new MvccStore().View));
    }

    [Fact]
    public void R11_a_snapshot_of_another_state_is_seen()
    {
        CommitOnAll(Entry(1, 1));
        Observe(0, Role.Leader, 1, commit: 1, last: 1);
        var store = new MvccStore();
        store.Apply(new LogIndex(1), KvCommandCodec.Encode(new MutateCommand(new PutOp("a"u8.ToArray(), "b"u8.ToArray()))));
        Fails("R11", () => _cluster.Observer.SnapshotViewTaken(_cluster.Nodes[0], Entry(1, 1).Id, store.Publish()));
    }

    [Fact]
    public void R11_a_snapshot_with_other_members_is_seen()
    {
        CommitOnAll(Entry(1, 1));
        Observe(0, Role.Leader, 1, commit: 1, last: 1);
        var store = new MvccStore();
        store.Begin(new LogIndex(1), new byte[] { 0 });
        var info = new SnapshotInfo(Entry(1, 1).Id, new Membership([new NodeId(1)]));
        Fails("R11", () => _cluster.Observer.SnapshotViewTaken(_cluster.Nodes[0], info, store.Publish()));
    }

    private static LogEntry Entry(long term, long index, byte payload = 0) =>
        new(new EntryId(new Term(term), new LogIndex(index)), EntryKind.Noop, new[] { payload });

    private static PersistBatch Batch(long number, long term, params LogEntry[] entries) =>
        new(number, null, entries, new HardState(new Term(term), NodeId.None, LogIndex.Zero));

    private static PersistBatch Batch(long number, long term, ulong vote) =>
        new(number, null, [], new HardState(new Term(term), new NodeId(vote), LogIndex.Zero));

    private static VoteResponse Vote(long term, ulong to) =>
        new(new NodeId(1), new NodeId(to), new Term(term), IsPreVote: false, IsGranted: true);

    private static void Fails(string rule, Action act) => Assert.Equal(rule, Assert.Throws<SimulationViolationException>(act).Rule);

    private void Send(int node, Message message) => _cluster.Observer.MessageLeaves(_cluster.Nodes[node], message);

    private void Ask(int node, PersistBatch batch)
    {
        _cluster.Observer.BatchAsked(_cluster.Nodes[node], batch);
        _cluster.Nodes[node].Log.Apply(batch);
    }

    private void Sync(int node, PersistBatch batch) => _cluster.Nodes[node].Durable.Apply(batch);

    private void CommitOnAll(params LogEntry[] entries)
    {
        for (int i = 0; i < 3; i++)
        {
            Ask(i, Batch(1, entries[^1].Term.Value, entries));
            Sync(i, Batch(1, entries[^1].Term.Value, entries));
        }
    }

    private void Observe(int node, Role role, long term, long commit = 0, long last = 0, long applied = 0, ulong? hash = null)
    {
        // No-op entries change nothing in the reference store but its index.
        var store = new MvccStore();
        for (int i = 1; i <= applied; i++)
        {
            store.Skip(new LogIndex(i));
        }

        _cluster.Observer.Observe(_cluster.Nodes[node], new RaftPicture(role, term, commit, applied, last), hash ?? store.Publish().StateHash);
    }
}
