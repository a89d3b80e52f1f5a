using System.Globalization;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>SIGTERM and a new start, node after node, as an upgrade does it. Each must end in order, with code 0.</summary>
internal sealed class RestartNemesis : RepeatingNemesis
{
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(20);

    public override string Name => "restart";

    public override async Task StrikeAsync(Strike strike)
    {
        ServerProcess node = strike.Cluster.Nodes[strike.Turn % strike.Cluster.Nodes.Count];
        long start = strike.History.NowNs;
        node.Terminate();
        int? code = await node.WaitForExitAsync(ExitTimeout);
        if (code != 0)
        {
            strike.Accuse(node, code is null
                ? "it had not ended 20 s after SIGTERM"
                : string.Create(CultureInfo.InvariantCulture, $"it ended with code {code} after SIGTERM"));
            node.Kill();
        }

        node.Start();
        strike.Note("restart", node.Name, start, string.Create(CultureInfo.InvariantCulture, $"exit code {code}"));
    }
}
