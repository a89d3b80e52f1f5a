using System.Globalization;
using RaftKv.Client;
using RaftKv.Client.Testing;

namespace RaftKv.Integrations.Tests.Support;

/// <summary>
/// Kills whoever leads, again and again, while an assembly's tests run, and brings it back: only where <c>RAFTKV_KILL_LEADERS</c> names a
/// file, to which each kill is added as a line. Never more than one node is down: tests that kill nodes themselves take the same turn.
/// </summary>
/// <remarks>So every case of every suite is run under it. A storm that killed nobody fails the run.</remarks>
internal sealed class LeaderStorm : IAsyncDisposable
{
    // A leader's life: some calls long.
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly RaftKvTestCluster _cluster;
    private readonly RaftKvClient _client;
    private readonly Task _running;
    private int _killed;

    internal LeaderStorm(RaftKvTestCluster cluster, RaftKvClient client)
    {
        _cluster = cluster;
        _client = client;
        _running = Environment.GetEnvironmentVariable("RAFTKV_KILL_LEADERS") is { Length: > 0 } file
            ? Task.Run(() => RunAsync(file, _stop.Token)) : Task.CompletedTask;
    }

    /// <summary>Nobody else takes a node down until the turn is disposed.</summary>
    internal async Task<IDisposable> TakeTurnAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        return new Turn(_turn);
    }

    /// <summary>Who leads, from 0, as a linearizable read has it.</summary>
    internal async Task<int> FindLeaderAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            GetResult read = await _client.TryGetAsync("who-leads", ReadLevel.Linearizable, cancellationToken).ConfigureAwait(false);
            if (read.Metadata.Leader is { Length: > 1 } name)
            {
                return int.Parse(name.AsSpan(1), CultureInfo.InvariantCulture) - 1;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
        _turn.Dispose();
    }

    private async Task RunAsync(string file, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Life, CancellationToken.None).ConfigureAwait(false);
            using IDisposable turn = await TakeTurnAsync().ConfigureAwait(false);
            int leader = await FindLeaderAsync(CancellationToken.None).ConfigureAwait(false);
            await _cluster.KillAsync(leader, CancellationToken.None).ConfigureAwait(false);
            _killed++;
            string line = string.Create(CultureInfo.InvariantCulture, $"{_killed}: n{leader + 1}, which led, is killed\n");
            await File.AppendAllTextAsync(file, line, CancellationToken.None).ConfigureAwait(false);

            // It comes back when another one leads, so that this was an election and not a short silence.
            await FindLeaderAsync(CancellationToken.None).ConfigureAwait(false);
            await _cluster.RestartAsync(leader, CancellationToken.None).ConfigureAwait(false);
        }

        if (_killed == 0)
        {
            throw new InvalidOperationException("The storm killed nobody.");
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
