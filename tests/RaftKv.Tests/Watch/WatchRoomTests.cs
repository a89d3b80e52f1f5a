using RaftKv.Tests.Client;
using RaftKv.Tests.Support;
using RaftKv.Watch;

namespace RaftKv.Tests.Watch;

/// <summary>What all watches hold together stays within its share, and whoever is cut off for it is the slowest.</summary>
public sealed class WatchRoomTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly WatchRoom _room;

    public WatchRoomTests() => _room = new WatchRoom(maxBytes: 100, _time);

    [Fact]
    public async Task Who_finds_no_room_waits_in_the_order_of_asking()
    {
        WatchPlace first = new();
        WatchPlace large = new();
        WatchPlace small = new();
        Assert.True(_room.TryTake(first, 60));
        Assert.False(_room.TryTake(large, 50));

        ValueTask second = _room.TakeAsync(large, 50, CancellationToken.None);

        // It fits, and would overtake.
        Assert.False(_room.TryTake(small, 10));
        ValueTask third = _room.TakeAsync(small, 10, CancellationToken.None);
        Assert.False(second.IsCompleted || third.IsCompleted);

        _room.Release(first);
        await second;
        await third;
        Assert.Equal((60L, 0L), (_room.UsedBytes, _room.CutOffCount));
    }

    [Fact]
    public async Task One_larger_than_all_the_room_is_let_in_alone()
    {
        WatchPlace small = new();
        WatchPlace huge = new();
        Assert.True(_room.TryTake(small, 1));
        ValueTask waiting = _room.TakeAsync(huge, 1_000, CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        _room.Release(small);
        await waiting;

        Assert.False(_room.TryTake(small, 1));
    }

    [Fact]
    public async Task The_one_that_tells_the_same_for_longest_is_cut_off_and_counts_until_it_is_gone()
    {
        List<string> cut = [];
        WatchPlace slow = new() { CutOff = () => cut.Add("slow") };
        WatchPlace quick = new() { CutOff = () => cut.Add("quick") };
        Assert.True(_room.TryTake(slow, 50));
        _time.Advance(WatchRoom.Patience / 2);
        Assert.True(_room.TryTake(quick, 50));
        ValueTask waiting = _room.TakeAsync(new WatchPlace(), 50, CancellationToken.None);

        _time.Advance(WatchRoom.Patience);
        await Eventually.TrueAsync(() => cut.Count == 1);

        Assert.Equal(["slow"], cut);
        Assert.False(waiting.IsCompleted);
        Assert.Equal((100L, 1L), (_room.UsedBytes, _room.CutOffCount));
        _room.Release(slow);
        await waiting;
        Assert.Equal(100, _room.UsedBytes);
    }

    [Fact]
    public async Task One_that_found_nothing_to_tell_after_its_wait_is_not_cut_off_for_it()
    {
        int cut = 0;
        WatchPlace holder = new();
        WatchPlace empty = new() { CutOff = () => Interlocked.Increment(ref cut) };
        WatchPlace slow = new() { CutOff = () => Interlocked.Add(ref cut, 10) };
        Assert.True(_room.TryTake(holder, 60));
        ValueTask waiting = _room.TakeAsync(empty, 50, CancellationToken.None);
        _room.Release(holder);
        await waiting;

        // What it was to tell is compacted, or cancelled.
        _room.Resize(empty, 0);
        _room.Release(empty);
        Assert.True(_room.TryTake(slow, 90));
        ValueTask next = _room.TakeAsync(new WatchPlace(), 50, CancellationToken.None);
        _time.Advance(WatchRoom.Patience);

        await Eventually.TrueAsync(() => Volatile.Read(ref cut) > 0);
        Assert.Equal(10, cut);
        _room.Release(slow);
        await next;
    }

    [Fact]
    public async Task A_revision_too_large_for_a_moment_has_the_time_that_its_size_takes()
    {
        int cut = 0;
        const long Bytes = 3 * WatchRoom.BytesPerSecond;
        TimeSpan itsTime = WatchRoom.Patience + TimeSpan.FromSeconds(3);
        WatchPlace large = new() { CutOff = () => Interlocked.Increment(ref cut) };
        Assert.True(_room.TryTake(large, Bytes));
        ValueTask waiting = _room.TakeAsync(new WatchPlace(), Bytes, CancellationToken.None);
        for (TimeSpan told = TimeSpan.Zero; told + WatchRoom.Patience < itsTime; told += WatchRoom.Patience)
        {
            int looked = _time.SetCount;
            _time.Advance(WatchRoom.Patience);
            await Eventually.TrueAsync(() => _time.SetCount > looked);
            Assert.Equal(0, Volatile.Read(ref cut));
        }

        _time.Advance(WatchRoom.Patience);
        await Eventually.TrueAsync(() => Volatile.Read(ref cut) == 1);
        _room.Release(large);
        await waiting;
    }

    [Fact]
    public async Task Nobody_is_cut_off_who_has_told_for_a_moment_only()
    {
        WatchPlace busy = new() { CutOff = () => Assert.Fail("It was quick enough.") };
        Assert.True(_room.TryTake(busy, 100));
        ValueTask waiting = _room.TakeAsync(new WatchPlace(), 100, CancellationToken.None);
        for (int i = 0; i < 10; i++)
        {
            // Each time it has told something else.
            _time.Advance(WatchRoom.Patience / 2);
            if (waiting.IsCompleted)
            {
                break;
            }

            _room.Release(busy);
            _room.TryTake(busy, 100);
        }

        await waiting;
        Assert.Equal(0, _room.CutOffCount);
    }

    [Fact]
    public async Task Only_the_first_in_the_queue_has_somebody_cut_off()
    {
        int cut = 0;
        WatchPlace[] slow = [.. Enumerable.Range(0, 10).Select(_ => new WatchPlace { CutOff = () => Interlocked.Increment(ref cut) })];
        Assert.All(slow, place => Assert.True(_room.TryTake(place, 10)));
        ValueTask[] waiting = [.. Enumerable.Range(0, 10).Select(_ => _room.TakeAsync(new WatchPlace(), 10, CancellationToken.None))];

        _time.Advance(WatchRoom.Patience);
        await Eventually.TrueAsync(() => Volatile.Read(ref cut) > 0 && _time.SetCount == 20);

        Assert.Equal(1, cut);
        Array.ForEach(slow, _room.Release);
        foreach (ValueTask each in waiting)
        {
            await each;
        }
    }

    [Fact]
    public async Task Whoever_goes_while_waiting_makes_way_for_those_behind()
    {
        using CancellationTokenSource gone = new();
        WatchPlace first = new();
        Assert.True(_room.TryTake(first, 60));
        ValueTask large = _room.TakeAsync(new WatchPlace(), 60, gone.Token);
        ValueTask small = _room.TakeAsync(new WatchPlace(), 30, CancellationToken.None);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await large);
        await small;
        Assert.Equal(90, _room.UsedBytes);
    }
}
