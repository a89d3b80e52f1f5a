using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// One key of 1 MB, overwritten for long and compacted all along, in a process whose heap is a fraction of what was
/// written: release 0.1 held the last 5,000 entries, whatever their bytes, and ended.
/// </summary>
public sealed class LogInMemoryTests : IDisposable
{
    private const int ValueBytes = 1_000_000;
    private const int WriteCount = 500;
    private const long HeapBytes = 0x10000000;

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
    private readonly int _clientPort = PortPool.Take();
    private readonly int _peerPort = PortPool.Take();
    private readonly HttpClient _client;

    public LogInMemoryTests() => _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_clientPort}") };

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_large_key_overwritten_for_long_fits_a_small_heap_and_so_does_the_next_start()
    {
        byte[] value = new byte[ValueBytes];
        new Random(11).NextBytes(value);
        await using (ServerProcess server = Serve())
        {
            await server.WaitForOutputAsync("is ready");
            for (int i = 0; i < WriteCount; i++)
            {
                long revision = await PutAsync(value);
                if (i % 25 == 0)
                {
                    using HttpResponseMessage compacted = await _client.PostAsJsonAsync("/api/v1/compact", new { revision });
                    Assert.Equal(HttpStatusCode.OK, compacted.StatusCode);
                }
            }

            var budget = new MemoryBudget(HeapBytes);
            Assert.Equal(HeapBytes, await MemoryAsync("budgetBytes"));
            Assert.InRange(await MemoryAsync("logBytes"), 1, budget.LogBytes);
            server.Signal(ServerProcess.SigKill);
            await server.WaitForExitAsync();
        }

        // What has to be replayed at a start is bounded too.
        string raft = Path.Combine(_directory, "n1", "raft");
        long logOnDisk = Directory.GetFiles(raft, "wal-*.log").Sum(file => new FileInfo(file).Length);
        Assert.InRange(logOnDisk, 1, 2 * new MemoryBudget(HeapBytes).LogBytes);

        await using ServerProcess again = Serve();
        await again.WaitForOutputAsync("is ready");
        Assert.Equal(value, await _client.GetByteArrayAsync("/api/v1/kv/over?raw"));
        await PutAsync(value);
    }

    private async Task<long> PutAsync(byte[] value)
    {
        while (true)
        {
            using HttpResponseMessage answer = await _client.PutAsync("/api/v1/kv/over", new ByteArrayContent(value));

            // A full log refuses until its snapshot is written, and nothing was applied.
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromMilliseconds(50));
                continue;
            }

            Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            using JsonDocument body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            return body.RootElement.GetProperty("modRevision").GetInt64();
        }
    }

    private async Task<long> MemoryAsync(string name)
    {
        using JsonDocument status = JsonDocument.Parse(await _client.GetStringAsync("/api/v1/status"));
        return status.RootElement.GetProperty("memory").GetProperty(name).GetInt64();
    }

    private ServerProcess Serve() => ServerProcess.StartLimited(
        HeapBytes.ToString("x", CultureInfo.InvariantCulture), "serve", "--data-dir", Path.Combine(_directory, "n1"), "--client",
        $"http://127.0.0.1:{_clientPort}", "--peer", $"http://127.0.0.1:{_peerPort}");
}
