using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;
using RaftKv.Watch;

namespace RaftKv.Simulation.Tests;

/// <summary>
/// Revision 2 puts ka, 3 puts ka and kb in one txn, 4 puts x, 5 deletes both k, 6 puts ka; a watch of the prefix k.
/// Each of W1 to W8, W10 and W11, broken, must be seen. (W9 is asked while the world runs; what a future start must not
/// get is asked here.)
/// </summary>
public sealed class WatchCheckerTests
{
    private readonly NaiveStore _naive = new();
    private readonly MvccStore _store = new();
    private readonly SimulatedWatch _watch = new() { Id = 1, Selector = WatchSelector.OfPrefix([(byte)'k']) };
    private readonly Dictionary<long, List<KeyValue>> _changes = [];
    private int _connection = 1;

    public WatchCheckerTests()
    {
        Apply(new MutateCommand(Put("ka")));
        Apply(new MutateCommand(new TxnOp([], [Put("ka"), Put("kb")], [])));
        Apply(new MutateCommand(Put("x")));
        Apply(new MutateCommand(new DeleteRangeOp(KeyRange.Prefix("k"u8.ToArray()))));
        Apply(new MutateCommand(Put("ka")));
        _watch.Segments.Add(new WatchSegment { StartRevision = 2 });
    }

    [Fact]
    public void Every_change_once_and_whole_passes_also_over_a_new_connection()
    {
        Tell(2, 3);
        _connection++;
        Bookmark(4);
        Tell(5, 6);
        Check();
    }

    [Fact]
    public void T16_a_watch_of_a_cluster_of_before_that_is_told_something_or_does_not_end_is_seen()
    {
        _watch.Segments[0] = new WatchSegment { StartRevision = 2, IsOfFormer = true };
        Fails("T16");
        Tell(2, 3);
        Fails("T16");
    }

    [Fact]
    public void W1_a_change_of_another_key_is_seen()
    {
        Tell(2, 3);
        Tell(4);
        Fails("W1");
    }

    [Fact]
    public void W2_changes_out_of_order_are_seen()
    {
        _watch.Segments[0].Messages.Add(MessageOf(2, _changes[2]));
        _watch.Segments[0].Messages.Add(MessageOf(3, [_changes[3][1], _changes[3][0]]));
        Fails("W2");
    }

    [Fact]
    public void W3_a_change_told_twice_is_seen()
    {
        Tell(2, 2, 3, 5, 6);
        Fails("W3");
    }

    [Fact]
    public void W4_a_revision_in_two_parts_is_seen_and_half_a_one_too()
    {
        Tell(2);
        _watch.Segments[0].Messages.Add(MessageOf(3, [_changes[3][0]]));
        Fails("W4");
    }

    [Fact]
    public void W5_a_change_that_is_missing_is_seen()
    {
        Tell(2, 5, 6);
        Fails("W5");
    }

    [Fact]
    public void W5_a_deletion_with_another_reason_is_seen()
    {
        Tell(2, 3);
        List<KeyValue> wrong = [.. _changes[5].Select(c => KeyValue.Of(
            VersionBytes.Copy(c.Key.Span, default), Revision.Zero, c.ModRevision, c.Sub, 0, c.Lease, DeleteReason.Expired))];
        _watch.Segments[0].Messages.Add(MessageOf(5, wrong));
        Fails("W5");
    }

    [Fact]
    public void W6_a_resume_that_tells_again_or_leaves_out_is_seen()
    {
        Tell(2, 3);
        _connection++;
        Tell(3, 5, 6);
        Fails("W6");
        _watch.Segments[0].Messages.Clear();
        Tell(2);
        _connection++;
        Tell(5);
        Fails("W6");
    }

    [Fact]
    public void W7_a_bookmark_before_what_it_stands_for_is_seen()
    {
        Tell(2);
        Bookmark(3);
        Fails("W7");
    }

    [Fact]
    public void W8_a_wrong_pair_before_a_change_is_seen()
    {
        Tell(2);
        _watch.Segments[0].Messages.Add(new WatchMessage(3, false, _changes[3], [null, null], IsPreviousKnown: true, 1));
        Fails("W8");
    }

    [Fact]
    public void W9_a_change_before_a_future_start_is_seen()
    {
        _watch.Segments[0] = new WatchSegment { StartRevision = 4 };
        Tell(3, 5, 6);
        Fails("W9");
    }

    [Fact]
    public void W10_a_cancel_without_a_compaction_is_seen_and_one_with_it_passes()
    {
        Tell(2);
        _watch.Segments[0].CancelledAtCompacted = 5;
        _watch.Segments[0].CancelledNext = 3;
        _watch.IsCancelled = true;
        Fails("W10");
        _naive.Compactions.Add(5);
        Check();
        _watch.Segments[0].CancelledNext = 5;
        Fails("W10");
    }

    [Fact]
    public void W11_an_end_without_the_last_changes_is_seen()
    {
        Tell(2, 3, 5);
        Fails("W11");
    }

    [Fact]
    public void W11_a_new_begin_with_a_wrong_state_or_in_the_past_is_seen()
    {
        Tell(2, 3);
        _watch.Segments.Add(new WatchSegment { StartRevision = 7, Snapshot = [] });
        Fails("W11");
        _watch.Segments[1] = new WatchSegment { StartRevision = 7, Snapshot = [_changes[6][0]] };
        Check();
        _watch.Segments[1] = new WatchSegment { StartRevision = 3, Snapshot = [_changes[2][0]] };
        Fails("W11");
    }

    private static PutOp Put(string key) => new(System.Text.Encoding.ASCII.GetBytes(key), "v"u8.ToArray());

    private void Apply(KvCommand command)
    {
        var index = new LogIndex(_store.AppliedIndex.Value + 1);
        CommandResult result = _store.Apply(index, KvCommandCodec.Encode(command));
        Assert.Null(_naive.Run(command, result, term: 1, index.Value));
        List<KeyValue> changes = [];
        _store.Publish().ReadChanges(result.Revision, 1, changes, out _);
        _changes[result.Revision.Value] = changes;
    }

    private void Tell(params long[] revisions)
    {
        foreach (long revision in revisions)
        {
            _watch.Segments[0].Messages.Add(MessageOf(revision, _changes[revision]));
        }
    }

    private void Bookmark(long revision) => _watch.Segments[0].Messages.Add(new WatchMessage(revision, true, [], [], false, _connection));

    private WatchMessage MessageOf(long revision, List<KeyValue> events) =>
        new(revision, false, events, new KeyValue?[events.Count], IsPreviousKnown: false, _connection);

    private void Check() => WatchChecker.Check(_watch, _naive.Changes, _naive.Compactions, _naive.Revision);

    private void Fails(string rule) => Assert.Equal(rule, Assert.Throws<SimulationViolationException>(Check).Rule);
}
