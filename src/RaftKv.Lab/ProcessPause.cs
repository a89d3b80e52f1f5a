using System.ComponentModel;
using System.Runtime.InteropServices;

namespace RaftKv.Lab;

/// <summary>Makes a process stand still, as a machine does that swaps or is moved. Not on Windows.</summary>
public static class ProcessPause
{
    private static readonly bool _isMac = OperatingSystem.IsMacOS();

    /// <summary>It stands still until <see cref="Resume"/>.</summary>
    /// <exception cref="PlatformNotSupportedException">Windows has no such signal.</exception>
    /// <exception cref="Win32Exception">There is no such process.</exception>
    public static void Pause(int processId) => Signal(processId, _isMac ? 17 : 19);

    /// <summary>It goes on.</summary>
    /// <inheritdoc cref="Pause"/>
    public static void Resume(int processId) => Signal(processId, _isMac ? 19 : 18);

    private static void Signal(int processId, int signal)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Windows can't pause a process.");
        }

        if (Kill(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
