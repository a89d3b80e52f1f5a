using RaftKv.JepsenStyle.Checkers;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>The watch checker accepts what a right watch tells, and finds each promise that a wrong one breaks.</summary>
public sealed class WatchCheckerTests
{
    // a=1 at 2, b=1 at 3, a=2 and c=1 at 4, a gone at 5, x=1 at 6, b=2 at 7.
    private static readonly WatchedChange[] Real =
    [
        Put(2, "k/a", "1", 2, 1), Put(3, "k/b", "1", 3, 1), Put(4, "k/a", "2", 2, 2), Put(4, "k/c", "1", 4, 1),
        Gone(5, "k/a"), Put(6, "x", "1", 6, 1), Put(7, "k/b", "2", 3, 2),
    ];

    private static readonly WatchScope Keys = new(Prefix: "k/");

    private static ChangeMessage At2 => Change(Real[0]);

    private static ChangeMessage At3 => Change(Real[1]);

    private static ChangeMessage At4 => Change(Real[2], Real[3]);

    private static ChangeMessage At5 => Change(Real[4]);

    private static ChangeMessage At7 => Change(Real[6]);

    [Fact]
    public void A_watch_that_equals_replay_is_accepted()
    {
        Accepts(Watch(From(1, At2, At3, At4, At5, Bookmark(6), At7)) with { EndRevision = 7 });
        Accepts(Watch(From(0, Bookmark(3), At4, At5, At7)));
        Accepts(Watch(From(2, At2, At3), From(4, At4, At5, At7)));
        Accepts(Watch(From(0, State(5, true, new("k/b", "1", 3), new("k/c", "1", 4)), At7)));
        Accepts(Watch(From(0, State(5, false, new WatchedPair("k/b", "1", 3)), State(5, true, new WatchedPair("k/c", "1", 4)), At7)));
        Accepts(Watch(From(6, At7), From(8)) with { EndRevision = 7 });
        Accepts(Watch(From(4, new ChangeMessage(4, [Real[2], Real[3]]))) with { Scope = Keys with { Deletes = false } });
    }

    [Fact]
    public void A_watch_that_is_cancelled_as_compacted_and_begins_anew_is_accepted() => Accepts(
        Watch(From(1, At2), From(3, new CancelMessage("compacted", 5)), From(0, State(5, true, new("k/b", "1", 3), new("k/c", "1", 4)), At7)),
        compacted: 5);

    [Fact]
    public void W1_a_change_of_another_key_or_kind_is_found()
    {
        Finds("W1", Watch(From(2, At2, At3, At4, At5, Change(Real[5]), At7)));
        Finds("W1", Watch(From(5, At5)) with { Scope = Keys with { Deletes = false } });
    }

    [Fact]
    public void W2_revisions_out_of_order_are_found() => Finds("W2", Watch(From(0, At3, At5, At4)));

    [Fact]
    public void W3_a_revision_that_comes_twice_is_found()
    {
        Finds("W3", Watch(From(2, At2, At2)));
        Finds("W3", Watch(From(2, At2, At3), From(0, At3)));
    }

    [Fact]
    public void W4_a_split_reordered_or_mixed_revision_is_found()
    {
        Finds("W4", Watch(From(4, Change(Real[2]), At5)));
        Finds("W4", Watch(From(4, Change(Real[3], Real[2]), At5)));
        Finds("W4", Watch(From(4, Change(Real[2], Real[3], Real[3]), At5)));
        Finds("W4", Watch(From(3, new ChangeMessage(3, [Real[1], Real[2]]))));
    }

    [Fact]
    public void W5_a_gap_or_another_content_is_found()
    {
        Finds("W5", Watch(From(2, At2, At4)));
        Finds("W5", Watch(From(2, At3)));
        Finds("W5", Watch(From(2, Change(Real[0] with { Value = "9" }))));
        Finds("W5", Watch(From(2, Change(Real[0] with { CreateRevision = 1 }))));
        Finds("W5", Watch(From(6, new ChangeMessage(6, []))));
    }

    [Fact]
    public void W6_a_gap_between_two_streams_is_found()
    {
        Finds("W6", Watch(From(2, At2), From(3, At4)));
        Finds("W6", Watch(From(2, At2), From(4, At4)));
    }

