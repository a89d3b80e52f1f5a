using RaftKv.Core;

namespace RaftKv.Transport;

/// <summary>A peer, and where it is dialled.</summary>
/// <param name="Host">Name or address; looked up anew for each attempt, so that a peer may move.</param>
internal sealed record PeerAddress(string Name, NodeId Id, string Host, int Port)
{
    /// <summary>
    /// From the address that somebody said; null when it is none that can be dialled. Whether by TLS is this node's setting, not
    /// the address's: members keep the address that they were founded with.
    /// </summary>
    public static PeerAddress? Parse(string name, NodeId id, string url) =>
        !id.IsNone && Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https"
            ? new PeerAddress(name, id, parsed.IdnHost.Trim('[', ']'), parsed.Port)
            : null;

    /// <summary>host:port, for the log.</summary>
    public string Text { get; } = Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
