using RaftKv.Core;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Engine.DotNext;

namespace RaftKv.Tests.Engine;

/// <summary>DotNext is answered, and shown, what is durable; one step at a time, without threads.</summary>
public sealed class DotNextBridgeTests
{
    private static readonly NodeId Self = new(1);

    [Fact]
    public async Task A_vote_is_answered_and_shown_when_its_batch_is_durable()
    {
        RaftCore raft = Make();
        using var bridge = new LoopBridge();
        Task started = bridge.StartAsync(Post(raft));
        bridge.Publish(raft);
        await started;

        Task<bool> vote = bridge.AskAsync(r => r.GuidedTerm(new Term(1), new NodeId(2)), isDurable: true, CancellationToken.None);
        PersistBatch batch = raft.TakeRecords();
        bridge.Publish(raft);
        Assert.False(vote.IsCompleted);
        Assert.Equal((Term.Zero, NodeId.None), (bridge.DurableVote.Term, bridge.DurableVote.For));

        raft.Persisted(batch.Number);
        bridge.Publish(raft);
        Assert.True(await vote);
        Assert.Equal((new Term(1), new NodeId(2)), (bridge.DurableVote.Term, bridge.DurableVote.For));
    }

    [Fact]
    public async Task The_last_index_that_is_shown_is_on_the_disk_and_so_is_the_commit_index()
    {
        RaftCore raft = Make();
        using var bridge = new LoopBridge();
        Task started = bridge.StartAsync(Post(raft));
        bridge.Publish(raft);
        await started;
        raft.GuidedTerm(new Term(1), new NodeId(2));
        raft.GuidedAppend(new Term(1), LogIndex.Zero, [new LogEntry(new EntryId(new Term(1), new LogIndex(1)), EntryKind.Noop, default)]);
        PersistBatch batch = raft.TakeRecords();
        bridge.Publish(raft);
        Assert.Equal((0, 0), (bridge.LastIndex, bridge.CommitIndex));

        raft.Persisted(batch.Number);
        raft.GuidedCommit(new LogIndex(1));
        bridge.Publish(raft);
        Assert.Equal((1, 1), (bridge.LastIndex, bridge.CommitIndex));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_last_entry_that_was_shown_keeps_its_term_when_a_conflict_or_a_snapshot_takes_it_away(bool isSnapshot)
    {
        RaftCore raft = Make(entries: 3);
        using var bridge = new LoopBridge();
        bridge.Publish(raft);
        long shown = bridge.LastIndex;
        raft.GuidedTerm(new Term(2), NodeId.None);
        if (isSnapshot)
        {
            var snapshot = new EntryId(new Term(2), new LogIndex(50));
            raft.Receive(new SnapshotChunk(new NodeId(2), Self, new Term(2), snapshot, raft.Membership, 1, 0, new byte[1]));
            raft.SnapshotPieceStored(snapshot, 1);
            Assert.True(raft.SnapshotInstalled(snapshot));
        }
        else
        {
            raft.GuidedAppend(new Term(2), new LogIndex(1), [Noop(2, 2)]);
        }

        raft.Persisted(raft.TakeRecords().Number);
        bridge.Publish(raft);

        // With a term of 0 every candidate's log would be newer than that of a node in the midst of it.
        Assert.Equal((3, isSnapshot ? 50 : 2), (shown, bridge.LastIndex));
        Assert.Equal(new Term(1), bridge.TermOf(raft, new LogIndex(shown)));
        Assert.Equal(Term.Zero, bridge.TermOf(raft, new LogIndex(60)));
    }

    [Fact]
    public async Task Whoever_waits_is_let_go_when_the_node_ends()
    {
        RaftCore raft = Make();
        var bridge = new LoopBridge();
        Task started = bridge.StartAsync(Post(raft));
        bridge.Publish(raft);
        await started;
        Task applied = bridge.WaitForApplyAsync(1, CancellationToken.None);
        bridge.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => applied);
    }

    private static Func<Action<RaftCore>, bool> Post(RaftCore raft) => order =>
    {
        order(raft);
        return true;
    };

    private static LogEntry Noop(long term, long index) =>
        new(new EntryId(new Term(term), new LogIndex(index)), EntryKind.Noop, default);

    private static RaftCore Make(int entries = 0) => new(
        new RaftOptions(Self, Seed: 1, 10, 100, 64 * 1024, 8, 1024 * 1024, 1024) { IsGuided = true },
        new HardState(new Term(entries == 0 ? 0 : 1), NodeId.None, LogIndex.Zero),
        new Membership([Self, new NodeId(2), new NodeId(3)]), EntryId.Zero,
        new RaftLog(EntryId.Zero, [.. Enumerable.Range(1, entries).Select(static index => Noop(1, index))], LogIndex.Zero));
}
