using System.Diagnostics;
using System.Globalization;
using System.Text;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.EtcdConformance.Servers;

/// <summary>
/// What "raftkv dev --tls" starts, three nodes, with rights in force: a user app with a password, who may read and write what
/// begins with app/.
/// </summary>
public sealed class SecuredServer : IAsyncLifetime
{
    public const string User = "app";
    public const string Password = "app-password";

    // Three nodes ten apart, and the peers' ports one above each.
    private const int PortCount = 22;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-secured-").FullName;
    private readonly StringBuilder _output = new();
    private Process? _process;

    public int Port { get; } = PortPool.TakeRow(PortCount);

    /// <summary>All nodes, as etcd's clients take them.</summary>
    public string Endpoints => $"https://127.0.0.1:{Port},https://127.0.0.1:{Port + 10},https://127.0.0.1:{Port + 20}";

    public Uri Client => new($"https://localhost:{Port}");

    /// <summary>The authority's files, for "raftkv cert".</summary>
    public string CertificateDirectory => Path.Combine(_directory, "tls");

    /// <summary>The root that its certificate leads to, PEM.</summary>
    public string RootFile => Path.Combine(CertificateDirectory, "ca.crt");

    public async Task InitializeAsync()
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(
                "dotnet",
                [
                    Path.Combine(AppContext.BaseDirectory, "raftkv.dll"), "dev", "--tls", "--nodes", "3", "--base-port",
                    Port.ToString(CultureInfo.InvariantCulture), "--data-dir", _directory,
                ])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.OutputDataReceived += (_, line) => Note(line.Data, ready);
        _process.ErrorDataReceived += (_, line) => Note(line.Data, ready);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(_patience);
        using var http = new HttpClient(
            new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });
        await CallAsync(http, "user/add", """{"name":"root","password":"root-password"}""");
        await CallAsync(http, "user/grant", """{"user":"root","role":"root"}""");
        await CallAsync(http, "role/add", """{"name":"app"}""");
        await CallAsync(http, "role/grant", """{"name":"app","perm":{"permType":"READWRITE","key":"YXBwLw==","range_end":"YXBwMA=="}}""");
        await CallAsync(http, "user/add", $$"""{"name":"{{User}}","password":"{{Password}}"}""");
        await CallAsync(http, "user/grant", $$"""{"user":"{{User}}","role":"app"}""");
        await CallAsync(http, "enable", "{}");
    }

    public async Task DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private void Note(string? line, TaskCompletionSource ready)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line is null)
        {
            ready.TrySetException(new InvalidOperationException($"It ended: {_output}"));
        }
        else if (line.Contains("RaftKv is ready", StringComparison.Ordinal))
        {
            ready.TrySetResult();
        }
    }

    private async Task CallAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body);
        using HttpResponseMessage answer = await http.PostAsync(new Uri(Client, "/v3/auth/" + path), content);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
    }
}
