using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// Paper, figure 3: each check between nodes, and of one node where a test can break it, rejects a known-bad input.
/// </summary>
public sealed class ClusterInvariantsTests
{
    [Fact]
    public void Two_leaders_of_one_term_are_rejected()
    {
        var checks = new ClusterInvariants();

        Rejects("R1", () => checks.Check([LeaderAlone(1, term: 0), LeaderAlone(2, term: 0)]));
    }

    [Fact]
    public void Two_leaders_of_one_term_at_different_times_are_rejected()
    {
        var checks = new ClusterInvariants();
        checks.Check([LeaderAlone(1, term: 0)]);

        Rejects("R1", () => checks.Check([LeaderAlone(2, term: 0)]));
    }

    [Fact]
    public void Logs_that_agree_after_a_place_where_they_differ_are_rejected()
    {
        RaftCore[] nodes = [Follower(1, [1, 1, 3]), Follower(2, [1, 2, 3])];

        Rejects("R3", () => new ClusterInvariants().Check(nodes));
    }

    [Fact]
    public void Entries_with_one_id_and_other_bytes_are_rejected()
    {
        RaftCore other = new(
            RaftTestNode.DefaultOptions with { Self = N(2) }, new HardState(T(1), default, default), Voters(1, 2), EntryId.Zero,
            new RaftLog(EntryId.Zero, [new LogEntry(E(1, 1), EntryKind.Command, new byte[] { 7 })], default));

        Rejects("R3", () => new ClusterInvariants().Check([Follower(1, [1]), other]));
    }

    [Fact]
    public void A_leader_without_a_committed_entry_is_rejected()
    {
        RaftCore[] nodes = [Follower(2, [1, 1], commit: 2), LeaderAlone(1, term: 5)];

        Rejects("R4", () => new ClusterInvariants().Check(nodes));
    }

    [Fact]
    public void Different_entries_committed_at_one_index_are_rejected()
    {
        RaftCore[] nodes = [Follower(1, [1, 1], commit: 2), Follower(2, [1, 2], commit: 2)];

        Rejects("R5", () => new ClusterInvariants().Check(nodes));
    }

    [Fact]
    public void A_committed_entry_that_changes_later_is_rejected()
    {
        var checks = new ClusterInvariants();
        checks.Check([Follower(1, [1, 1], commit: 2)]);

        Rejects("R5", () => checks.Check([Follower(2, [1, 2], commit: 2)]));
    }

    [Fact]
    public void A_log_whose_terms_fall_is_rejected()
    {
        var log = new RaftLog(EntryId.Zero, [Entry(2, 1), Entry(1, 2)], default);

        Rejects("terms never fall", () => RaftInvariants.CheckEntries(log));
    }

    [Fact]
    public void A_log_with_a_gap_is_rejected() =>
        Rejects("contiguous", () => new RaftLog(EntryId.Zero, [Entry(1, 1), Entry(1, 3)], default));

    [Fact]
    public void A_log_of_a_later_term_than_the_node_is_rejected() =>
        Rejects("last term", () => new RaftTestNode(1, Voters(1, 2), [1, 3], term: 2));

    private static void Rejects(string what, Action check) =>
        Assert.Contains(what, Assert.Throws<InvariantViolationException>(check).Message, StringComparison.Ordinal);

    /// <summary>
    /// The only voter of a world of its own, with nothing durable or committed: the shortest way to a leader.
    /// </summary>
    private static RaftCore LeaderAlone(int id, long term)
    {
        var node = new RaftTestNode(id, Voters(id), term: term) { IsDiskHeld = true };
        node.Tick();
        Assert.Equal(Role.Leader, node.Raft.Role);
        return node.Raft;
    }

    private static RaftCore Follower(int id, int[] log, long commit = 0) => new RaftTestNode(id, Voters(1, 2), log, commit: commit).Raft;
}