    [Fact]
    public void W7_a_bookmark_that_runs_ahead_or_back_is_found()
    {
        Finds("W7", Watch(From(2, At2, Bookmark(3), At3)));
        Finds("W7", Watch(From(2, At2, Bookmark(4))));
        Finds("W7", Watch(From(2, At2, At3, Bookmark(2))));
        Finds("W7", Watch(From(0, Bookmark(4), At4)));
    }

    [Fact]
    public void W8_a_wrong_or_missing_value_before_is_found()
    {
        WatchTrace right = Watch(From(4, Change(Real[2] with { Previous = "1" }, Real[3]), Change(Real[4] with { Previous = "2" })));
        Accepts(right with { WantsPrevious = true });
        Finds("W8", Watch(From(4, At4)) with { WantsPrevious = true });
        Finds("W8", Watch(From(5, Change(Real[4] with { Previous = "1" }))) with { WantsPrevious = true });
        Finds("W8", Watch(From(2, Change(Real[0] with { Previous = "0" }))) with { WantsPrevious = true });
        Accepts(Watch(From(5, At5)) with { WantsPrevious = true }, compacted: 5);
        Finds("W8", Watch(From(7, At7)) with { WantsPrevious = true }, compacted: 5);
    }

    [Fact]
    public void W9_what_is_not_committed_or_before_the_start_is_found()
    {
        Finds("W9", Watch(From(8, Change(Put(8, "k/z", "1", 8, 1)))));
        Finds("W9", Watch(From(7, At7, Bookmark(9))));
        Finds("W9", Watch(From(7, At5, At7)));
        Finds("W9", Watch(From(7, Bookmark(5))));
    }

    [Fact]
    public void W10_a_gone_start_that_is_served_or_a_cancel_without_reason_is_found()
    {
        Finds("W10", Watch(new WatchConnection(3, [At3], CompactedAtOpen: 5)), compacted: 5);
        Finds("W10", Watch(From(3, new CancelMessage("compacted", null))), compacted: 5);
        Finds("W10", Watch(From(5, new CancelMessage("compacted", 5))), compacted: 5);
        Finds("W10", Watch(From(2, new CancelMessage("compacted", 5))), compacted: 3);
    }

    [Fact]
    public void W11_silence_a_wrong_state_and_words_after_the_cancel_are_found()
    {
        Finds("W11", Watch(From(2, At2, At3)) with { EndRevision = 7 });
        Finds("W11", Watch(From(2, At2, new CancelMessage("shutting-down", null), At3)));
        Finds("W11", Watch(From(0, State(5, true, new("k/a", "2", 4), new("k/b", "1", 3), new("k/c", "1", 4)))));
        Finds("W11", Watch(From(0, State(5, true, new WatchedPair("k/b", "1", 3)))));
        Finds("W11", Watch(From(0, State(5, false, new WatchedPair("k/b", "1", 3)), At7)));
        Finds("W11", Watch(From(7, At7), From(0, State(5, true, new("k/b", "1", 3), new("k/c", "1", 4)))));
    }

    private static WatchedChange Put(long revision, string key, string value, long created, long version) =>
        new(revision, key, value, created, version);

    private static WatchedChange Gone(long revision, string key) => new(revision, key, null, 0, 0);

    private static ChangeMessage Change(params WatchedChange[] events) => new(events[0].Revision, events);

    private static BookmarkMessage Bookmark(long revision) => new(revision);

    private static SnapshotMessage State(long revision, bool isComplete, params WatchedPair[] pairs) => new(revision, pairs, isComplete);

    private static WatchConnection From(long start, params WatchMessage[] messages) => new(start, messages);

    private static WatchTrace Watch(params WatchConnection[] connections) => new("w", Keys, WantsPrevious: false, connections);

    private static void Accepts(WatchTrace trace, long compacted = 0) =>
        Assert.Empty(WatchChecker.Check(new WatchHistory(Real, 7, compacted), trace));

    private static void Finds(string promise, WatchTrace trace, long compacted = 0)
    {
        IReadOnlyList<string> found = WatchChecker.Check(new WatchHistory(Real, 7, compacted), trace);
        Assert.True(found.Any(text => text.StartsWith(promise + " ", StringComparison.Ordinal)), $"{promise} in: {string.Join(" | ", found)}");
    }
}
