using System.Net;
using System.Text.Json;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// Q4 with the built server under a memory limit. 1,500 values of 100 kB ended nodes with such a heap, which then aborted at
/// each start, so that nothing could be deleted.
/// </summary>
public sealed class FullStoreTests : IDisposable
{
    private const string Heap = "0xA000000";

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
    private readonly int _clientPort = PortPool.Take();
    private readonly int _peerPort = PortPool.Take();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Filled_killed_and_started_under_the_same_limit_a_node_deletes_and_takes_writes_again()
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_clientPort}") };
        await using (ServerProcess server = Serve())
        {
            await server.WaitForOutputAsync("is ready");
            int stored = await FillAsync(http, most: 1_500);
            Assert.InRange(stored, 100, 1_400);
            server.Signal(ServerProcess.SigKill);
            await server.WaitForExitAsync();
        }

        await using ServerProcess again = Serve();
        await again.WaitForOutputAsync("is ready");
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await PutAsync(http, "more", 100_000)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/v1/kv/value-1?raw")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.DeleteAsync("/api/v1/kv?prefix=value-")).StatusCode);
        using JsonDocument status = JsonDocument.Parse(await http.GetStringAsync("/api/v1/status"));
        using var compact = new StringContent(
            $$"""{"revision":{{status.RootElement.GetProperty("revision").GetInt64()}}}""", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.OK, (await http.PostAsync("/api/v1/compact", compact)).StatusCode);

        // Deletions of nothing are entries too: whether removal goes on by itself or with entries, it comes to its end.
        HttpStatusCode last = HttpStatusCode.InsufficientStorage;
        for (int i = 0; i < 2_000 && last == HttpStatusCode.InsufficientStorage; i++)
        {
            await http.DeleteAsync("/api/v1/kv/nothing");
            last = (await PutAsync(http, "after", 100_000)).StatusCode;
        }

        Assert.Equal(HttpStatusCode.Created, last);
        Assert.DoesNotContain("alarm{", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_with_too_little_room_raises_the_alarm_and_deletions_go_on()
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_clientPort}") };
        await using (ServerProcess server = Serve())
        {
            await server.WaitForOutputAsync("is ready");
            Assert.Equal(HttpStatusCode.Created, (await PutAsync(http, "k", 10)).StatusCode);
            server.Signal(ServerProcess.SigTerm);
            await server.WaitForExitAsync();
        }

        await using ServerProcess low = Serve("--disk-reserve", "1000TiB");
        await low.WaitForOutputAsync("is ready");
        while (!(await http.GetStringAsync("/api/v1/alarms")).Contains("\"cause\":\"disk\"", StringComparison.Ordinal))
        {
            await Task.Yield();
        }

        Assert.Equal(HttpStatusCode.InsufficientStorage, (await PutAsync(http, "l", 10)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.DeleteAsync("/api/v1/kv/k")).StatusCode);
    }

    private static async Task<int> FillAsync(HttpClient http, int most)
    {
        for (int i = 0; i < most; i++)
        {
            HttpResponseMessage answer = await PutAsync(http, $"value-{i}", 100_000);
            if (answer.StatusCode == HttpStatusCode.InsufficientStorage)
            {
                return i;
            }

            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        return most;
    }

    // Who writes faster than snapshots make room in the log is told to wait: no answer about the store.
    private static async Task<HttpResponseMessage> PutAsync(HttpClient http, string key, int length)
    {
        while (true)
        {
            using var body = new ByteArrayContent(new byte[length]);
            HttpResponseMessage answer = await http.PutAsync($"/api/v1/kv/{key}", body);
            if (answer.StatusCode != HttpStatusCode.TooManyRequests)
            {
                return answer;
            }

            answer.Dispose();
        }
    }

    private ServerProcess Serve(params string[] more) => ServerProcess.StartLimited(
        Heap,
        ["serve", "--data-dir", Path.Combine(_directory, "n1"), "--client", $"http://127.0.0.1:{_clientPort}",
            "--peer", $"http://127.0.0.1:{_peerPort}", .. more]);
}
