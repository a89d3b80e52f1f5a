using System.Globalization;
using RaftKv.Lab;

namespace RaftKv.Cli;

/// <summary>
/// <c>dev --lab</c>: links between the nodes that <c>raftkv lab</c> holds, delays and cuts. They listen on ports between
/// those of the nodes, so that a node that is started again by its own line finds them.
/// </summary>
internal static class DevLab
{
    // The ten ports of a node have room for its own two and this many links; the last of n1's is the lab's own.
    private const int MaxNodes = 7;
    private const int ControlOffset = 9;
    private const int FirstLinkOffset = 2;

    /// <summary>What is in the way, as a sentence; empty when nothing is.</summary>
    public static string Problem(int nodes, int basePort)
    {
        if (nodes > MaxNodes)
        {
            return $"--lab has room for {MaxNodes} nodes.";
        }

        IEnumerable<int> ports = Enumerable.Range(0, nodes)
            .SelectMany(to => Enumerable.Range(0, nodes).Where(from => from != to).Select(from => PortOf(basePort, from, to)))
            .Append(basePort + ControlOffset);
        int taken = ports.FirstOrDefault(static port => !DevPreflight.IsFree(port));
        return taken == 0 ? ""
            : $"port {taken.ToString(CultureInfo.InvariantCulture)}, which the lab needs, is in use; give another --base-port.";
    }

    /// <summary>A link for each node to each other one.</summary>
    public static LabNetwork Connect(int nodes, int basePort) => new(
        [.. Enumerable.Range(0, nodes).Select(i => ("n" + (i + 1).ToString(CultureInfo.InvariantCulture), basePort + (10 * i) + 1))],
        (from, to) => PortOf(basePort, from, to));

    /// <summary>Listens to <c>raftkv lab</c>.</summary>
    public static LabControl Control(LabNetwork network, IReadOnlyList<DevNode> cluster, int basePort) =>
        new(network, [.. cluster.Select(static node => new LabNode(node.Name, node.ClientUrl.ToString(), () => node.RunningProcessId))],
            Url(basePort));

    /// <summary>Where it listens.</summary>
    public static string Url(int basePort) => $"http://127.0.0.1:{(basePort + ControlOffset).ToString(CultureInfo.InvariantCulture)}";

    private static int PortOf(int basePort, int from, int to) => basePort + (10 * to) + FirstLinkOffset + from;
}
