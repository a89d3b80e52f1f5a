using System.Globalization;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>
/// A lock holder, a process with the .NET client, is stopped by SIGSTOP for longer than its ttl and woken: whatever it
/// still writes is refused, and the next holder's writes stand.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class FencedWriteTests
{
    private const int TtlMs = 1500;

    [Fact]
    public async Task A_woken_holder_is_refused_with_412_and_the_next_token_is_accepted()
    {
        int rounds = Scale.Pick(small: 10, full: 200);
        const int Lanes = 5;
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: false));
        await cluster.StartAsync(TimeSpan.FromSeconds(90));
        using (var client = new PatientClient(cluster.Nodes, seed: 1))
        {
            await client.MustAsync("PUT", "/api/v1/guards/resource%2F", "{}");
            Assert.Equal("412 fence-required", await WriteAsync(client, "resource/0", "unfenced"));
            Assert.Equal("412 fence-required", Say(await client.AskAsync("POST", "/api/v1/counters/resource/n", """{"by":1}""")));
            Assert.Equal(
                "412 fence-required",
                Say(await client.AskAsync("POST", "/api/v1/txn", """{"then":[{"put":{"key":"resource/0","value":"x"}}]}""")));
            Assert.Equal("412 fence-required", Say(await client.AskAsync("DELETE", "/api/v1/kv?prefix=res")));
        }

        (int Done, int Early)[] figures = await Task.WhenAll(
            Enumerable.Range(0, Lanes).Select(lane => RunLaneAsync(cluster, lane, rounds / Lanes)));

        Console.WriteLine(
            $"fenced writes: {figures.Sum(f => f.Done)} woken holders refused; {figures.Sum(f => f.Early)} rounds repeated, "
            + "their holder had lost the lock before it was stopped");
        Assert.Equal(rounds, figures.Sum(f => f.Done));
        Assert.All(cluster.Nodes, node => Assert.Empty(node.UnexpectedExits));
        directory.Forget();
    }

    [Fact]
    public void A_token_after_a_larger_one_is_found()
    {
        Assert.Null(WatchLog.FindStepBack([(5, 3), (6, 3), (9, 8)]));
        Assert.Contains("token 3, after 8", WatchLog.FindStepBack([(5, 3), (6, 8), (9, 3)]), StringComparison.Ordinal);
    }

    private static async Task<(int Done, int Early)> RunLaneAsync(LocalCluster cluster, int lane, int rounds)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"orders/{lane}");
        string key = string.Create(CultureInfo.InvariantCulture, $"resource/{lane}");
        using var client = new PatientClient(cluster.Nodes, seed: lane, TimeSpan.FromSeconds(30));
        using var holder = new UserProcess(cluster, "hold", name, TtlMs.ToString(CultureInfo.InvariantCulture), key);
        await holder.NextAsync("ready");
        int done = 0;
        int early = 0;
        while (done < rounds)
        {
            Assert.True(early <= 5 * rounds, $"The holder loses its lock all the time:\n{holder.Log}");
            bool isDone = await RunRoundAsync(client, holder, name, key, isReleasedFirst: done % 2 == 1);
            (done, early) = isDone ? (done + 1, early) : (done, early + 1);
        }

        List<WatchedChange> log = await WatchLog.ReadAsync(cluster.Nodes[lane % 3], key);
        Assert.Null(WatchLog.FindStepBack(
            log.Where(c => c.Key == key).Select(c => (c.Revision, long.Parse(c.Value!, CultureInfo.InvariantCulture)))));
        return (done, early);
    }

    /// <summary>False when the holder had lost the lock, for want of processor time, before it was stopped.</summary>
    private static async Task<bool> RunRoundAsync(PatientClient client, UserProcess holder, string name, string key, bool isReleasedFirst)
    {
        holder.Tell("go");
        long token = Number((await holder.NextAsync("holding"))[1]);
        if ((await holder.NextAsync("wrote", "refused"))[0] == "refused")
        {
            return false;
        }

        holder.Pause();
        long next = await AcquireAsync(client, name);
        Assert.True(next > token, $"the next holder has token {next}, and the last one had {token}");
        string nextText = next.ToString(CultureInfo.InvariantCulture);
        HttpAnswer put = await client.MustAsync("PUT", $"/api/v1/kv/{key}", nextText, $"{HeaderNames.Fence}: {name};token={next}");
        Assert.Equal("412 fence-required", await WriteAsync(client, key, "unfenced"));
        Assert.Equal("412 fence-lost", await WriteAsync(client, key, "late", $"{HeaderNames.Fence}: {name};token={token}"));
        if (isReleasedFirst)
        {
            await client.MustAsync("DELETE", $"/api/v1/locks/{name}?token={next}");
        }

        bool wasEarly = holder.HasSaidMore;
        holder.Resume();
        string said = string.Join(' ', await holder.NextAsync("refused"));

        // "known": the handle itself says that it is no longer held. A write is not asked back: what stands is the next
        // holder's, at its revision.
        Assert.True(wasEarly || said == $"refused {token} 412 fence-lost known", $"{said}\n{holder.Log}");
        HttpAnswer stands = await client.MustAsync("GET", $"/api/v1/kv/{key}");
        Assert.Equal((nextText, put.Number("ETag")), (stands.JsonString("value"), stands.Number("ETag")));
        if (!isReleasedFirst)
        {
            await client.MustAsync("DELETE", $"/api/v1/locks/{name}?token={next}");
        }

        return !wasEarly;
    }

    private static async Task<long> AcquireAsync(PatientClient client, string name)
    {
        for (int tries = 0; tries < 20; tries++)
        {
            HttpAnswer answer = await client.AskAsync("POST", $"/api/v1/locks/{name}", """{"ttl":"60s","wait":"8s","owner":"next"}""");
            if (answer.Status == 201)
            {
                return answer.Json().GetProperty("fencingToken").GetInt64();
            }

            Assert.Equal("409 lock-held", Say(answer));
        }

        throw new TimeoutException($"The lock {name} was never free.");
    }

    private static async Task<string> WriteAsync(PatientClient client, string key, string value, params string[] headers) =>
        Say(await client.AskAsync("PUT", $"/api/v1/kv/{key}", value, headers));

    private static string Say(HttpAnswer answer) => $"{answer.Status} {answer.JsonString("code")}";

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
