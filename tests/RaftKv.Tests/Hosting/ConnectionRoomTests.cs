using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using RaftKv.Tests.Client;
using RaftKv.Transport.Connections;

namespace RaftKv.Tests.Hosting;

/// <summary>Who makes room when a port has as many connections as it takes.</summary>
public sealed class ConnectionRoomTests
{
    // No test lives so long.
    private static readonly TimeSpan _never = TimeSpan.FromDays(1);

    private readonly ManualTimeProvider _time = new();
    private readonly ConnectionRoom _room;

    public ConnectionRoomTests() => _room = new ConnectionRoom(maxConnections: 2, _time);

    [Fact]
    public void The_connection_that_was_idle_longest_makes_room()
    {
        Guest first = Enter();
        Guest second = Enter();
        second.Ask();
        _time.Advance(TimeSpan.FromSeconds(1));
        first.Ask();
        _time.Advance(TimeSpan.FromSeconds(1));

        Guest third = Enter();

        Assert.Equal((false, true, false), (first.IsAskedToClose, second.IsAskedToClose, third.IsAskedToClose));
        Assert.Equal((2, 1L, 0L), (_room.OpenCount, _room.ClosedIdleCount, _room.RefusedCount));
    }

    [Fact]
    public async Task One_on_which_a_request_runs_is_never_closed()
    {
        Guest watcher = Enter();
        TaskCompletionSource watch = new();
        Task watching = watcher.Ask(watch.Task);
        _time.Advance(TimeSpan.FromHours(1));
        Guest silent = Enter();
        silent.Ask();

        Guest third = Enter();
        _ = third.Ask(new TaskCompletionSource().Task);
        Guest fourth = Enter();

        Assert.True(silent.IsAskedToClose);
        Assert.False(watcher.IsAskedToClose || third.IsAskedToClose);
        Assert.True(fourth.IsRefused);
        watch.SetResult();
        await watching;

        Guest fifth = Enter();
        Assert.True(watcher.IsAskedToClose);
        Assert.False(fifth.IsRefused);
    }

    [Fact]
    public void One_that_has_just_come_has_a_moment_for_its_first_request()
    {
        Guest first = Enter();
        Guest second = Enter();

        Assert.True(Enter().IsRefused);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(Enter().IsRefused);
        Assert.True(first.IsAskedToClose != second.IsAskedToClose);
    }

    [Fact]
    public void Those_that_are_asked_to_close_and_do_not_are_bounded_too()
    {
        for (int i = 0; i < 4; i++)
        {
            Assert.False(Enter().IsRefused);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(Enter().IsRefused);
    }

    [Fact]
    public async Task Whoever_leaves_gives_the_place_back()
    {
        for (int i = 0; i < 10; i++)
        {
            Guest guest = Enter();
            Assert.False(guest.IsRefused);
            guest.Leave();
            await guest.Serving;
        }

        Assert.Equal((0, 0L), (_room.OpenCount, _room.ClosedIdleCount));
    }

    [Fact]
    public async Task Who_is_seen_off_is_told_with_the_next_answer_and_closed_only_then()
    {
        Guest often = Enter();
        Guest seldom = Enter();
        seldom.Ask();
        _time.Advance(TimeSpan.FromSeconds(2));
        often.Ask();

        Task seeingOff = _room.SeeOffAsync(_never, _never);
        Assert.False(often.IsAskedToClose || seldom.IsAskedToClose);
        Assert.Equal("close", often.AskFor("HTTP/1.1"));

        // It was told, and its connection ends by itself; the other one has said nothing for long.
        often.Leave();
        await often.Serving;
        await TickUntilAsync(() => seldom.IsAskedToClose);
        Assert.False(often.IsAskedToClose || seeingOff.IsCompleted);
        seldom.Leave();
        await seldom.Serving;
        await TickUntilAsync(() => seeingOff.IsCompleted);
        await seeingOff;
    }

    [Fact]
    public void A_request_that_runs_is_the_last_of_its_connection()
    {
        Guest guest = Enter();
        _ = guest.Ask(new TaskCompletionSource().Task);
        Guest awaited = Enter();
        awaited.Ask();

        _ = _room.SeeOffAsync(_never, _never);

        Assert.True(guest.IsAskedToClose);
        Assert.False(awaited.IsAskedToClose);
    }

    [Fact]
    public async Task A_client_of_HTTP2_is_told_at_once_and_what_runs_is_awaited()
    {
        Guest guest = Enter();
        Assert.Equal("", guest.AskFor("HTTP/2"));

        Task seeingOff = _room.SeeOffAsync(_never, _never);
        Assert.True(guest.IsAskedToClose);
        Assert.Equal("", guest.AskFor("HTTP/2"));
        Assert.False(seeingOff.IsCompleted);
        guest.Leave();
        await guest.Serving;
        await TickUntilAsync(() => seeingOff.IsCompleted);
        await seeingOff;
    }

    [Fact]
    public async Task Who_does_not_go_is_waited_for_no_longer_than_was_said()
    {
        Guest guest = Enter();
        guest.Ask();

        Task seeingOff = _room.SeeOffAsync(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300));
        Assert.False(guest.IsAskedToClose || seeingOff.IsCompleted);
        await TickUntilAsync(() => seeingOff.IsCompleted);

        await seeingOff;
        Assert.True(guest.IsAskedToClose);
        Assert.Equal(1, _room.OpenCount);
    }

    private async Task TickUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(1);
        }
    }

    private Guest Enter()
    {
        Guest guest = new();
        guest.Serving = _room.ServeAsync(guest, _ => guest.Stay);
        return guest;
    }

    private sealed class Guest : DefaultConnectionContext, IConnectionLifetimeNotificationFeature
    {
        private readonly TaskCompletionSource _stay = new();

        public Guest() => Features.Set<IConnectionLifetimeNotificationFeature>(this);

        public Task Serving { get; set; } = Task.CompletedTask;

        public Task Stay => _stay.Task;

        public bool IsAskedToClose { get; private set; }

        public bool IsRefused { get; private set; }

        CancellationToken IConnectionLifetimeNotificationFeature.ConnectionClosedRequested { get; set; }

        void IConnectionLifetimeNotificationFeature.RequestClose() => IsAskedToClose = true;

        public override void Abort(ConnectionAbortedException abortReason) => IsRefused = true;

        /// <summary>A request and its answer.</summary>
        public void Ask() => Assert.True(Ask(Task.CompletedTask).IsCompletedSuccessfully);

        /// <summary>A request that runs until the task ends.</summary>
        public Task Ask(Task until)
        {
            DefaultHttpContext http = new();
            http.Features.Set(Features.Get<ConnectionPlace>());
            return ConnectionRoom.CountAsync(http, _ => until);
        }

        /// <summary>What the answer to a request says of the connection.</summary>
        public string AskFor(string protocol)
        {
            DefaultHttpContext http = new();
            http.Request.Protocol = protocol;
            http.Features.Set(Features.Get<ConnectionPlace>());
            Assert.True(ConnectionRoom.CountAsync(http, static _ => Task.CompletedTask).IsCompletedSuccessfully);
            return http.Response.Headers.Connection.ToString();
        }

        public void Leave() => _stay.SetResult();
    }
}
