using RaftKv.Core;

namespace RaftKv.Transport;

/// <summary>A peer, and where it is dialled.</summary>
/// <param name="Host">Name or address; looked up anew for each attempt, so that a peer may move.</param>
internal sealed record PeerAddress(string Name, NodeId Id, string Host, int Port)
{
    /// <summary>host:port, for the log.</summary>
    public string Text { get; } = Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
