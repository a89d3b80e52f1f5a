using System.Runtime.InteropServices;

namespace RaftKv.Hosting;

/// <summary>Ends the process now.</summary>
internal static partial class ProcessEnd
{
    /// <summary>
    /// Ends the process without finalizers, exit handlers or a wait for any thread: after a failed disk or a broken
    /// invariant nothing of this process may run on, and some thread of it may hang for good in the kernel.
    /// </summary>
    public static void Now(int exitCode)
    {
        Console.Out.Flush();
        Console.Error.Flush();
        if (OperatingSystem.IsWindows())
        {
            Environment.Exit(exitCode);
        }

        ExitNow(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int status);
}
