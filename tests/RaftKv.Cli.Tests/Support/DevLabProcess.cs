using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace RaftKv.Cli.Tests.Support;

/// <summary><c>raftkv dev --lab</c> as a newcomer starts it, on ports of its own. The dashboard's tests use it too.</summary>
internal sealed class DevLabProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("raftkv-dev-lab-");
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private DevLabProcess(string serverPath, int basePort)
    {
        BasePort = basePort;
        string[] words =
        [
            serverPath, "dev", "--lab", "--base-port", basePort.ToString(CultureInfo.InvariantCulture), "--data-dir",
            _directory.FullName,
        ];
        _process = Process.Start(new ProcessStartInfo("dotnet", words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The first of its ports: the first node's clients are served there.</summary>
    public int BasePort { get; }

    /// <summary>The first node's client address.</summary>
    public Uri Node => new($"http://127.0.0.1:{BasePort}");

    private string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static async Task<DevLabProcess> StartAsync(string serverPath)
    {
        var dev = new DevLabProcess(serverPath, FreeBase());
        long began = TimeProvider.System.GetTimestamp();
        while (!dev.Output.Contains("RaftKv is ready.", StringComparison.Ordinal))
        {
            if (TimeProvider.System.GetElapsedTime(began) > _patience || dev._process.HasExited)
            {
                string output = dev.Output;
                await dev.DisposeAsync();
                Assert.Fail(output);
            }

            await Task.Delay(50);
        }

        return dev;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, 15);
            using var patience = new CancellationTokenSource(_patience);
            await _process.WaitForExitAsync(patience.Token);
        }

        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    // Each node has ten ports.
    private static int FreeBase()
    {
        for (int basePort = 20_000 + (Environment.ProcessId % 300 * 30); ; basePort += 30)
        {
            if (Enumerable.Range(basePort, 30).All(IsFree))
            {
                return basePort;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Take(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int processId, int signal);
}
