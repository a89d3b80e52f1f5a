using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>
/// kill -9 of the leader: no lease ends sooner than its ttl after its holder sent the last keepalive that was
/// acknowledged. kill -9 of a holder: its lock goes to the next one.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class LeaseOverKillTests
{
    private const int LeasesPerRound = 8;
    private const int HolderTtlMs = 1500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task No_lease_ends_early_when_leaders_are_killed()
    {
        int rounds = Scale.Pick(small: 2, full: 20);
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: false));
        await cluster.StartAsync(Patience);
        var random = new Random(7);
        var lives = new ConcurrentBag<Life>();
        for (int round = 0; round < rounds; round++)
        {
            ServerProcess leader = (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(60), CancellationToken.None))!;
            Task[] all =
            [
                .. Enumerable.Range(0, LeasesPerRound).Select(async i =>
                {
                    using var client = new PatientClient(cluster.Nodes, seed: (round * 100) + i, TimeSpan.FromSeconds(2));
                    lives.Add(await Life.LiveAsync(client, ttlMs: 600 + (300 * i), renewals: i % 4 * 2, place: $"leased/{round}/{i}"));
                }),
            ];
            await Task.Delay(random.Next(100, 1200));
            leader.Kill();
            await Task.WhenAll(all);
            leader.Start();
            await cluster.WaitUntilReadyAsync(Patience);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"leases over kills: {lives.Count} leases, {lives.Sum(l => l.Acknowledged)} keepalives acknowledged, {rounds} leaders killed; "
            + $"gone {lives.Min(l => l.LateMs):0} to {lives.Max(l => l.LateMs):0} ms after their time"));
        Assert.Equal(rounds * LeasesPerRound, lives.Count);
        Assert.Empty(lives.SelectMany(life => life.Faults));
        directory.Forget();
    }

    [Fact]
    public async Task A_lease_that_ends_before_its_time_is_found()
    {
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(1, directory.Path, HasProxies: false));
        await cluster.StartAsync(Patience);
        using var client = new PatientClient(cluster.Nodes, seed: 1);
        Life life = await Life.LiveAsync(client, ttlMs: 600_000, renewals: 0, place: "revoked", isRevoked: true);
        Assert.Contains("its key was gone", Assert.Single(life.Faults), StringComparison.Ordinal);
        directory.Forget();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_lock_of_a_killed_holder_goes_to_the_next_one(bool isLeaderKilledToo)
    {
        int rounds = Scale.Pick(small: 1, full: isLeaderKilledToo ? 10 : 20);
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: false));
        await cluster.StartAsync(Patience);
        List<double> figures = [];
        for (int tries = 0; figures.Count < rounds && tries < 20 * rounds; tries++)
        {
            if (await RunRoundAsync(cluster, isLeaderKilledToo) is { } ms)
            {
                figures.Add(ms);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"killed holders{(isLeaderKilledToo ? " and leaders" : "")}: {figures.Count} locks with a ttl of {HolderTtlMs} ms taken over, "
            + $"{figures.Min():0} to {figures.Max():0} ms after the kill"));
        Assert.Equal(rounds, figures.Count);
        if (Scale.IsFull && !isLeaderKilledToo)
        {
            Assert.InRange(figures.Max(), 0, HolderTtlMs + 2000);
        }

        directory.Forget();
    }

    /// <summary>Milliseconds from the kill to the next holder; null when the holder lost its lock while it lived.</summary>
    private static async Task<double?> RunRoundAsync(LocalCluster cluster, bool isLeaderKilledToo)
    {
        ServerProcess leader = (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(60), CancellationToken.None))!;
        using var holder = new UserProcess(cluster, "hold", "dead", HolderTtlMs.ToString(CultureInfo.InvariantCulture), "dead-holder");
        await holder.NextAsync("ready");
        holder.Tell("go");
        long token = long.Parse((await holder.NextAsync("holding"))[1], CultureInfo.InvariantCulture);
        using var next = new PatientClient(cluster.Nodes.Where(node => node != leader), seed: 1, Patience);
        Task<HttpAnswer?> wait = next.TryAsync("POST", "/api/v1/locks/dead", """{"ttl":"60s","wait":"60s"}""");
        await Task.Delay(HolderTtlMs * 3 / 2);
        bool wasWaiting = !wait.IsCompleted;
        long start = Stopwatch.GetTimestamp();
        if (isLeaderKilledToo)
        {
            leader.Kill();
        }

        holder.Kill();
        HttpAnswer? answer = await wait;
        double ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        bool isLost = holder.HasSaidRefused || !wasWaiting;
        if (answer is not { Status: 201 })
        {
            // A waiter whose node lost its leader may be told so; the lock itself must still come free.
            Assert.True(isLeaderKilledToo && (answer is null || answer.Status >= 500), $"{answer?.Status} {answer?.Text}");
            answer = await next.MustAsync("POST", "/api/v1/locks/dead", """{"ttl":"60s","wait":"30s"}""");
            ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        long got = answer.Json().GetProperty("fencingToken").GetInt64();
        Assert.True(got > token, $"token {got} after {token}");
        await next.MustAsync("PUT", "/api/v1/kv/dead-holder", $"{got}", $"{HeaderNames.Fence}: dead;token={got}");
        await next.MustAsync("DELETE", $"/api/v1/locks/dead?token={got}");
        if (isLeaderKilledToo)
        {
            leader.Start();
            await cluster.WaitUntilReadyAsync(Patience);
        }

        return isLost ? null : ms;
    }

    /// <summary>One lease with one key, from its grant until the key is gone.</summary>
    private sealed class Life(PatientClient client, int ttlMs, string place)
    {
        private string _id = "";
        private string _key = "";
        private long _lastSent;

        /// <summary>How long after the ttl, counted from the sending of the last acknowledged keepalive.</summary>
        public double LateMs { get; private set; }

        public int Acknowledged { get; private set; }

        public List<string> Faults { get; } = [];

        /// <param name="isRevoked">Ends it at once: for the test of the test.</param>
        public static async Task<Life> LiveAsync(PatientClient client, int ttlMs, int renewals, string place, bool isRevoked = false)
        {
            var life = new Life(client, ttlMs, place);
            if (await life.BeginAsync())
            {
                await (isRevoked ? client.MustAsync("DELETE", $"/api/v1/leases/{life._id}") : Task.CompletedTask);
                await life.WatchAsync(renewals);
            }

            return life;
        }

        // Until a key stands, each time another: a put that nobody knows of may still come, under the lease of its time.
        private async Task<bool> BeginAsync()
        {
            for (int tries = 0; tries < 100; tries++)
            {
                long sent = Stopwatch.GetTimestamp();
                HttpAnswer? grant = await client.TryAsync("POST", "/api/v1/leases", $$"""{"ttl":"{{ttlMs}}ms"}""");
                if (grant is not { Status: 201 })
                {
                    continue;
                }

                _id = grant.JsonString("id")!;
                _key = string.Create(CultureInfo.InvariantCulture, $"{place}/{tries}");
                _lastSent = sent;
                HttpAnswer? put = await client.TryAsync("PUT", $"/api/v1/kv/{_key}?lease={_id}", "x");
                CheckNotEarly(put is { Status: 404 }, "the lease was not found");
                if (put is { Status: 200 or 201 })
                {
                    return true;
                }
            }

            Faults.Add($"{place} could not be made");
            return false;
        }

        private async Task WatchAsync(int renewals)
        {
            DateTime end = DateTime.UtcNow + Patience;
            while (DateTime.UtcNow < end)
            {
                HttpAnswer? look = await client.TryAsync("GET", $"/api/v1/kv/{_key}", "", $"{HeaderNames.Consistency}: linearizable");
                if (CheckNotEarly(look is { Status: 404 }, "its key was gone"))
                {
                    return;
                }

                if (renewals > 0 && Stopwatch.GetElapsedTime(_lastSent).TotalMilliseconds > ttlMs / 3)
                {
                    long sent = Stopwatch.GetTimestamp();
                    HttpAnswer? kept = await client.TryAsync("POST", $"/api/v1/leases/{_id}/keepalive");
                    CheckNotEarly(kept is { Status: 404 }, "a keepalive found no lease");
                    if (kept is { Status: 200 })
                    {
                        _lastSent = sent;
                        Acknowledged++;
                        renewals--;
                    }
                }

                await Task.Delay(15);
            }

            Faults.Add($"{_key} never went");
        }

        // Seen by now at the latest: a sight before the time is over proves an early end, and one after it proves nothing.
        private bool CheckNotEarly(bool isGone, string what)
        {
            if (isGone)
            {
                LateMs = Stopwatch.GetElapsedTime(_lastSent).TotalMilliseconds - ttlMs;
                if (LateMs < 0)
                {
                    Faults.Add(string.Create(CultureInfo.InvariantCulture, $"{_key}: {what} {-LateMs:0.0} ms before {ttlMs} ms were over"));
                }
            }

            return isGone;
        }
    }
}
