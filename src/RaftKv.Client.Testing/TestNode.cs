using System.Diagnostics;
using System.Text;

namespace RaftKv.Client.Testing;

/// <summary>One node's process. Used by one caller at a time.</summary>
internal sealed class TestNode(string server, IReadOnlyList<string> arguments, Uri endpoint) : IDisposable
{
    // Enough to see why a node did not start; a node that logs for hours keeps its end.
    private const int MaxOutputChars = 64 * 1024;

    private readonly StringBuilder _output = new();
    private Process? _process;

    internal Uri Endpoint => endpoint;

    /// <summary>0 while it does not run.</summary>
    internal int ProcessId => _process?.Id ?? 0;

    internal bool IsRunning => _process is { HasExited: false };

    internal string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>True when it has ended because somebody else listens where it was to.</summary>
    internal bool HasFoundItsPortTaken => !IsRunning && Output.Contains("address already in use", StringComparison.OrdinalIgnoreCase);

    internal void Start()
    {
        bool isAssembly = server.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        ProcessStartInfo start = new(isAssembly ? "dotnet" : server)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (isAssembly)
        {
            start.ArgumentList.Add(server);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        Process process = new() { StartInfo = start };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
    }

    /// <summary>As a power cut would: nothing is said, nothing is written any more.</summary>
    internal async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().ConfigureAwait(false);
            process.Dispose();
            _process = null;
        }
    }

    public void Dispose() => _process?.Dispose();

    private void Take(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
            if (_output.Length > MaxOutputChars)
            {
                _output.Remove(0, _output.Length - MaxOutputChars);
            }
        }
    }
}
