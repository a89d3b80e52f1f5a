using System.Diagnostics;
using System.Text;

namespace RaftKv.Cli.Tests.Support;

/// <summary>raftkvctl in a real terminal: util-linux's script gives it one, and passes keys and pictures through.</summary>
internal sealed class Terminal : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _screen = new();
    private readonly Task _reading;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Terminal(string line)
    {
        var start = new ProcessStartInfo("script", ["--quiet", "--return", "--command", line, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        _process = Process.Start(start)!;
        _reading = ReadAsync();
    }

    /// <summary>Null where there is no such program.</summary>
    public static bool IsThere { get; } = OperatingSystem.IsLinux() && File.Exists("/usr/bin/script");

    public string Screen
    {
        get
        {
            lock (_screen)
            {
                return _screen.ToString();
            }
        }
    }

    /// <summary>Starts raftkvctl with these words.</summary>
    /// <remarks>
    /// Who starts the tests in the background has them, and all that they start, ignore Ctrl+C; a terminal's programs don't.
    /// No shell stays between: it would get the Ctrl+C too, and some shells then end with 130 whatever their program says.
    /// </remarks>
    public static Terminal Start(string words) =>
        new($"exec env --default-signal=INT,QUIT dotnet {Path.Combine(AppContext.BaseDirectory, "raftkvctl.dll")} {words}");

    /// <summary>Presses keys.</summary>
    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until something stands on the screen, after a place in what was written so far.</summary>
    /// <returns>The place behind it.</returns>
    public async Task<int> SeeAsync(string part, int after = 0)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (true)
        {
            Task changed;
            lock (_screen)
            {
                int at = _screen.ToString().IndexOf(part, Math.Min(after, _screen.Length), StringComparison.Ordinal);
                if (at >= 0)
                {
                    return at + part.Length;
                }

                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"\"{part}\" was not to be seen. The screen:\n{Screen}");
            }
        }
    }

    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        await _process.WaitForExitAsync(patience.Token);
        await _reading;
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
    }

    private async Task ReadAsync()
    {
        char[] buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var count)
        {
            TaskCompletionSource changed;
            lock (_screen)
            {
                _screen.Append(buffer, 0, count);
                changed = _changed;
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            changed.SetResult();
        }
    }
}

/// <summary>A test that needs util-linux's script.</summary>
internal sealed class TerminalFactAttribute : FactAttribute
{
    public TerminalFactAttribute() =>
        Skip = Terminal.IsThere ? null : "There is no /usr/bin/script here, which gives a program a terminal.";
}
