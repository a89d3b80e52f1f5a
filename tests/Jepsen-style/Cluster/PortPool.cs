using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RaftKv.JepsenStyle.Cluster;

/// <summary>
/// Hands out loopback ports below the range that the system draws outgoing ports from: a node that is down for a while
/// must find its port free when it comes back. RAFTKV_JEPSEN_PORTS moves the range.
/// </summary>
internal static class PortPool
{
    private const int DefaultFirstPort = 22400;
    private const int PortCount = 200;
    private static readonly Lock Gate = new();
    private static int s_taken;

    /// <summary>
    /// A port that nobody listens on, and that is not handed out again until the range has gone round.
    /// </summary>
    public static int Take()
    {
        string? setting = Environment.GetEnvironmentVariable("RAFTKV_JEPSEN_PORTS");
        int first = setting is null ? DefaultFirstPort : int.Parse(setting, CultureInfo.InvariantCulture);
        lock (Gate)
        {
            for (int tries = 0; tries < PortCount; tries++)
            {
                int port = first + (s_taken++ % PortCount);
                if (IsFree(port))
                {
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"No free port in {first}..{first + PortCount - 1}.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
