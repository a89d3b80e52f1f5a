using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>A node of its own that joins a cluster, and ends with its test at the latest.</summary>
internal sealed class JoinedNode : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("raftkv-joined-");
    private readonly string _name;
    private readonly Uri _seed;
    private Process? _process;

    public JoinedNode(string name, Uri seed)
    {
        (_name, _seed) = (name, seed);
        PeerUrl = $"http://127.0.0.1:{FreePort()}";
    }

    /// <summary>Where its peers will reach it.</summary>
    public string PeerUrl { get; }

    /// <summary>Starts it, as the page says that it is to be started.</summary>
    public void Start()
    {
        _process = Process.Start(new ProcessStartInfo("dotnet",
        [
            DashboardFixture.ServerPath(), "serve", "--name", _name, "--data-dir", Path.Combine(_directory.FullName, _name),
            "--client", $"http://127.0.0.1:{FreePort()}", "--peer", PeerUrl, "--join", _seed.GetLeftPart(UriPartial.Authority),
            "--stop-with-input",
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        await _process!.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _directory.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
