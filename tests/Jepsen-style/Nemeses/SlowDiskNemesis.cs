using System.Diagnostics;
using System.Globalization;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// Each sync of the leader takes three quarters of an election timeout, by strace, for many of them: it must not be left in the
/// lead while others' disks are quick, and nothing may get lost when it hands over.
/// </summary>
internal sealed class SlowDiskNemesis : RepeatingNemesis
{
    private const int DelayMs = 750;

    // Slow for three timeouts, after six in the lead, and time to hand over; a busy machine takes longer.
    private static readonly TimeSpan HandOverTimeout = TimeSpan.FromSeconds(30);

    public override string Name => "slow-disk";

    public override string? WhyNot => Programs.Find("strace") is null ? "strace is not installed" : null;

    public override async Task StrikeAsync(Strike strike)
    {
        if (await strike.Cluster.FindLeaderAsync() is not { } node)
        {
            return;
        }

        long start = strike.History.NowNs;
        using Process strace = Attach(node);
        bool hasHandedOver = false;
        DateTime end = DateTime.UtcNow + HandOverTimeout;
        while (!hasHandedOver && DateTime.UtcNow < end && !strike.End.IsCancellationRequested && !strace.HasExited)
        {
            await Task.Delay(200, CancellationToken.None);
            hasHandedOver = await strike.Cluster.FindLeaderAsync() is { } leader && leader != node;
        }

        bool wasRefused = strace.HasExited;
        if (!wasRefused)
        {
            strace.Kill();
        }

        string said = await strace.StandardError.ReadToEndAsync(CancellationToken.None);
        if (wasRefused)
        {
            strike.Note("skipped", node.Name, start, $"slow-disk: strace may not attach: {said.Trim()}");
            return;
        }

        string outcome = hasHandedOver ? "another node leads" : "it still leads";
        string detail = string.Create(CultureInfo.InvariantCulture, $"each sync took {DelayMs} ms more; {outcome}");
        strike.Note("slow-disk", node.Name, start, detail);
    }

    private static Process Attach(ServerProcess node)
    {
        var info = new ProcessStartInfo(Programs.Find("strace")!) { RedirectStandardError = true };
        string pid = node.ProcessId.ToString(CultureInfo.InvariantCulture);
        string delay = string.Create(CultureInfo.InvariantCulture, $"inject=fsync,fdatasync:delay_enter={DelayMs * 1000}");
        string[] arguments = ["-f", "-q", "-p", pid, "-e", "trace=fsync,fdatasync", "-e", delay, "-o", "/dev/null"];
        Array.ForEach(arguments, info.ArgumentList.Add);
        return Process.Start(info)!;
    }
}
