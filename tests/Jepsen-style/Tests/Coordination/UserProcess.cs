using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>
/// A user's program (tests/Workers) as a process of its own, which talks in lines. Used by one caller at a time.
/// </summary>
internal sealed class UserProcess : IDisposable
{
    private const int SigCont = 18;
    private const int SigStop = 19;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _log = new();

    public UserProcess(LocalCluster cluster, params string[] arguments)
    {
        var info = new ProcessStartInfo(BuiltServer.Host)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        info.ArgumentList.Add(BuiltServer.FindBuilt(Path.Combine("tests", "Workers"), "RaftKv.Workers.dll"));
        Array.ForEach(arguments, info.ArgumentList.Add);
        info.Environment["RAFTKV_ENDPOINTS"] = string.Join(
            ',', cluster.Nodes.Select(node => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{node.ClientPort}")));
        _process = new Process { StartInfo = info };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public int Id => _process.Id;

    /// <summary>All that it said, for evidence.</summary>
    public string Log => string.Join('\n', _log.TakeLast(40));

    public void Tell(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>The next line that begins with one of these words; others before it are passed over.</summary>
    public async Task<string[]> NextAsync(params string[] words)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                string[] line = (await _lines.Reader.ReadAsync(patience.Token)).Split(' ');
                if (words.Contains(line[0]))
                {
                    return line;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"Process {Id} did not say {string.Join(" or ", words)}. It said:\n{Log}", e);
        }
    }

    /// <summary>True when a line that nobody has taken yet waits.</summary>
    public bool HasSaidMore => _lines.Reader.TryPeek(out _);

    /// <summary>True when it said so at any time: it had lost what it held.</summary>
    public bool HasSaidRefused => _log.Any(line => line.StartsWith("refused", StringComparison.Ordinal));

    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause() => Signal(SigStop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal(SigCont);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Kill();
        _process.Dispose();
    }

    private void OnExit(object? sender, EventArgs e) => Kill();

    private void Keep(string? line)
    {
        if (line is null)
        {
            _lines.Writer.TryComplete();
            return;
        }

        _log.Enqueue(line);
        _lines.Writer.TryWrite(line);
    }

    private void Signal(int signal)
    {
        if (Native.Kill(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"kill -{signal} {_process.Id}: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        public static extern int Kill(int pid, int signal);
    }
}
