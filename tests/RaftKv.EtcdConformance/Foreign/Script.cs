using System.Diagnostics;
using System.Globalization;

namespace RaftKv.EtcdConformance.Foreign;

/// <summary>Runs a script beside this file, which says PASSED at its end.</summary>
internal static class Script
{
    /// <summary>The interpreter that Debian's packages are for.</summary>
    public const string Python = "$([[ -x /usr/bin/python3 ]] && echo /usr/bin/python3 || echo python3)";

    // Far beyond what a script takes on a busy machine: only a hang is cut off.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs it to its end.</summary>
    /// <param name="basePort">The first port that it may use; 0 when it uses none.</param>
    public static async Task RunAsync(string command, int basePort = 0)
    {
        var start = new ProcessStartInfo("bash", ["-c", command])
        {
            WorkingDirectory = Path.Combine(AppContext.BaseDirectory, "Foreign"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NODE_PATH"] = ScriptFactAttribute.NodePath;
        start.Environment["BASE_PORT"] = basePort.ToString(CultureInfo.InvariantCulture);
        start.Environment["RAFTKV_DLL"] = Path.Combine(AppContext.BaseDirectory, "raftkv.dll");
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        string text = await output;
        Assert.True(text.EndsWith("PASSED\n", StringComparison.Ordinal) && process.ExitCode == 0, $"{command}\n{text}\n{await errors}");
    }
}
