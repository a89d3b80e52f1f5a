using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace RaftKv.JepsenStyle.Cluster;

/// <summary>
/// One node: a real process of the built server, its data directory and its log. Used by one nemesis at a time.
/// </summary>
internal sealed class ServerProcess : IDisposable
{
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private readonly IReadOnlyList<string> _arguments;
    private readonly StreamWriter _log;
    private readonly Lock _gate = new();
    private Process? _process;
    private volatile bool _mayExit;

    public ServerProcess(string name, int clientPort, string dataDirectory, string logFile, IReadOnlyList<string> arguments)
    {
        Name = name;
        ClientPort = clientPort;
        DataDirectory = dataDirectory;
        LogFile = logFile;
        _arguments = arguments;
        _log = new StreamWriter(new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public string Name { get; }

    public int ClientPort { get; }

    public string DataDirectory { get; }

    /// <summary>What the process wrote to its outputs, over all its lives.</summary>
    public string LogFile { get; }

    /// <summary>Variables that its next start adds to its environment.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>What its next start is put behind: a program that becomes it, as nsenter does. Empty for nothing.</summary>
    public IReadOnlyList<string> Launcher { get; set; } = [];

    /// <summary>The running process; only while it runs.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Exit codes of lives that ended though nobody had ended them.</summary>
    public ConcurrentQueue<int> UnexpectedExits { get; } = new();

    /// <summary>How often it was started.</summary>
    public int StartCount { get; private set; }

    public bool IsPaused { get; private set; }

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Exit code of the last life; null while it runs or before the first.</summary>
    public int? ExitCode => _process is { HasExited: true } process ? process.ExitCode : null;

    public void Start() => Start(_arguments);

    /// <summary>
    /// Started as its operator would to join a running cluster: without the list, and with what is said here. From the next
    /// <see cref="Start()"/> on it is started with the list again, as it may be.
    /// </summary>
    public void StartJoining(params IReadOnlyList<string> more)
    {
        int list = _arguments.ToList().IndexOf("--cluster");
        Start([.. _arguments.Take(list < 0 ? _arguments.Count : list), .. list < 0 ? [] : _arguments.Skip(list + 2), .. more]);
    }

    private void Start(IReadOnlyList<string> arguments)
    {
        string[] words = [.. Launcher, BuiltServer.Host, .. arguments];
        var info = new ProcessStartInfo(words[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        Array.ForEach(words[1..], info.ArgumentList.Add);

        // Whatever this process was told is none of theirs, but for the engine, which is what a run is about.
        foreach (string key in info.Environment.Keys
            .Where(k => k.StartsWith("RAFTKV_", StringComparison.Ordinal) && k != BuiltServer.EngineVariable).ToList())
        {
            info.Environment.Remove(key);
        }

        foreach ((string key, string value) in Environment)
        {
            info.Environment[key] = value;
        }

        StartCount++;
        _mayExit = false;
        Write(string.Create(CultureInfo.InvariantCulture, $"--- start {StartCount} of {Name}"));
        _process?.Dispose();
        _process = new Process { StartInfo = info, EnableRaisingEvents = true };
        _process.Exited += OnProcessExited;
        _process.OutputDataReceived += (_, line) => Write(line.Data);
        _process.ErrorDataReceived += (_, line) => Write(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        IsPaused = false;
    }

    /// <summary>kill -9: nothing of the process's own runs any more.</summary>
    public void Kill()
    {
        _mayExit = true;
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            process.WaitForExit();
        }

        IsPaused = false;
    }

    /// <summary>SIGSTOP: the process stands still and its connections stay open.</summary>
    public void Pause()
    {
        Signal(SigStop);
        IsPaused = true;
    }

    /// <summary>SIGCONT.</summary>
    public void Resume()
    {
        Signal(SigCont);
        IsPaused = false;
    }

    /// <summary>SIGTERM: an orderly shutdown is asked for.</summary>
    public void Terminate()
    {
        _mayExit = true;
        Signal(SigTerm);
    }

    /// <summary>Its end, until the next start, is what is waited for.</summary>
    public void ExpectExit() => _mayExit = true;

    /// <summary>It got over what was done to it: from now on its end would be news again.</summary>
    public void ExpectToRun() => _mayExit = false;

    /// <summary>
    /// Waits for the end of the process and gives its exit code; null when it still runs after that time.
    /// </summary>
    public async Task<int?> WaitForExitAsync(TimeSpan timeout)
    {
        using var cancel = new CancellationTokenSource(timeout);
        try
        {
            await _process!.WaitForExitAsync(cancel.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Everything logged so far.</summary>
    public string ReadLog()
    {
        using var reader = new StreamReader(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Kill();
        _process?.Dispose();
        _process = null;
        lock (_gate)
        {
            _log.Dispose();
        }
    }

    private void OnProcessExited(object? sender, EventArgs e)
    {
        if (!_mayExit)
        {
            UnexpectedExits.Enqueue(((Process)sender!).ExitCode);
        }
    }

    private void OnExit(object? sender, EventArgs e) => Kill();

    private void Signal(int signal)
    {
        if (_process is { HasExited: false } process && Native.Kill(process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"kill -{signal} {Name}: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    private void Write(string? line)
    {
        lock (_gate)
        {
            if (line is not null && _log.BaseStream is { CanWrite: true })
            {
                _log.WriteLine(line);
            }
        }
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
        public static extern int Kill(int pid, int signal);
    }
}
