using System.Diagnostics;
using System.Net;

namespace RaftKv.Cli.Tests.Support;

/// <summary>A cluster of <c>raftkv dev --lab</c>, and what its lab is told.</summary>
internal sealed class DevLabCluster : IAsyncDisposable
{
    private readonly DevLabProcess _process;

    private DevLabCluster(DevLabProcess process) => _process = process;

    private string LabUrl => $"http://127.0.0.1:{_process.BasePort + 9}";

    private static string ServerPath => Path.Combine(AppContext.BaseDirectory, "raftkv.dll");

    public static async Task<DevLabCluster> StartAsync() => new(await DevLabProcess.StartAsync(ServerPath));

    public Task<Ctl> LabAsync(params string[] words) =>
        Ctl.RunAsync(["lab", .. words, "--lab", LabUrl, "--config", "/nonexistent/raftkvctl.json"]);

    /// <summary>Runs raftkvctl at its first node.</summary>
    public Task<Ctl> RunAsync(params string[] words) =>
        Ctl.RunAsync([.. words, "-e", $"http://127.0.0.1:{_process.BasePort}", "--config", "/nonexistent/raftkvctl.json"]);

    /// <summary>What a page of another site could send.</summary>
    public async Task<HttpStatusCode> PostWithoutTheHeaderAsync()
    {
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.PostAsync(LabUrl + "/lab", new StringContent("""{"do":"heal"}"""));
        return answer.StatusCode;
    }

    public static async Task<string> ServeWithLabAsync()
    {
        using Process serve = Process.Start(new ProcessStartInfo("dotnet", [ServerPath, "serve", "--lab"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        string said = await serve.StandardError.ReadToEndAsync();
        await serve.WaitForExitAsync();
        return said;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
