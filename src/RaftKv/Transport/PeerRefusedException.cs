namespace RaftKv.Transport;

/// <summary>
/// The other side is not the peer that was meant, or does not want this node. The message is a sentence for the log.
/// </summary>
internal sealed class PeerRefusedException(string message) : Exception(message);
