using RaftKv.Core.Store;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>The event log alone: order, search, and trimming next to views that still read.</summary>
public sealed class EventLogTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(700)]
    [InlineData(2_000)]
    public void Trimming_leaves_older_views_whole_and_lets_go_of_what_stood_before(int position)
    {
        EventLog log = Filled(2_000);
        EventLogView before = log.View;
        log.TrimBefore(position, isExact: true);
        log.Append(Change(2_002, sub: 0));
        EventLogView after = log.View;
        Assert.Equal((position, 2_001L), (after.First, after.End));
        for (int i = 0; i < 2_000; i++)
        {
            Assert.Equal(i + 2, before[i].ModRevision.Value);
            Assert.True(i < position || ReferenceEquals(before[i], after[i]));
        }

        // What is left of the chunk in which the trim fell must not keep the values of compacted versions in memory.
        for (int i = position / EventLog.ChunkLength * EventLog.ChunkLength; i < position; i++)
        {
            Assert.Null(after[i]);
        }

        Assert.Equal(position, after.LowerBound(new Revision(position + 2), sub: 0));
        Assert.Equal(position, after.LowerBound(Revision.Zero, sub: 0));
        Assert.Equal(2_001, after.LowerBound(new Revision(9_999), sub: 0));
    }

    [Fact]
    public void Changes_out_of_order_stop_the_store()
    {
        EventLog log = Filled(3);
        Assert.Throws<InvariantViolationException>(() => log.Append(Change(4, sub: 0)));
        log.Append(Change(4, sub: 1));
        Assert.Equal(3, log.View.LowerBound(new Revision(4), sub: 1));
        Assert.Throws<InvariantViolationException>(() => log.Append(Change(3, sub: 9)));
    }

    private static EventLog Filled(int count)
    {
        EventLog log = new();
        for (int i = 0; i < count; i++)
        {
            log.Append(Change(i + 2, sub: 0));
        }

        return log;
    }

    private static KeyValue Change(long revision, int sub) =>
        KeyValue.Of(VersionBytes.Copy(Bytes("k").Span, default), new Revision(2), new Revision(revision), sub, revision, LeaseId.None);
}
