using System.Diagnostics;

namespace Shop.Run;

/// <summary>The services' processes; they end with this one.</summary>
internal sealed class Services(IReadOnlyList<Uri> cluster, string traces) : IDisposable
{
    private readonly List<Process> _processes = [];

    internal void Start(string name)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Places.Of($"samples/Shop/{name}", $"Shop.{name}.dll"));
        start.Environment["ConnectionStrings__kv"] = string.Join(',', cluster).Replace("/,", ",", StringComparison.Ordinal).TrimEnd('/');
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["SHOP_TRACES"] = traces;
        Process process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += (_, line) => Tell(name, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    /// <summary>False when no process of ours has that id.</summary>
    internal bool Kill(int processId)
    {
        Process? found = _processes.Find(process => process.Id == processId);
        found?.Kill();
        return found is not null;
    }

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }
    }

    private static void Tell(string name, string? line)
    {
        if (line is not null)
        {
            Console.Error.WriteLine($"{name}: {line}");
        }
    }
}
