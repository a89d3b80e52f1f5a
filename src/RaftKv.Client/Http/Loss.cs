using System.Net.Sockets;

namespace RaftKv.Client.Http;

/// <summary>What an HTTP client throws when no whole answer came.</summary>
internal static class Loss
{
    /// <summary>True for those; anything else is a fault of the caller's or of ours.</summary>
    /// <remarks>
    /// Danger: 1. A connection is made, and reset at once, by a proxy without a server behind it or a node that has as many as it
    /// takes. 2. The HTTP client asks the new socket whom it talks to, and its SocketException comes out as it is, in no
    /// HttpRequestException. 3. Nobody tries another node.
    /// </remarks>
    public static bool Is(Exception e) => e is OperationCanceledException or HttpRequestException or IOException or SocketException;
}
