using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace RaftKv.Tests.Hosting;

/// <summary>The built server as a process of its own, as users start it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    public const int SigTerm = 15;
    public const int SigKill = 9;

    // Far beyond what a busy machine needs: only what will never come is given up.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "raftkv.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public bool IsRunning => !_process.HasExited;

    public static ServerProcess Start(params string[] arguments) => new(arguments, new Dictionary<string, string>());

    /// <summary>With these variables beside the test's own.</summary>
    public static ServerProcess StartWith(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        new(arguments, environment);

    /// <summary>With a managed heap of so many bytes (hexadecimal) and no more, as in a small container.</summary>
    public static ServerProcess StartLimited(string heapLimit, params string[] arguments) =>
        new(arguments, new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = heapLimit });

    public static void Signal(int processId, int signal) => Assert.Equal(0, SendSignal(processId, signal));

    public void Signal(int signal) => Signal(_process.Id, signal);

    public async Task WaitForOutputAsync(string part)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (true)
        {
            Task changed;
            lock (_output)
            {
                if (_output.ToString().Contains(part))
                {
                    return;
                }

                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"\"{part}\" was not printed. Output:\n{Output}");
            }
        }
    }

    public async Task<int> WaitForExitAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
            TaskCompletionSource changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.TrySetResult();
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);
}
