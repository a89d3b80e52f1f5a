namespace RaftKv.Core.Driver;

/// <summary>
/// Bounds of the mailbox. They count what is queued and not yet taken; what the replica holds has bounds of its own.
/// </summary>
public sealed record MailboxLimits
{
    /// <summary>Proposals and reads. A loop that is this far behind answers them too late anyway.</summary>
    public int MaxClientInputs { get; init; } = 16 * 1024;

    /// <summary>Bytes of proposals.</summary>
    public long MaxClientBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Messages of peers; their windows keep them far below.</summary>
    public int MaxPeerMessages { get; init; } = 64 * 1024;

    /// <summary>Bytes of peers' messages: the windows of two leaders, old and new.</summary>
    public long MaxPeerBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>The bounds that a budget gives.</summary>
    public static MailboxLimits Of(MemoryBudget budget) => new()
    {
        MaxClientBytes = budget.MailboxBytes,
        MaxPeerBytes = budget.PeerMailboxBytes,
    };
}

/// <summary>
/// Who may put something into the mailbox now. Clients and peers have shares of their own, so that a flood of requests
/// never holds up the messages and completions that would drain it; what the node's own threads report has none, since
/// each answers something that the loop asked for. Not thread-safe: the mailbox guards it.
/// </summary>
public sealed class MailboxShares(MailboxLimits limits)
{
    private int _clientCount;
    private long _clientBytes;
    private int _peerCount;
    private long _peerBytes;

    /// <summary>True when a client's input is taken, and counted; a full share refuses at once.</summary>
    public bool TryTakeClient(int bytes)
    {
        // One always fits, however small the share.
        if (_clientCount >= limits.MaxClientInputs || (_clientBytes > 0 && _clientBytes + bytes > limits.MaxClientBytes))
        {
            return false;
        }

        _clientCount++;
        _clientBytes += bytes;
        return true;
    }

    /// <summary>True when a peer's messages are taken, and counted; a full share drops, which Raft makes up for.</summary>
    public bool TryTakePeers(int count, long bytes)
    {
        // A batch is taken whole while there is any room: one large message must not be refused for ever.
        if (_peerCount >= limits.MaxPeerMessages || _peerBytes >= limits.MaxPeerBytes)
        {
            return false;
        }

        _peerCount += count;
        _peerBytes += bytes;
        return true;
    }

    /// <summary>The mailbox is empty.</summary>
    public void Clear()
    {
        _clientCount = 0;
        _clientBytes = 0;
        _peerCount = 0;
        _peerBytes = 0;
    }
}
