using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace RaftKv.EtcdConformance.Snapshots;

/// <summary>One <c>raftkv import etcd</c> as a process of its own.</summary>
internal sealed class ImportProcess : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly SemaphoreSlim _hasSaid = new(0);

    public ImportProcess(Uri from, Uri to, params string[] more)
        : this(from, to, password: null, more)
    {
    }

    /// <param name="password">Of the users on both sides; null for none.</param>
    public ImportProcess(Uri from, Uri to, string? password, string[] more)
        : this(from, to, password, password, more)
    {
    }

    /// <param name="fromPassword">Of the user in etcd; null for none.</param>
    /// <param name="password">Of the user here; null for none.</param>
    public ImportProcess(Uri from, Uri to, string? fromPassword, string? password, string[] more)
    {
        // A script that runs the tests in the background hands an ignored SIGINT down to every process.
        string[] arguments =
        [
            "--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "raftkv.dll"),
            "import", "etcd", "--from", Text(from), "--to", Text(to), "--report-every", "200ms", "--quiet-for", "200ms", .. more,
        ];
        _process = new Process
        {
            StartInfo = new ProcessStartInfo("env", arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        if (password is not null)
        {
            _process.StartInfo.Environment["RAFTKV_FROM_PASSWORD"] = fromPassword;
            _process.StartInfo.Environment["RAFTKV_PASSWORD"] = password;
        }

        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>All that it said so far.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    /// <summary>Runs one to its end.</summary>
    public static async Task<(int Code, string Said)> RunAsync(Uri from, Uri to, params string[] more)
    {
        using var import = new ImportProcess(from, to, more);
        return (await import.EndAsync(), import.Said);
    }

    /// <summary>Waits until it has said so.</summary>
    public async Task HasSaidAsync(string text)
    {
        while (!Said.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(await _hasSaid.WaitAsync(_patience), $"It never said \"{text}\", but:\n{Said}");
            Assert.False(_process.HasExited && !Said.Contains(text, StringComparison.Ordinal), $"It ended without \"{text}\":\n{Said}");
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    /// <summary>SIGINT, which cuts over.</summary>
    public void Interrupt() => Assert.Equal(0, SendSignal(_process.Id, signal: 2));

    /// <summary>Its exit code, once all that it said is read.</summary>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        _hasSaid.Dispose();
    }

    private void Note(string? line)
    {
        if (line is not null)
        {
            lock (_said)
            {
                _said.Append(line).Append('\n');
            }
        }

        _hasSaid.Release();
    }

    private static string Text(Uri address) => address.ToString().TrimEnd('/');

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);
}
