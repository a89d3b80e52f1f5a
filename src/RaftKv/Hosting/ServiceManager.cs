using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using RaftKv.Node;

namespace RaftKv.Hosting;

/// <summary>
/// Tells systemd how the node is doing, when it wants to know: that it listens, that it ends (Type=notify), and in between,
/// as long as its loop turns, that it lives (WatchdogSec). Any thread.
/// </summary>
internal sealed class ServiceManager : IAsyncDisposable
{
    private static readonly ServiceState _alive = new("WATCHDOG=1");
    private static readonly TimeSpan _answerTimeout = TimeSpan.FromSeconds(1);

    private readonly ISystemdNotifier _systemd;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _watching;

    private ServiceManager(ISystemdNotifier systemd, INode node, TimeSpan? interval, TimeProvider time)
    {
        _systemd = systemd;
        _watching = interval is { } period ? WatchAsync(node, period, time) : Task.CompletedTask;
    }

    /// <summary>The manager that started this process; null when it is none that wants to be told.</summary>
    /// <param name="watchdogMicros">How often systemd wants to hear (WATCHDOG_USEC); null when it does not say.</param>
    public static ServiceManager? Find(ISystemdNotifier systemd, string? watchdogMicros, INode node, TimeProvider time)
    {
        if (!systemd.IsEnabled)
        {
            return null;
        }

        // Twice as often as asked, as systemd advises.
        long.TryParse(watchdogMicros, NumberStyles.None, CultureInfo.InvariantCulture, out long micros);
        return new ServiceManager(systemd, node, micros > 0 ? TimeSpan.FromMicroseconds(micros / 2) : null, time);
    }

    /// <summary>The node listens.</summary>
    public void Ready() => Tell(ServiceState.Ready);

    /// <summary>The node is about to end.</summary>
    public void Stopping() => Tell(ServiceState.Stopping);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _ended.Dispose();
    }

    // Whatever the answer is, leader or not: that there is one says that the node's loop turns.
    private async Task WatchAsync(INode node, TimeSpan period, TimeProvider time)
    {
        try
        {
            while (true)
            {
                await node.ReadBarrierAsync(_answerTimeout, _ended.Token).AsTask().WaitAsync(_ended.Token).ConfigureAwait(false);
                Tell(_alive);
                await Task.Delay(period, time, _ended.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // This one is disposed, or the node is.
        }
    }

    private void Tell(ServiceState state)
    {
        try
        {
            _systemd.Notify(state);
        }
        catch (SocketException)
        {
            // A manager that is gone is not missed: the node serves without one.
        }
    }
}
