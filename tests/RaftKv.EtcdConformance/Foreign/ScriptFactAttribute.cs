using System.Diagnostics;

namespace RaftKv.EtcdConformance.Foreign;

/// <summary>A fact that needs another language's client of etcd; skipped, with the reason, where that is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ScriptFactAttribute : FactAttribute
{
    /// <param name="probe">A command line that succeeds where the client is there.</param>
    /// <param name="hint">How to get it.</param>
    public ScriptFactAttribute(string probe, string hint)
    {
        if (!Succeeds(probe))
        {
            Skip = $"`{probe}` fails here. {hint}";
        }
    }

    private static bool Succeeds(string probe)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("bash", ["-c", probe])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
