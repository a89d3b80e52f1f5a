using System.Runtime.InteropServices;

namespace RaftKv.Hosting;

/// <summary>
/// A clock whose timestamps count the time that the machine was suspended: a leader on a laptop that was closed, or in a
/// virtual machine that was frozen, must not take its lease for valid. What .NET reads stands still meanwhile on Linux
/// (CLOCK_MONOTONIC) and on macOS (CLOCK_UPTIME_RAW); on Windows it counts on.
/// </summary>
internal sealed partial class SuspendAwareTime : TimeProvider
{
    private const int LinuxBootTime = 7;
    private const int MacMonotonicRaw = 4;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly int _clock;

    private SuspendAwareTime(int clock) => _clock = clock;

    /// <inheritdoc/>
    public override long TimestampFrequency => NanosecondsPerSecond;

    /// <summary>That clock where there is one, else the system's.</summary>
    public static TimeProvider Create() =>
        ClockOf(OperatingSystem.IsLinux(), OperatingSystem.IsMacOS()) is { } clock
            && Environment.Is64BitProcess && GetTime(clock, out _) == 0 ? new SuspendAwareTime(clock) : System;

    /// <inheritdoc/>
    public override long GetTimestamp() =>
        GetTime(_clock, out TimeSpec now) == 0
            ? (now.Seconds * NanosecondsPerSecond) + now.Nanoseconds
            : throw new InvalidOperationException("The system's boot-time clock can't be read any more.");

    /// <summary>The number of a system's clock that counts on; null where .NET's own does, or none is known.</summary>
    internal static int? ClockOf(bool isLinux, bool isMac) => isLinux ? LinuxBootTime : isMac ? MacMonotonicRaw : null;

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
