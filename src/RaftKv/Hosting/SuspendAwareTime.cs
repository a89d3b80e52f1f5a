using System.Runtime.InteropServices;

namespace RaftKv.Hosting;

/// <summary>
/// A clock whose timestamps count the time that the machine was suspended: a leader on a laptop that was closed, or in a
/// virtual machine that was frozen, must not take its lease for valid. Linux stops CLOCK_MONOTONIC meanwhile, which is
/// what .NET reads there; Windows and macOS count it or are out of luck.
/// </summary>
internal sealed partial class SuspendAwareTime : TimeProvider
{
    private const int BootTime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private SuspendAwareTime()
    {
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => NanosecondsPerSecond;

    /// <summary>That clock where there is one, else the system's.</summary>
    public static TimeProvider Create() =>
        OperatingSystem.IsLinux() && Environment.Is64BitProcess && GetTime(BootTime, out _) == 0 ? new SuspendAwareTime() : System;

    /// <inheritdoc/>
    public override long GetTimestamp() =>
        GetTime(BootTime, out TimeSpec now) == 0
            ? (now.Seconds * NanosecondsPerSecond) + now.Nanoseconds
            : throw new InvalidOperationException("The system's boot-time clock can't be read any more.");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
