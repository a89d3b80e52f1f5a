using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace RaftKv.Hosting;

/// <summary>
/// Settings of the .NET runtime that it reads from its environment only, and only before any code of ours runs. A node that was started
/// without them replaces itself by itself with them: the same process id, arguments, files and terminal, about 50 ms later.
/// </summary>
/// <remarks>
/// The one setting is the size of the collector's young generation: its stops are the tail of the latencies of writes, and the default,
/// which follows the processor's cache, gave longer ones here (bench/README.md has the figures). A value that the user set, also 0, is left alone. Elsewhere than on Linux nothing happens.
/// </remarks>
internal static partial class RuntimeSettings
{
    private const string YoungGenerationVariable = "DOTNET_GCgen0size";

    // Hexadecimal, as the runtime reads it: 6 MiB. On a saturated machine a stop costs about as much however little there is to collect, mostly
    // the wait for threads that are not running; 64 MiB halved the 99th percentile of writes but doubled the 99.9th and the longest.
    private const string YoungGenerationBytes = "600000";

    /// <summary>Adds the settings to the environment of a child, which then needs not replace itself.</summary>
    public static void AddTo(IDictionary<string, string?> variables) => variables.TryAdd(YoungGenerationVariable, YoungGenerationBytes);

    /// <summary>Returns when the settings are there, or can't be had; otherwise the process goes on elsewhere.</summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(YoungGenerationVariable) is not null)
        {
            return;
        }

        try
        {
            string[] arguments = File.ReadAllText("/proc/self/cmdline", Encoding.UTF8)[..^1].Split('\0');
            string executable = Path.GetFullPath(File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: true)!.FullName);
            Execve(executable, [.. arguments, null], [.. Variables(), null]);
        }
        catch (Exception unavailable) when (unavailable is IOException or UnauthorizedAccessException)
        {
            // Without /proc the node runs as it is.
        }
    }

    private static List<string> Variables()
    {
        var variables = new List<string> { $"{YoungGenerationVariable}={YoungGenerationBytes}" };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables.Add($"{variable.Key}={variable.Value}");
        }

        return variables;
    }

    // Returns only when it failed; then the node runs as it is.
    [LibraryImport("libc", EntryPoint = "execve", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execve(string path, string?[] arguments, string?[] variables);
}
