using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>One node as a process, for all tests of a class that leave it as they found it.</summary>
public sealed class OneServer : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-test-").FullName;
    private ServerProcess? _server;

    /// <summary>Where it serves clients, on this machine.</summary>
    internal int Port { get; } = PortPool.Take();

    /// <summary>All that it has printed.</summary>
    internal string Output => _server!.Output;

    public async Task InitializeAsync()
    {
        _server = ServerProcess.Start(
            "serve", "--data-dir", Path.Combine(_directory, "n1"), "--client", $"http://127.0.0.1:{Port}", "--peer",
            $"http://127.0.0.1:{PortPool.Take()}");
        await _server.WaitForOutputAsync("is ready");
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
