using System.Diagnostics;

namespace RaftKv.Bench.Nodes;

/// <summary>One node's process, which may be killed and started again on its data. Used by one caller at a time.</summary>
internal sealed class ServerNode : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _pollWait = TimeSpan.FromMilliseconds(100);

    private readonly string _log;
    private readonly string[] _command;
    private Process? _process;

    internal ServerNode(Uri endpoint, string log, string[] command)
    {
        Endpoint = endpoint;
        _log = log;
        _command = command;
    }

    internal Uri Endpoint { get; }

    /// <summary>0 while it is killed.</summary>
    internal int ProcessId => _process is { HasExited: false } running ? running.Id : 0;

    internal void Start()
    {
        // exec, so that the pid is the node's own.
        ProcessStartInfo start = new("/bin/sh", ["-c", "log=$0; exec \"$@\" >>\"$log\" 2>&1", _log, .. _command]);
        Process? before = _process;
        _process = Process.Start(start)!;
        before?.Dispose();
    }

    /// <summary>Returns when a linearizable read works there.</summary>
    /// <exception cref="BenchException">It did not come to that.</exception>
    internal async Task WaitUntilReadyAsync()
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(2) };
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < _patience && ProcessId != 0)
        {
            try
            {
                string health = await http.GetStringAsync(new Uri(Endpoint, "/health"));
                if (health.Contains("\"true\"", StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Not listening yet, or no leader yet.
            }

            await Task.Delay(_pollWait);
        }

        throw new BenchException($"{Endpoint} did not become healthy; its log ends: {LogEnd()}");
    }

    internal void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
    }

    /// <summary>The code that its process ended with; null when it goes on that long.</summary>
    internal async Task<int?> WaitForExitAsync(TimeSpan patience)
    {
        using CancellationTokenSource end = new(patience);
        try
        {
            await _process!.WaitForExitAsync(end.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        Kill();
        _process?.Dispose();
    }

    private string LogEnd()
    {
        string[] lines = File.Exists(_log) ? File.ReadAllLines(_log) : [];
        return string.Join(" / ", lines[^Math.Min(5, lines.Length)..]);
    }
}
