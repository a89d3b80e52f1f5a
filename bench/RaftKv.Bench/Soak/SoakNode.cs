using System.Diagnostics;
using System.Globalization;

namespace RaftKv.Bench.Soak;

/// <summary>One node's process, with its data directory and its log file. Used by one caller at a time.</summary>
internal sealed class SoakNode : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _pollWait = TimeSpan.FromMilliseconds(100);

    private readonly Process _process;
    private readonly StreamWriter _log;

    private SoakNode(string name, Uri endpoint, string directory, Process process, StreamWriter log)
    {
        Name = name;
        Endpoint = endpoint;
        DataDirectory = directory;
        _process = process;
        _log = log;
    }

    internal string Name { get; }

    internal Uri Endpoint { get; }

    internal string DataDirectory { get; }

    internal int ProcessId => _process.Id;

    /// <summary>Null while it runs.</summary>
    internal int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Starts three, and returns when all are ready.</summary>
    /// <exception cref="BenchException">One did not become ready.</exception>
    internal static async Task<IReadOnlyList<SoakNode>> StartAsync(SoakOptions options, string root)
    {
        string server = FindServer(options.Server);
        string list = string.Join(',', Enumerable.Range(0, 3).Select(i => $"n{i + 1}={Url(options, (2 * i) + 1)}"));
        List<SoakNode> nodes = [];
        try
        {
            for (int i = 0; i < 3; i++)
            {
                nodes.Add(Start(options, server, root, list, i));
            }

            foreach (SoakNode node in nodes)
            {
                await node.WaitUntilReadyAsync();
            }

            return nodes;
        }
        catch
        {
            nodes.ForEach(static node => node.Dispose());
            throw;
        }
    }

    /// <summary>Bytes of all its files. A file that goes meanwhile counts nothing.</summary>
    internal long DataBytes()
    {
        long sum = 0;
        foreach (FileInfo file in new DirectoryInfo(DataDirectory).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                sum += file.Length;
            }
            catch (FileNotFoundException)
            {
                // A segment or a snapshot that was replaced.
            }
        }

        return sum;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        lock (_log)
        {
            _log.Dispose();
        }
    }

    private static SoakNode Start(SoakOptions options, string server, string root, string list, int index)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"n{index + 1}");
        string directory = Path.Combine(root, name);
        ProcessStartInfo info = new("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] words =
        [
            server, "serve", "--name", name, "--data-dir", directory,
            "--client", Url(options, 2 * index), "--peer", Url(options, (2 * index) + 1), "--cluster", list,
            "--memory-budget", string.Create(CultureInfo.InvariantCulture, $"{options.MemoryMiB}MiB"),
            "--auto-compaction-mode", "revision",
            "--auto-compaction-retention", options.RetainedRevisions.ToString(CultureInfo.InvariantCulture),
            "--stop-with-input",
        ];
        Array.ForEach(words, info.ArgumentList.Add);
        StreamWriter log = new(Path.Combine(root, name + ".log")) { AutoFlush = true };
        Process process = new() { StartInfo = info };
        process.OutputDataReceived += (_, line) => Write(log, line.Data);
        process.ErrorDataReceived += (_, line) => Write(log, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new SoakNode(name, new Uri(Url(options, 2 * index)), directory, process, log);
    }

    private async Task WaitUntilReadyAsync()
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(2) };
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < _patience && ExitCode is null)
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri(Endpoint, "/readyz"));
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Not listening yet.
            }

            await Task.Delay(_pollWait);
        }

        throw new BenchException($"{Name} did not become ready; its log ends: {LogEnd()}");
    }

    private string LogEnd()
    {
        lock (_log)
        {
            string[] lines = File.ReadAllLines(((FileStream)_log.BaseStream).Name);
            return string.Join(" / ", lines[^Math.Min(5, lines.Length)..]);
        }
    }

    private static void Write(StreamWriter log, string? line)
    {
        lock (log)
        {
            if (line is not null && log.BaseStream is { CanWrite: true })
            {
                log.WriteLine(line);
            }
        }
    }

    internal static string FindServer(string? given)
    {
        if (given is not null)
        {
            return File.Exists(given) ? given : throw new BenchException($"There is no server at {given}.");
        }

        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string built = Path.Combine(at.FullName, "src", "RaftKv", "bin", "Release", "net10.0", "raftkv.dll");
            if (File.Exists(built))
            {
                return built;
            }
        }

        throw new BenchException("The server is not built: dotnet build -c Release, or name one with --server.");
    }

    private static string Url(SoakOptions options, int offset) =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{options.BasePort + offset}");
}
