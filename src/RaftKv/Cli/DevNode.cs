using System.Diagnostics;
using System.Globalization;
using RaftKv.Core;
using RaftKv.Hosting;
using RaftKv.Hosting.Server;
using RaftKv.Lab;

namespace RaftKv.Cli;

/// <summary>One child of <c>dev</c>.</summary>
internal sealed class DevNode
{
    private readonly List<string> _arguments;
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    // The nodes of one machine share what one node would have.
    private readonly long _budgetBytes;

    // Where the lab listens, for the lessons of the dashboard; null without one.
    private readonly string? _labUrl;

    private DevNode(
        string name, ServerUrl clientUrl, string dataDirectory, List<string> arguments, long budgetBytes, string? labUrl)
    {
        _labUrl = labUrl;
        _budgetBytes = budgetBytes;
        DataDirectory = dataDirectory;
        Name = name;
        ClientUrl = clientUrl;
        _arguments = arguments;
    }

    /// <summary>n1, n2 …</summary>
    public string Name { get; }

    /// <summary>Where it serves clients.</summary>
    public ServerUrl ClientUrl { get; }

    /// <summary>Where its data lives; a full path.</summary>
    public string DataDirectory { get; }

    /// <summary>Its process id; 0 before the start.</summary>
    public int ProcessId { get; private set; }

    /// <summary>The process that serves now, by the file that it wrote: a node may have been started again by hand.</summary>
    public int RunningProcessId =>
        File.Exists(Path.Combine(DataDirectory, "raftkv.pid"))
            && int.TryParse(File.ReadAllText(Path.Combine(DataDirectory, "raftkv.pid")), CultureInfo.InvariantCulture, out int written)
            ? written : ProcessId;

    /// <summary>Ends with the process; the exit code.</summary>
    public Task<int> Ended => _ended.Task;

    /// <summary>The command that starts this node alone, from any directory.</summary>
    public string ServeLine => string.Join(' ', Executable().Concat(_arguments).Select(Quote));

    /// <summary>
    /// Lays out a cluster: node i has client port base + 10(i−1), peer port one above, data in DIR/n{i}.
    /// </summary>
    /// <param name="tls">Certificates for all of them; null for none.</param>
    /// <param name="engine">What <c>--engine</c> says; null when it says nothing.</param>
    public static List<DevNode> Plan(
        int nodes, int basePort, string directory, LabNetwork? lab = null, DevTls? tls = null, string? engine = null)
    {
        string scheme = tls is null ? "http" : "https";
        string cluster = string.Join(',', Enumerable.Range(0, nodes).Select(i => $"n{i + 1}={Url(scheme, basePort + 10 * i + 1)}"));
        long budgetBytes = Math.Max(MemoryBudget.MinBytes, MemoryLimit.OfThisProcess.DefaultBudgetBytes / nodes);
        var plan = new List<DevNode>();
        for (int i = 0; i < nodes; i++)
        {
            string name = "n" + (i + 1).ToString(CultureInfo.InvariantCulture);
            string client = Url(scheme, basePort + 10 * i);
            string data = Path.GetFullPath(Path.Combine(directory, name));
            plan.Add(new DevNode(name, ServerUrl.Parse(client, "--base-port", out _)!, data,
            [
                "serve", "--name", name, "--data-dir", data, "--client", client,
                "--peer", Url(scheme, basePort + 10 * i + 1), "--cluster", cluster, .. tls?.Flags(name) ?? [],
                .. lab?.RoutesOf(name).SelectMany(static route => new[] { "--peer-route", route }) ?? [],
                .. engine is null ? [] : new[] { "--engine", engine },
            ], budgetBytes, lab is null ? null : DevLab.Url(basePort)));
        }

        return plan;
    }

    /// <summary>Starts the process; its output comes line by line, with the name in front.</summary>
    public void Start(Action<string> print)
    {
        string[] executable = [.. Executable()];
        var start = new ProcessStartInfo(executable[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        RuntimeSettings.AddTo(start.Environment);
        start.Environment.TryAdd(
            NodeSettings.Find("memory-budget")!.Variable, _budgetBytes.ToString(CultureInfo.InvariantCulture));
        if (_labUrl is not null)
        {
            start.Environment[NodeServer.LabVariable] = _labUrl;
        }

        foreach (string argument in executable.Skip(1).Concat(_arguments).Append($"--{ServeCommand.StopWithInputSwitch}"))
        {
            start.ArgumentList.Add(argument);
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Print(line.Data);
        _process.ErrorDataReceived += (_, line) => Print(line.Data);
        _process.Exited += (_, _) => _ended.TrySetResult(_process.ExitCode);
        _process.Start();
        ProcessId = _process.Id;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        void Print(string? text)
        {
            if (text is not null)
            {
                print($"{Name} | {text}");
            }
        }
    }

    /// <summary>Asks the node to stop, and kills it when it takes longer than this.</summary>
    public async Task StopAsync(TimeSpan timeout)
    {
        if (_process is null)
        {
            return;
        }

        // Not a signal: an interrupt from the keyboard reaches the children by itself, and a second signal would mean
        // "at once".
        _process.StandardInput.Close();
        if (await Task.WhenAny(Ended, Task.Delay(timeout)).ConfigureAwait(false) != Ended)
        {
            Console.Error.WriteLine($"raftkv: {Name} has not stopped in {timeout.TotalSeconds:0} s and is killed.");
            _process.Kill();
            await Ended.ConfigureAwait(false);
        }

        _process.Dispose();
        _process = null;
    }

    private static string Url(string scheme, int port) => $"{scheme}://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";

    // The same program: by its own executable, or by the dotnet host and the library when that is how this one runs.
    private static IEnumerable<string> Executable()
    {
        string host = Environment.ProcessPath ?? "raftkv";
        return Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? [host, Path.Combine(AppContext.BaseDirectory, "raftkv.dll")]
            : [host];
    }

    private static string Quote(string word) => word.Contains(' ') ? $"\"{word}\"" : word;
}
