using System.Diagnostics;

namespace RaftKv.Tests.Support;

/// <summary>A fact that needs programs of the machine; skipped, with the reason, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CommandFactAttribute : FactAttribute
{
    /// <param name="commands">Names of programs.</param>
    public CommandFactAttribute(params string[] commands)
    {
        foreach (string command in commands)
        {
            if (!IsThere(command))
            {
                Skip = $"{command} is missing here.";
            }
        }
    }

    private static bool IsThere(string command)
    {
        try
        {
            using Process process = Process.Start("bash", ["-c", $"command -v {command} >/dev/null"]);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
