using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RaftKv.Storage;

namespace RaftKv.Cli;

/// <summary>
/// What must hold for all nodes before <c>dev</c> starts any: half a cluster that came up is harder to understand than
/// a sentence.
/// </summary>
internal static class DevPreflight
{
    /// <summary>All that is in the way, a sentence each; empty when every node can start. Nothing is written.</summary>
    public static List<string> Check(IReadOnlyList<DevNode> cluster)
    {
        var problems = new List<string>();
        foreach (DevNode node in cluster)
        {
            foreach (int port in (int[])[node.ClientUrl.Port, node.ClientUrl.Port + 1])
            {
                if (!IsFree(port))
                {
                    problems.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"port {port}, which {node.Name} needs, is in use; end that program, or give --base-port."));
                }
            }

            CheckDirectory(node, problems);
        }

        CheckDisks(cluster, problems);
        return problems;
    }

    private static void CheckDirectory(DevNode node, List<string> problems)
    {
        try
        {
            DirectoryLock.RequireUnused(node.DataDirectory);
        }
        catch (DataDirectoryException refusal)
        {
            problems.Add(refusal.Message);
        }
    }

    // A node whose directory is gone has forgotten what it acknowledged; started beside the others, it would be a
    // new disk under an old name.
    private static void CheckDisks(IReadOnlyList<DevNode> cluster, List<string> problems)
    {
        List<DevNode> empty = [.. cluster.Where(node => !File.Exists(Path.Combine(node.DataDirectory, DirectoryIdentity.FileName)))];
        if (empty.Count == 0 || empty.Count == cluster.Count)
        {
            return;
        }

        string names = string.Join(", ", empty.Select(node => node.Name));
        string there = string.Join(", ", cluster.Except(empty).Select(node => node.Name));
        problems.Add(
            $"{Path.GetDirectoryName(empty[0].DataDirectory)} holds data of {there} but none of {names}: an empty directory must not"
            + " take the place of one that was there. Put it back, or remove the whole directory to begin anew.");
    }

    /// <summary>Whether a port of this machine can be listened on now.</summary>
    internal static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
