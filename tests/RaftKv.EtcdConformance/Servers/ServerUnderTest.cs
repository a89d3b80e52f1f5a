using System.Diagnostics;
using System.Runtime.InteropServices;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.EtcdConformance.Servers;

/// <summary>One server as a process of its own, fresh, on free ports, with its data in a temporary directory.</summary>
public sealed class ServerUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _directory;
    private readonly Task<string> _errors;

    private ServerUnderTest(string name, string command, string directory, Uri client, IEnumerable<string> arguments)
    {
        Name = name;
        Client = client;
        _directory = directory;
        var start = new ProcessStartInfo(command) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>Where clients are served.</summary>
    public Uri Client { get; }

    public static async Task<ServerUnderTest> StartEtcdAsync()
    {
        string directory = NewDirectory();
        Uri client = FreeAddress();
        Uri peer = FreeAddress();
        return await new ServerUnderTest(
            "etcd",
            "etcd",
            directory,
            client,
            [
                "--name", "e1", "--data-dir", Path.Combine(directory, "data"), "--listen-client-urls", Text(client),
                "--advertise-client-urls", Text(client), "--listen-peer-urls", Text(peer), "--initial-advertise-peer-urls", Text(peer),
                "--initial-cluster", "e1=" + Text(peer), "--unsafe-no-fsync",
            ]).ReadyAsync();
    }

    /// <summary>
    /// An etcd that speaks TLS with those who show a certificate. Not waited for: who it is asked by is the caller's to say.
    /// </summary>
    public static ServerUnderTest StartTlsEtcd(string certificate, string key, string roots)
    {
        string directory = NewDirectory();
        var client = new Uri($"https://127.0.0.1:{PortPool.Take()}");
        return new ServerUnderTest(
            "etcd",
            "etcd",
            directory,
            client,
            [
                "--data-dir", Path.Combine(directory, "data"), "--listen-client-urls", Text(client),
                "--advertise-client-urls", Text(client), "--listen-peer-urls", Text(FreeAddress()),
                "--cert-file", certificate, "--key-file", key, "--client-cert-auth",
                "--trusted-ca-file", roots, "--unsafe-no-fsync",
            ]);
    }

    /// <summary>A RaftKv on a data directory that is there already.</summary>
    public static Task<ServerUnderTest> StartRaftKvAsync(string dataDirectory) =>
        StartRaftKv("n1", FreeAddress(), [], dataDirectory).ReadyAsync();

    public static Task<ServerUnderTest> StartRaftKvAsync() => StartRaftKv("n1", FreeAddress(), []).ReadyAsync();

    /// <summary>True when RaftKv's nodes run over DotNext's Raft.</summary>
    public static bool IsDotNext => Environment.GetEnvironmentVariable("RAFTKV_ENGINE") == "dotnext";

    /// <summary>A cluster of RaftKv whose nodes are all ready; its election timeout is short.</summary>
    public static async Task<ServerUnderTest[]> StartClusterAsync(int nodeCount)
    {
        Uri[] peers = [.. Enumerable.Range(0, nodeCount).Select(_ => FreeAddress())];
        string cluster = string.Join(',', peers.Select((peer, i) => $"n{i + 1}={Text(peer)}"));
        ServerUnderTest[] nodes =
        [
            .. peers.Select((peer, i) => StartRaftKv(
                $"n{i + 1}", peer, ["--cluster", cluster, .. ShortTimeouts])),
        ];
        await Task.WhenAll(nodes.Select(node => node.ReadyAsync()));
        return nodes;
    }

    // The other engine takes none so short; RAFTKV_ENGINE reaches the nodes by itself.
    private static string[] ShortTimeouts => IsDotNext
        ? [] : ["--election-timeout-ms", "500", "--heartbeat-ms", "50"];

    /// <summary>An etcd on a data directory that is there already.</summary>
    public static Task<ServerUnderTest> StartEtcdAsync(string dataDirectory)
    {
        Uri client = FreeAddress();
        return new ServerUnderTest(
            "etcd",
            "etcd",
            NewDirectory(),
            client,
            [
                "--data-dir", dataDirectory, "--listen-client-urls", Text(client), "--advertise-client-urls", Text(client),
                "--listen-peer-urls", Text(FreeAddress()), "--unsafe-no-fsync",
            ]).ReadyAsync();
    }

    /// <summary>Asks it to end (SIGTERM).</summary>
    public void Terminate() => Assert.Equal(0, SendSignal(_process.Id, signal: 15));

    /// <summary>Ends it at once.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    /// <summary>Waits for its end.</summary>
    public async Task<int> WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static ServerUnderTest StartRaftKv(string name, Uri peer, string[] more, string? dataDirectory = null)
    {
        string directory = NewDirectory();
        Uri client = FreeAddress();
        return new ServerUnderTest(
            "raftkv",
            "dotnet",
            directory,
            client,
            [
                Path.Combine(AppContext.BaseDirectory, "raftkv.dll"), "serve", "--name", name,
                "--data-dir", dataDirectory ?? Path.Combine(directory, "data"), "--client", Text(client), "--peer", Text(peer),
                "--cors", "*", .. more,
            ]);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);

    private static string Text(Uri address) => address.ToString().TrimEnd('/');

    private static string NewDirectory() => Directory.CreateTempSubdirectory("raftkv-etcd-").FullName;

    private static Uri FreeAddress() => new($"http://127.0.0.1:{PortPool.Take()}");

    // Both servers say at /health when a linearizable read works.
    private async Task<ServerUnderTest> ReadyAsync()
    {
        using var http = new HttpClient();
        long started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience && !_process.HasExited)
        {
            try
            {
                string health = await http.GetStringAsync(new Uri(Client, "/health"));
                if (health.Contains("\"true\"", StringComparison.Ordinal))
                {
                    return this;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet, or no leader yet.
            }

            await Task.Delay(50);
        }

        string output = _process.HasExited ? await _errors : "it still runs";
        await DisposeAsync();
        throw new InvalidOperationException($"{Name} did not become healthy at {Client}: {output}");
    }
}
