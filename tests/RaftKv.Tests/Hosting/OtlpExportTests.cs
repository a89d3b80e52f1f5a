using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>With a collector named, a node sends it what it counts and what a request waited for.</summary>
public sealed class OtlpExportTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Metrics_traces_and_the_audit_reach_a_collector()
    {
        (int collectorPort, int clientPort, int peerPort) = (PortPool.Take(), PortPool.Take(), PortPool.Take());
        var heard = new ConcurrentQueue<(string Path, string Body)>();
        await using WebApplication collector = await CollectAsync(collectorPort, heard);
        await using ServerProcess server = ServerProcess.Start(
            "serve", "--data-dir", Path.Combine(_directory, "n1"), "--client", $"http://127.0.0.1:{clientPort}",
            "--peer", $"http://127.0.0.1:{peerPort}", "--otlp", $"http://127.0.0.1:{collectorPort}",
            "--otlp-interval-ms", "100", "--trace-percent", "100", "--audit-otlp", "on");
        await server.WaitForOutputAsync("is ready");
        using var http = new HttpClient();
        (await http.PutAsync($"http://127.0.0.1:{clientPort}/api/v1/kv/a", new StringContent("the-value"))).EnsureSuccessStatusCode();

        await HearAsync(heard, "/v1/metrics", "raftkv_writes_total");
        await HearAsync(heard, "/v1/metrics", "raftkv_request_duration_seconds");
        await HearAsync(heard, "/v1/metrics", "etcd_server_has_leader");
        await HearAsync(heard, "/v1/logs", "\"what\":\"put\",\"keys\":[\"a\"],\"outcome\":\"Applied\"");
        Assert.DoesNotContain(
            heard, static report => report.Path == "/v1/logs" && report.Body.Contains("the-value", StringComparison.Ordinal));
        server.Signal(ServerProcess.SigTerm);
        Assert.Equal(0, await server.WaitForExitAsync());
        await HearAsync(heard, "/v1/traces", "raftkv.propose");
    }

    private static async Task<WebApplication> CollectAsync(int port, ConcurrentQueue<(string Path, string Body)> heard)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        WebApplication app = builder.Build();
        app.Urls.Add($"http://127.0.0.1:{port}");
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            heard.Enqueue((context.Request.Path.Value!, Encoding.Latin1.GetString(body.ToArray())));
            context.Response.ContentType = "application/x-protobuf";
        });
        await app.StartAsync();
        return app;
    }

    private static async Task HearAsync(ConcurrentQueue<(string Path, string Body)> heard, string path, string name)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!heard.Any(report => report.Path == path && report.Body.Contains(name, StringComparison.Ordinal)))
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }
}
