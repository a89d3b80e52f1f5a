using System.Diagnostics;
using System.Globalization;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// The next sync of one node fails with EIO, injected by strace. The node must end at once with code 3: what follows a
/// failed sync can't be trusted.
/// </summary>
internal sealed class FsyncErrorNemesis : RepeatingNemesis
{
    private const int DiskExitCode = 3;
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(10);

    public override string Name => "fsync-eio";

    public override string? WhyNot => Programs.Find("strace") is null ? "strace is not installed" : null;

    public override async Task StrikeAsync(Strike strike)
    {
        ServerProcess node = strike.Random.Next(2) == 0 && await strike.Cluster.FindLeaderAsync() is { } leader ? leader : strike.AnyNode();
        long start = strike.History.NowNs;
        node.ExpectExit();
        using Process strace = Attach(node);
        int? code = await node.WaitForExitAsync(ExitTimeout);
        if (!strace.HasExited)
        {
            strace.Kill();
        }

        string said = await strace.StandardError.ReadToEndAsync(CancellationToken.None);
        if (code is null && said.Contains("ptrace", StringComparison.Ordinal))
        {
            strike.Note("skipped", node.Name, start, $"fsync-eio: strace may not attach: {said.Trim()}");
            return;
        }

        if (code != DiskExitCode)
        {
            strike.Accuse(node, string.Create(
                CultureInfo.InvariantCulture, $"a sync failed, and it {(code is null ? "went on" : $"ended with code {code}")} instead of ending with code 3"));
            node.Kill();
        }

        await strike.PauseAsync(500, 2000);
        node.Start();
        strike.Note("fsync-eio", node.Name, start, string.Create(CultureInfo.InvariantCulture, $"exit code {code}"));
    }

    private static Process Attach(ServerProcess node)
    {
        var info = new ProcessStartInfo(Programs.Find("strace")!) { RedirectStandardError = true };
        string pid = node.ProcessId.ToString(CultureInfo.InvariantCulture);
        string[] arguments =
        [
            "-f", "-q", "-p", pid, "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=1+", "-o", "/dev/null",
        ];
        Array.ForEach(arguments, info.ArgumentList.Add);
        return Process.Start(info)!;
    }
}
