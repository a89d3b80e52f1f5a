using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Service;
using RaftKv.Service.Calls;
using RaftKv.Tests.Watch;

namespace RaftKv.Tests.Api;

/// <summary>Large answers share a room: in turn, bounded, and nobody keeps a place that is not used.</summary>
public sealed class AnswerRoomTests
{
    private const long Large = 1_000_000;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Who_finds_no_room_waits_until_some_is_given_back()
    {
        var room = new AnswerRoom(3 * Large);
        IDisposable first = (await room.TakeAsync(2 * Large, Long, default))!;
        Task<IDisposable?> second = room.TakeAsync(2 * Large, Long, default).AsTask();
        Assert.False(second.IsCompleted);

        first.Dispose();
        (await second)!.Dispose();

        Assert.Equal(0, room.UsedBytes);
    }

    [Fact]
    public void What_a_transaction_tells_counts_with_all_inside_it()
    {
        using StoreDriver store = new();
        store.Put("a key", new string('x', 90));
        KeyValue pair = store.View.Get("a key"u8)!;
        OpResult range = new RangeResult(ReadStatus.Ok, [pair, pair], HasMore: false, Count: 2);
        OpResult delete = new DeleteRangeResult(3, [pair, pair, pair]);
        OpResult put = new PutResult(pair, pair);
        long one = AnswerRoom.CostOf(range, isWhole: true) / 2;

        Assert.Equal(3 * one, AnswerRoom.CostOf(delete, isWhole: true));
        Assert.Equal(one, AnswerRoom.CostOf(put, isWhole: true));
        Assert.Equal(0, AnswerRoom.CostOf(new PutResult(pair, null), isWhole: true));
        TxnResult inner = new(true, [range, delete]);
        Assert.Equal(8 * one, AnswerRoom.CostOf(new TxnResult(true, [range, put, inner]), isWhole: true));
        Assert.True(AnswerRoom.CostOf(range, isWhole: false) < 2 * one);
    }

    [Fact]
    public async Task Turns_come_in_the_order_of_asking_also_for_a_smaller_one()
    {
        var room = new AnswerRoom(3 * Large);
        IDisposable first = (await room.TakeAsync(2 * Large, Long, default))!;
        Task<IDisposable?> larger = room.TakeAsync(3 * Large, Long, default).AsTask();
        Task<IDisposable?> smaller = room.TakeAsync(Large, Long, default).AsTask();
        Assert.False(smaller.IsCompleted);

        first.Dispose();
        IDisposable place = (await larger)!;
        Assert.False(smaller.IsCompleted);
        Assert.Equal(3 * Large, room.UsedBytes);
        place.Dispose();
        Assert.NotNull(await smaller);
    }

    [Fact]
    public async Task Who_waits_in_vain_is_refused_and_holds_up_nobody_behind_him()
    {
        var room = new AnswerRoom(3 * Large);
        IDisposable first = (await room.TakeAsync(2 * Large, Long, default))!;

        Task<IDisposable?> vain = room.TakeAsync(3 * Large, TimeSpan.FromMilliseconds(1), default).AsTask();
        Task<IDisposable?> behind = room.TakeAsync(Large, Long, default).AsTask();

        Assert.Null(await vain);
        Assert.NotNull(await behind);
        first.Dispose();
        Assert.Equal(Large, room.UsedBytes);
    }

    [Fact]
    public async Task A_caller_that_goes_away_gives_up_its_turn()
    {
        var room = new AnswerRoom(Large);
        IDisposable first = (await room.TakeAsync(Large, Long, default))!;
        using var gone = new CancellationTokenSource();
        Task<IDisposable?> waiting = room.TakeAsync(Large, Long, gone.Token).AsTask();

        gone.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.Dispose();

        Assert.Equal(0, room.UsedBytes);
    }

    [Fact]
    public async Task An_answer_larger_than_the_room_is_let_in_alone_and_a_small_one_always()
    {
        var room = new AnswerRoom(Large);
        IDisposable giant = (await room.TakeAsync(100 * Large, Long, default))!;

        Assert.NotNull(await room.TakeAsync(AnswerRoom.SmallBytes, Long, default));
        Assert.Equal(Large, room.UsedBytes);
        giant.Dispose();
        giant.Dispose();

        Assert.Equal(0, room.UsedBytes);
    }
}
