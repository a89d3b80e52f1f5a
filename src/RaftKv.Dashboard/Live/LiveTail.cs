using System.Text.Json;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Live;

/// <summary>A change as the tail shows it.</summary>
/// <param name="At">When this page heard of it.</param>
public sealed record TailLine(DateTimeOffset At, long Revision, KeyVersion Change);

/// <summary>
/// Follows a watch of this node and keeps the newest changes. When the stream breaks it goes on where it was; what a
/// page does not show, it does not keep. Belongs to one page; <c>changed</c> is called on the pool.
/// </summary>
internal sealed class LiveTail(NodeClient client, TimeProvider time, Action changed) : IAsyncDisposable
{
    /// <summary>Lines that are kept; older ones go.</summary>
    internal const int MaxLines = 300;

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<TailLine> _lines = new();
    private CancellationTokenSource? _running;
    private Task _run = Task.CompletedTask;

    /// <summary>What is to be said of the stream: empty while it flows.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>True while it follows.</summary>
    public bool IsOn => _running is not null;

    /// <summary>The newest revision that it has told of, or been told that nothing before it is missing.</summary>
    public long Revision { get; private set; }

    /// <summary>Changes since it was started, the forgotten ones too.</summary>
    public long Count { get; private set; }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<TailLine> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Begins anew.</summary>
    public async Task StartAsync(TailRequest request)
    {
        await StopAsync();
        lock (_lock)
        {
            _lines.Clear();
            Count = 0;
            Revision = 0;
        }

        Trouble = "";
        _running = new CancellationTokenSource();
        _run = RunAsync(request, _running.Token);
    }

    /// <summary>Ends; the lines stay.</summary>
    public async Task StopAsync()
    {
        if (_running is { } running)
        {
            _running = null;
            await running.CancelAsync();
            await _run;
            running.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Takes one message.</summary>
    internal void Take(ChangeMessage message)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            Revision = Math.Max(Revision, message.Revision);
            foreach (KeyVersion change in message.Events)
            {
                _lines.AddFirst(new TailLine(now, message.Revision, change));
                Count++;
                if (_lines.Count > MaxLines)
                {
                    _lines.RemoveLast();
                }
            }
        }
    }

    private async Task RunAsync(TailRequest request, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                string target = request.Target(Revision > 0 ? Revision + 1 : 0);
                await foreach ((string type, ChangeMessage body) in client.WatchAsync(target, cancellationToken).ConfigureAwait(false))
                {
                    Trouble = type == "cancel" ? body.Detail ?? "The node ended the watch." : "";
                    Take(body);
                    changed();
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException)
            {
                Trouble = failure is HttpRequestException ? failure.Message : "The stream broke; it goes on where it was.";
                changed();
            }

            await Task.Delay(_pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
