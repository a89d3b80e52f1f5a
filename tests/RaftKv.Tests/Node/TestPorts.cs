using System.Net;
using System.Net.Sockets;

namespace RaftKv.Tests.Node;

/// <summary>
/// Ports for servers that tests start: a range of their own, each used once in a run, and none that somebody else listens
/// on.
/// </summary>
internal static class TestPorts
{
    private static int _last = 22200;

    public static int Next()
    {
        int port;
        do
        {
            port = Interlocked.Increment(ref _last);
        }
        while (!IsFree(port));

        return port;
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
