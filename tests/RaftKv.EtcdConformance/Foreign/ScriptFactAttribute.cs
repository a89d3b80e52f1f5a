using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RaftKv.EtcdConformance.Foreign;

/// <summary>A fact that needs another language's client of etcd; skipped, with the reason, where that is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ScriptFactAttribute : FactAttribute
{
    /// <param name="probe">A command line that succeeds where the client is there.</param>
    /// <param name="hint">How to get it.</param>
    /// <param name="isLong">It takes more than a few seconds, and runs where RAFTKV_SOAK is 1 only.</param>
    public ScriptFactAttribute(string probe, string hint, bool isLong = false)
    {
        if (isLong && Environment.GetEnvironmentVariable("RAFTKV_SOAK") != "1")
        {
            Skip = "It takes long: RAFTKV_SOAK=1 runs it.";
        }
        else if (!Succeeds(probe))
        {
            Skip = $"`{probe}` fails here. {hint}";
        }
    }

    /// <summary>Where Node.js finds the client: as the environment says, else what <c>npm ci</c> in the folder node brought.</summary>
    internal static string NodePath { get; } =
        Environment.GetEnvironmentVariable("NODE_PATH") is { Length: > 0 } set ? set : Path.Combine(HereOf(), "node", "node_modules");

    private static string HereOf([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    private static bool Succeeds(string probe)
    {
        try
        {
            var start = new ProcessStartInfo("bash", ["-c", probe]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["NODE_PATH"] = NodePath;
            using Process process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
