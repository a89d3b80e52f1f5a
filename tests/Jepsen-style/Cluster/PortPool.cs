using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RaftKv.JepsenStyle.Cluster;

/// <summary>
/// Hands out loopback ports below the range that the system draws outgoing ports from: a node that is down for a while
/// must find its port free when it comes back. All test projects draw from here; RAFTKV_JEPSEN_PORTS moves the range.
/// </summary>
internal static class PortPool
{
    private const int DefaultFirstPort = 22400;
    private const int PortCount = 200;

    // Where to go when the first range is another process's.
    private const int OtherFirstPort = 24000;
    private const int OtherRanges = 40;

    private static readonly Lock Gate = new();
    private static int s_taken;
    private static (int First, FileStream Lock)? s_range;

    /// <summary>
    /// A port that nobody listens on, and that is not handed out again until the range has gone round.
    /// </summary>
    public static int Take() => TakeRow(1);

    /// <summary>The first of so many such ports in a row.</summary>
    public static int TakeRow(int count)
    {
        lock (Gate)
        {
            int first = (s_range ??= Reserve()).First;
            for (int tries = 0; tries < PortCount; tries++)
            {
                int offset = s_taken % PortCount;
                bool fits = offset + count <= PortCount && Enumerable.Range(first + offset, count).All(IsFree);
                s_taken += fits ? count : 1;
                if (fits)
                {
                    return first + offset;
                }
            }

            throw new InvalidOperationException($"No {count} free ports in {first}..{first + PortCount - 1}.");
        }
    }

    /// <summary>
    /// A range that no other process of this suite draws from, for as long as this one lives: two of them would take each
    /// other's ports while a node is down.
    /// </summary>
    private static (int First, FileStream Lock) Reserve()
    {
        string? setting = Environment.GetEnvironmentVariable("RAFTKV_JEPSEN_PORTS");
        int first = setting is null ? DefaultFirstPort : int.Parse(setting, CultureInfo.InvariantCulture);
        foreach (int candidate in Enumerable.Range(0, OtherRanges).Select(i => OtherFirstPort + (i * PortCount)).Prepend(first))
        {
            try
            {
                string name = string.Create(CultureInfo.InvariantCulture, $"raftkv-ports-{candidate}.lock");
                string path = Path.Combine(Path.GetTempPath(), name);
                return (candidate, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process holds it.
            }
        }

        throw new InvalidOperationException("Every range of ports is taken by another run of this suite.");
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
