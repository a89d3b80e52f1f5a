using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting.Systemd;
using RaftKv.Hosting;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.Hosting;

/// <summary>What a service manager is told, and when.</summary>
public sealed class ServiceManagerTests
{
    private readonly Manager _manager = new();

    [Fact]
    public async Task It_is_told_of_the_start_of_every_turn_and_of_the_end()
    {
        await using ServiceManager manager = Find(watchdogMicros: "2000")!;
        Assert.Equal("WATCHDOG=1", await _manager.NextAsync());
        Assert.Equal("WATCHDOG=1", await _manager.NextAsync());

        manager.Ready();
        while (await _manager.NextAsync() is var told && told != "READY=1")
        {
            Assert.Equal("WATCHDOG=1", told);
        }

        manager.Stopping();
        while (await _manager.NextAsync() is var told && told != "STOPPING=1")
        {
            Assert.Equal("WATCHDOG=1", told);
        }
    }

    [Fact]
    public async Task A_manager_that_watches_not_is_told_of_start_and_end_only()
    {
        await using ServiceManager manager = Find(watchdogMicros: null)!;
        manager.Ready();
        manager.Stopping();

        Assert.Equal(["READY=1", "STOPPING=1"], [await _manager.NextAsync(), await _manager.NextAsync()]);
    }

    [Fact]
    public async Task A_manager_that_is_gone_is_not_missed()
    {
        await using ServiceManager manager = Find(watchdogMicros: null)!;
        _manager.IsGone = true;

        manager.Ready();
    }

    [Fact]
    public void Who_was_started_by_nobody_tells_nobody()
    {
        _manager.IsEnabled = false;

        Assert.Null(Find(watchdogMicros: "2000"));
    }

    private ServiceManager? Find(string? watchdogMicros) =>
        ServiceManager.Find(_manager, watchdogMicros, new SingleNodeFake(), TimeProvider.System);

    private sealed class Manager : ISystemdNotifier
    {
        private readonly Channel<string> _told = Channel.CreateUnbounded<string>();

        public bool IsEnabled { get; set; } = true;

        public bool IsGone { get; set; }

        public void Notify(ServiceState state)
        {
            if (IsGone)
            {
                throw new SocketException((int)SocketError.ConnectionRefused);
            }

            _told.Writer.TryWrite(state.ToString());
        }

        public ValueTask<string> NextAsync() => _told.Reader.ReadAsync();
    }
}
