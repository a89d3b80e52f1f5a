using System.Diagnostics;

namespace RaftKv.JepsenStyle.Cluster;

/// <summary>Programs of the machine that some faults need.</summary>
internal static class Programs
{
    /// <summary>The full path of a program; null when it is not installed.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end and gives its exit code and all that it said.</summary>
    public static (int ExitCode, string Output) Run(string name, params string[] arguments)
    {
        if (Find(name) is not { } path)
        {
            return (-1, $"{name} is not installed");
        }

        var info = new ProcessStartInfo(path) { RedirectStandardOutput = true, RedirectStandardError = true };
        Array.ForEach(arguments, info.ArgumentList.Add);
        using Process process = Process.Start(info)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
