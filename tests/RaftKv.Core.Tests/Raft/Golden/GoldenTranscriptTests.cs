using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft.Golden;

/// <summary>
/// Raft's everyday scenarios as transcripts: every message and every change of a node, in files that a reader can follow
/// line by line beside the paper. A change of behaviour shows as a diff that its commit has to explain.
/// </summary>
public sealed class GoldenTranscriptTests
{
    [Fact]
    public void Election_in_a_fresh_cluster() => new Transcript(new RaftTestCluster(3))
        .Step("time passes until n1 leads", c => c.Elect(1))
        .IsGolden();

    [Fact]
    public void A_write_and_its_commit() => Led()
        .Step("n1 takes a proposal", c => c.Write(1))
        .Step("a heartbeat tells the others what is committed", c => c.Tick(RaftTestNode.HeartbeatTicks))
        .IsGolden();

    [Fact]
    public void A_linearizable_read() => Led()
        .Step("n1 is asked for a read index", c =>
        {
            c[1].RequestRead(1);
            c.Settle();
        })
        .Step("n3 asks the leader for one", c =>
        {
            c[3].RequestRead(2);
            c.Settle();
        })
        .IsGolden();

    [Fact]
    public void A_leader_that_is_cut_off_steps_down_and_its_uncommitted_entry_goes() => Led()
        .Step("n1 is cut off and takes a proposal that nobody hears of", c =>
        {
            c.Isolate(1);
            c.Write(1);
        })
        .Step("the others elect n2, which takes another", c =>
        {
            c.Elect(2);
            c.Write(2);
        })
        .Step("n1 comes back", c =>
        {
            c.Network.Heal();
            c.Tick(RaftTestNode.HeartbeatTicks);
        })
        .IsGolden();

    [Fact]
    public void Leadership_is_handed_over() => Led()
        .Step("n1 hands over to n3", c =>
        {
            c[1].TransferLeadership(N(3));
            c.Settle();
        })
        .IsGolden();

    /// <summary>Paper, figure 7, followers (a), (c) and (e): one is short, one has more, one has another term's entries.</summary>
    [Fact]
    public void Logs_that_differ_are_made_equal() => new Transcript(
            new RaftTestCluster([[1, 1, 1, 4, 4, 5, 5, 6, 6, 6], [1, 1, 1, 4, 4, 5, 5, 6, 6], [1, 1, 1, 4, 4, 4, 4]], term: 7))
        .Step("n1 is elected", c => c.Elect(1))
        .Step("a heartbeat", c => c.Tick(RaftTestNode.HeartbeatTicks))
        .IsGolden();

    /// <summary>
    /// Paper, figure 8: an entry of an earlier term on a majority is not committed by counting; one of the leader's own
    /// term commits both.
    /// </summary>
    [Fact]
    public void An_entry_of_an_earlier_term_commits_only_with_one_of_the_own() => new Transcript(
            new RaftTestCluster([[1, 2], [1], [1]], term: 3))
        .Step("n1 is elected; the appends of its own term's no-op are kept back", c =>
        {
            c.Network.Holds = message => message is RaftKv.Core.Raft.Messages.AppendRequest;
            c.Elect(1);
        })
        .Step("they go", c =>
        {
            c.Network.Release();
            c.Settle();
        })
        .IsGolden();

    [Fact]
    public void A_node_that_was_cut_off_does_not_disturb() => Led()
        .Step("n3 is cut off for long, and asks in vain", c =>
        {
            c.Isolate(3);
            c.TickOnly(2 * RaftTestNode.ElectionTimeoutTicks, 3);
        })
        .Step("n3 comes back: its term has not grown", c =>
        {
            c.Network.Heal();
            c.Tick(RaftTestNode.HeartbeatTicks);
        })
        .IsGolden();

    private static Transcript Led() => new Transcript(new RaftTestCluster(3)).Step("n1 leads", c => c.Elect(1));
}
