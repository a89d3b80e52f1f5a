using System.Collections.Concurrent;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>
/// Increments under idempotency keys, each repeated at random nodes until it is acknowledged, and some once more, while
/// leaders are killed: each counts once.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class KeyedIncrementTests
{
    private const int WorkerCount = 8;

    [Fact]
    public async Task Keyed_increments_end_at_the_exact_count_when_leaders_are_killed()
    {
        int count = Scale.Pick(small: 300, full: 10_000);
        int kills = Scale.Pick(small: 3, full: 25);
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: false));
        await cluster.StartAsync(TimeSpan.FromSeconds(90));

        var run = new Run(cluster, count, kills);
        Task killer = run.KillAsync();
        await Task.WhenAll(Enumerable.Range(1, WorkerCount).Select(run.WorkAsync).Append(killer));

        Console.WriteLine(
            $"keyed increments: {run.Answers.Count} acknowledged over {run.Kills} kills of leaders; {run.Attempts} attempts, "
            + $"{run.Rescued} answers replayed to a retry, {run.Repeats} deliberate repeats");
        using var client = new PatientClient(cluster.Nodes, seed: 0);
        HttpAnswer end = await client.MustAsync("GET", "/api/v1/kv/keyed?raw");
        Assert.Equal($"{count}", end.Text);
        Assert.Equal(Enumerable.Range(1, count).Select(i => (long)i), run.Answers.Order());
        Assert.Equal(kills, run.Kills);
        directory.Forget();
    }

    /// <summary>
    /// The increments are dealt out in as many parts as there are kills; each kill comes in the middle of its part, and the
    /// next part begins after it, so that none is missed by a fast machine.
    /// </summary>
    private sealed class Run(LocalCluster cluster, int count, int kills)
    {
        private readonly TaskCompletionSource[] _killed =
            [.. Enumerable.Range(0, kills).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];

        private int _dealt;
        private int _attempts;
        private int _rescued;
        private int _repeats;

        public ConcurrentBag<long> Answers { get; } = [];

        public int Kills { get; private set; }

        public int Attempts => _attempts;

        /// <summary>Answers of an earlier attempt that had been applied without being heard of.</summary>
        public int Rescued => _rescued;

        public int Repeats => _repeats;

        public async Task KillAsync()
        {
            try
            {
                for (int kill = 0; kill < kills; kill++)
                {
                    ServerProcess leader = await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(60), CancellationToken.None)
                        ?? throw new TimeoutException("No leader.");
                    while (Answers.Count < ((2 * kill) + 1) * count / (2 * kills))
                    {
                        await Task.Delay(1);
                    }

                    leader.Kill();
                    Kills++;
                    _killed[kill].SetResult();
                    await Task.Delay(500);
                    leader.Start();
                    await cluster.WaitUntilReadyAsync(TimeSpan.FromSeconds(90));
                }
            }
            catch (Exception e)
            {
                Array.ForEach(_killed, killed => killed.TrySetException(e));
                throw;
            }
        }

        public async Task WorkAsync(int worker)
        {
            using var client = new PatientClient(cluster.Nodes, seed: worker, TimeSpan.FromSeconds(2));
            var random = new Random(worker);
            if (worker % 2 == 1)
            {
                client.Session = (await client.MustAsync("POST", "/api/v1/client-sessions")).JsonString("id");
            }

            for (int number = Interlocked.Increment(ref _dealt) - 1; number < count; number = Interlocked.Increment(ref _dealt) - 1)
            {
                int part = (int)((long)number * kills / count);
                await (part == 0 ? Task.CompletedTask : _killed[part - 1].Task);
                await IncrementAsync(client, random);
            }
        }

        private async Task IncrementAsync(PatientClient client, Random random)
        {
            string key = client.NewOnce();
            DateTime end = DateTime.UtcNow + TimeSpan.FromMinutes(3);
            long? value = null;
            while (value is null && DateTime.UtcNow < end)
            {
                Interlocked.Increment(ref _attempts);
                HttpAnswer? answer = await AddAsync(client, key);
                if (answer is { Status: 200 or 201 })
                {
                    value = Value(answer);
                    Interlocked.Add(ref _rescued, IsReplayed(answer) ? 1 : 0);
                }
                else
                {
                    Assert.False(answer is not null && PatientClient.IsSettled(answer), $"{answer?.Status} {answer?.Text}");
                    await Task.Delay(random.Next(5, 50));
                }
            }

            Answers.Add(value ?? throw new TimeoutException("An increment was never acknowledged."));
            if (random.Next(5) == 0 && await AddAsync(client, key) is { Status: 200 or 201 } again)
            {
                Interlocked.Increment(ref _repeats);
                Assert.True(IsReplayed(again) && Value(again) == value, $"a repeat of {value} was answered {again.Text}");
            }
        }

        private static Task<HttpAnswer?> AddAsync(PatientClient client, string key) =>
            client.TryAsync("POST", "/api/v1/counters/keyed", """{"by":1}""", key);

        private static long Value(HttpAnswer answer) => answer.Json().GetProperty("value").GetInt64();

        private static bool IsReplayed(HttpAnswer answer) => answer.Header(HeaderNames.Replayed) == "true";
    }
}
