using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Service.Coordination;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.Service;

/// <summary>
/// The one way in which places are waited for, over RaftKv's own queues and over the line that etcd's clients play.
/// </summary>
public sealed class AcquisitionTests
{
    private static readonly byte[] _name = "job"u8.ToArray();

    public enum Line
    {
        Queue,
        Recipe,
    }

    [Theory]
    [InlineData(Line.Queue)]
    [InlineData(Line.Recipe)]
    public async Task The_first_holds_at_once_and_the_second_once_the_first_has_gone(Line kind)
    {
        using var service = new FakeService();
        Acquisition first = await EnterAsync(service, kind, lease: 1);
        Acquisition second = await EnterAsync(service, kind, lease: 2);
        Assert.Equal(AcquireEnd.Held, await first.HoldAsync(TimeSpan.Zero));

        Task<AcquireEnd> waiting = second.HoldAsync(Timeout.InfiniteTimeSpan).AsTask();
        Assert.False(waiting.IsCompleted);
        await first.LeaveAsync();

        Assert.Equal(AcquireEnd.Held, await waiting);
        Assert.Null(service.Node.View.Get(first.Place!.Key.Span));
    }

    [Theory]
    [InlineData(Line.Queue)]
    [InlineData(Line.Recipe)]
    public async Task Who_goes_away_while_waiting_leaves_no_place_behind(Line kind)
    {
        using var service = new FakeService();
        using var gone = new CancellationTokenSource();
        await EnterAsync(service, kind, lease: 1);
        Acquisition second = await EnterAsync(service, kind, lease: 2, gone.Token);
        Task<AcquireEnd> waiting = second.HoldAsync(Timeout.InfiniteTimeSpan).AsTask();

        await gone.CancelAsync();

        Assert.Equal(AcquireEnd.ClientGone, await waiting);
        Assert.Null(service.Node.View.Get(second.Place!.Key.Span));
    }

    [Theory]
    [InlineData(Line.Queue)]
    [InlineData(Line.Recipe)]
    public async Task A_wait_whose_time_is_over_gives_the_place_back(Line kind)
    {
        using var service = new FakeService();
        Acquisition first = await EnterAsync(service, kind, lease: 1);
        Acquisition second = await EnterAsync(service, kind, lease: 2);

        Assert.Equal(AcquireEnd.TimedOut, await second.HoldAsync(TimeSpan.Zero));

        Assert.Null(service.Node.View.Get(second.Place!.Key.Span));
        Assert.NotNull(service.Node.View.Get(first.Place!.Key.Span));
    }

    [Theory]
    [InlineData(Line.Queue)]
    [InlineData(Line.Recipe)]
    public async Task A_place_that_is_lost_while_it_waits_holds_nothing_later(Line kind)
    {
        using var service = new FakeService();
        Acquisition first = await EnterAsync(service, kind, lease: 1);
        Acquisition second = await EnterAsync(service, kind, lease: 2);
        Task<AcquireEnd> waiting = second.HoldAsync(Timeout.InfiniteTimeSpan).AsTask();

        await service.DeleteAsync(second.Place!.Key);

        Assert.Equal(AcquireEnd.Gone, await waiting);
        Assert.Equal(AcquireEnd.Held, await first.HoldAsync(TimeSpan.Zero));
    }

    [Theory]
    [InlineData(Line.Queue)]
    [InlineData(Line.Recipe)]
    public async Task A_node_that_leaves_ends_the_wait(Line kind)
    {
        using var service = new FakeService();
        await EnterAsync(service, kind, lease: 1);
        Acquisition second = await EnterAsync(service, kind, lease: 2);
        Task<AcquireEnd> waiting = second.HoldAsync(Timeout.InfiniteTimeSpan).AsTask();

        service.Node.Mode = FakeMode.Draining;

        Assert.Equal(AcquireEnd.Stopping, await waiting);
    }

    private static async Task<Acquisition> EnterAsync(FakeService service, Line kind, long lease, CancellationToken gone = default)
    {
        var id = new LeaseId(lease);
        if (kind == Line.Queue)
        {
            var acquire = new AcquireOp(LockKind.Lock, _name, LockMode.Exclusive, id, Value: default, TtlMs: 60_000);
            CommandResult taken = await service.ApplyAsync(new MutateCommand(acquire));
            return Take(service, new QueueLine(LockKind.Lock, _name), ((AcquireResult)taken.Result!).Entry, gone);
        }

        await service.ApplyAsync(new GrantLeaseCommand(id, 60_000));
        var line = new RecipeLine(_name);
        CommandResult entered = await service.ApplyAsync(line.Enter(line.KeyOf(id), id, value: default));
        return Take(service, line, RecipeLine.PlaceOf(entered), gone);
    }

    private static Acquisition Take(FakeService service, IPlaceLine line, KeyValue place, CancellationToken gone)
    {
        var acquisition = new Acquisition(service.NewCall(), line, gone);
        acquisition.Take(place, service.Node.View);
        return acquisition;
    }
}
