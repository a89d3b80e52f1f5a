using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Two of three nodes are stopped by SIGSTOP: the third answers what it can prove, says how old that can be, and refuses
/// the rest.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class MinorityTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Third_node_answers_weak_levels_with_an_honest_age_and_refuses_strong_ones(bool survivorLeads)
    {
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: false));
        await cluster.StartAsync(TimeSpan.FromSeconds(60));
        ServerProcess leader = (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(60), CancellationToken.None))!;
        ServerProcess survivor = survivorLeads ? leader : cluster.Nodes.First(node => node != leader);
        using var session = new NodeSession(survivor.Name, survivor.ClientPort, TimeSpan.FromSeconds(60));

        HttpAnswer put = await session.SendAsync("PUT", "/api/v1/kv/k", [], "v"u8.ToArray());
        Assert.Equal(201, put.Status);
        string token = put.Header(HeaderNames.Session)!;
        long beforeProof = Stopwatch.GetTimestamp();
        HttpAnswer proof = await session.GetAsync("/api/v1/kv/k");
        Assert.Equal(("200", "0"), ($"{proof.Status}", proof.Header(HeaderNames.StalenessMs)));

        foreach (ServerProcess node in cluster.Nodes.Where(node => node != survivor))
        {
            node.Pause();
        }

        long paused = Stopwatch.GetTimestamp();
        await WeakReadsAnswerAsync(session, token, beforeProof, paused);
        await StrongReadsAreUnmetAsync(session, survivor.Name);
        foreach (ServerProcess node in cluster.Nodes.Where(node => node.IsPaused))
        {
            node.Resume();
        }

        await LocalCluster.WaitUntilAsync(survivor, TimeSpan.FromSeconds(60), "linearizable again", async again =>
            (await again.GetAsync("/api/v1/kv/k")).Status == 200);
        directory.Forget();
    }

    // Longer than a lease: 1000 ms of election timeout at most.
    private static async Task WeakReadsAnswerAsync(NodeSession session, string token, long beforeProof, long paused)
    {
        // An acknowledgment that was on its way at the pause makes the proof younger when it is read, and that only: the age may
        // fall, not below the time since the pause, and grows no faster than time.
        (long Age, long At) last = (0, beforeProof);
        int reads = 0;
        while (Stopwatch.GetElapsedTime(paused) < TimeSpan.FromSeconds(3) || reads <= 20)
        {
            foreach (string level in (string[])["eventual", "consistent-prefix", "session", "causal", "sequential", "read-your-writes", "monotonic-reads"])
            {
                // Proven at the pause at the latest, and at the linearizable read at the earliest.
                long asked = Stopwatch.GetTimestamp();
                double least = Stopwatch.GetElapsedTime(paused).TotalMilliseconds;
                HttpAnswer answer = await session.GetAsync(
                    "/api/v1/kv/k?raw", $"{HeaderNames.Consistency}: {level}", $"{HeaderNames.Session}: {token}");
                double most = (Stopwatch.GetElapsedTime(beforeProof).TotalMilliseconds * 1.02) + 20;
                Assert.Equal($"200 v {level}", $"{answer.Status} {answer.Text} {answer.Header(HeaderNames.Consistency)}");
                long? age = answer.Number(HeaderNames.StalenessMs);
                Assert.True(age >= least, $"{level} claims {age} ms when {least} ms have passed since the others stopped");
                Assert.True(age <= most, $"{level} claims {age} ms when the proof is {most} ms old at most");
                double grown = (Stopwatch.GetElapsedTime(last.At).TotalMilliseconds * 1.02) + 20;
                Assert.True(age - last.Age <= grown, $"{level} claims {age} ms after {last.Age} ms, {grown} ms later at most");
                last = (age.Value, asked);
                reads++;
            }
        }
    }

    private static async Task StrongReadsAreUnmetAsync(NodeSession session, string name)
    {
        foreach (string policy in (string[])["wait", "fail", "forward"])
            foreach (string level in (string[])["linearizable", "lease", "all", "bounded"])
            {
                HttpAnswer answer = await session.GetAsync(
                    "/api/v1/kv/k",
                    $"{HeaderNames.Consistency}: {level}",
                    $"{HeaderNames.OnUnmet}: {policy}",
                    $"{HeaderNames.Timeout}: 400ms",
                    level == "bounded" ? $"{HeaderNames.MaxStaleness}: 500ms" : "X-Nothing: 1");
                Assert.True(answer.Status == 503, $"{level} {policy}: {answer.Status} {answer.Text}");
                Assert.Equal("consistency-unmet no", $"{answer.JsonString("code")} {answer.JsonString("applied")}");
                JsonElement problem = answer.Json();
                Assert.Equal(level, problem.GetProperty("asked").GetProperty("level").GetString());
                Assert.Equal(level == "bounded" ? 500 : null, Number(problem.GetProperty("asked").GetProperty("maxStalenessMs")));
                Assert.True(Number(problem.GetProperty("available").GetProperty("stalenessMs")) >= 3000, answer.Text);
                Assert.Equal(name, answer.Header(HeaderNames.ServedBy));
            }

        HttpAnswer wide = await session.GetAsync(
            "/api/v1/kv/k?raw", $"{HeaderNames.Consistency}: bounded", $"{HeaderNames.MaxStaleness}: 10m");
        Assert.Equal("200 v bounded", $"{wide.Status} {wide.Text} {wide.Header(HeaderNames.Consistency)}");
        HttpAnswer lag = await session.GetAsync(
            "/api/v1/kv/k", $"{HeaderNames.Consistency}: bounded", $"{HeaderNames.MaxLag}: 1000", $"{HeaderNames.Timeout}: 300ms");
        Assert.Equal("503 consistency-unmet", $"{lag.Status} {lag.JsonString("code")}");
    }

    private static long? Number(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number ? long.Parse(element.ToString(), CultureInfo.InvariantCulture) : null;
}
