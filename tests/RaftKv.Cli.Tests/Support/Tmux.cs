using System.Diagnostics;
using System.Globalization;

namespace RaftKv.Cli.Tests.Support;

/// <summary>
/// raftkvctl under tmux: a terminal that interprets what it is sent, so that a test sees the screen as a person does, after
/// everything that was drawn over.
/// </summary>
internal sealed class Tmux : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly string[] _places = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux"];

    private readonly string _socket;

    private Tmux(string socket) => _socket = socket;

    /// <summary>Where it is; null for nowhere.</summary>
    public static string? Program { get; } = Array.Find(_places, File.Exists);

    /// <summary>Starts raftkvctl with these words in a window of 100 columns and 30 lines.</summary>
    /// <param name="folder">For its socket: a server of tmux of this test's own.</param>
    public static Task<Tmux> StartAsync(string folder, string words) =>
        StartProgramAsync(folder, $"dotnet {Path.Combine(AppContext.BaseDirectory, "raftkvctl.dll")} {words}");

    /// <summary>The same for any program.</summary>
    public static async Task<Tmux> StartProgramAsync(string folder, string command)
    {
        var tmux = new Tmux(Path.Combine(folder, "tmux"));
        await tmux.RunAsync(
            "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", $"exec env --default-signal=INT,QUIT {command}");
        return tmux;
    }

    /// <summary>Types text, letter by letter.</summary>
    public Task TypeAsync(string text) => RunAsync("send-keys", "-l", "--", text);

    /// <summary>Presses a key by its name, such as Enter, Up, Tab or C-c.</summary>
    public Task PressAsync(string key) => RunAsync("send-keys", key);

    /// <summary>Waits until the screen is as it should be, and gives it: its lines, without the empty ones at its end.</summary>
    public async Task<string[]> SeeAsync(Func<string[], bool> isSo)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            string[] lines = (await RunAsync("capture-pane", "-p")).TrimEnd().Split('\n');
            if (isSo(lines))
            {
                return lines;
            }

            Assert.True(
                TimeProvider.System.GetElapsedTime(began) < _patience, "It was not to be seen. The screen:\n" + string.Join('\n', lines));
            await Task.Delay(50);
        }
    }

    /// <summary>Ends the program and the server, and waits for both: a shell still writes what it remembers when it goes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!File.Exists(_socket))
        {
            return;
        }

        string pids = await RunAsync("display-message", "-p", "#{pane_pid} #{pid}");
        await RunAsync("kill-server");
        long began = TimeProvider.System.GetTimestamp();
        foreach (string pid in pids.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            while (!IsGone(int.Parse(pid, CultureInfo.InvariantCulture)) && TimeProvider.System.GetElapsedTime(began) < _patience)
            {
                await Task.Delay(20);
            }
        }
    }

    // It is no child of ours, so that its end can only be looked for; one whose parent never asked for its end is gone as well.
    private static bool IsGone(int pid)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
                return stat[stat.LastIndexOf(')') + 2] is 'Z' or 'X';
            }

            using var process = Process.GetProcessById(pid);
            return process.HasExited;
        }
        catch (Exception gone) when (gone is IOException or ArgumentException)
        {
            return true;
        }
    }

    private async Task<string> RunAsync(params string[] words)
    {
        var start = new ProcessStartInfo(Program!, ["-S", _socket, .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment.Remove("TMUX");
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await error;
        return output;
    }
}

/// <summary>A test that needs tmux.</summary>
internal sealed class TmuxFactAttribute : FactAttribute
{
    public TmuxFactAttribute() => Skip = Tmux.Program is null ? "There is no tmux here, which shows a screen as a person sees it." : null;
}
