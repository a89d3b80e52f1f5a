using RaftKv.Core;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Messages;

namespace RaftKv.Node;

/// <summary>How the mailbox took a client's input.</summary>
internal enum PostAnswer
{
    /// <summary>It is queued.</summary>
    Accepted,

    /// <summary>The client share is full; nothing was queued.</summary>
    Full,

    /// <summary>The loop has ended; nothing was queued.</summary>
    Closed,
}

/// <summary>
/// The one queue into the loop: many threads post, the loop takes everything at once by swapping two lists. A short
/// lock is cheaper here than a lock-free queue, since the reader holds it once for a whole batch.
/// </summary>
/// <remarks>
/// Clients and peers have shares of their own, so that a flood of requests never holds up the messages and completions
/// that would drain it.
/// A full client share refuses at once. A full peer share drops, which Raft tolerates. Completions of the node's own
/// threads are never refused; each answers something that the loop asked for, so there can't be many.
/// </remarks>
internal sealed class Mailbox : IDisposable
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly MailboxLimits _limits;
    private List<LoopInput> _incoming = new(capacity: 256);
    private List<LoopInput> _taken = new(capacity: 256);
    private int _clientCount;
    private long _clientBytes;
    private int _peerCount;
    private long _peerBytes;
    private long _droppedPeerMessageCount;
    private bool _isReaderAsleep;
    private bool _isClosed;

    /// <summary>Makes an empty, open mailbox.</summary>
    public Mailbox(MailboxLimits limits) => _limits = limits;

    /// <summary>Peer messages dropped because the loop could not keep up.</summary>
    public long DroppedPeerMessageCount => Volatile.Read(ref _droppedPeerMessageCount);

    /// <summary>Offers a proposal or read. Any thread.</summary>
    public PostAnswer TryPostClient(LoopInput input, int bytes)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return PostAnswer.Closed;
            }

            // One always fits, however small the share.
            if (_clientCount >= _limits.MaxClientInputs || (_clientBytes > 0 && _clientBytes + bytes > _limits.MaxClientBytes))
            {
                return PostAnswer.Full;
            }

            _clientCount++;
            _clientBytes += bytes;
            _incoming.Add(input);
            if (!TakeWakeDuty())
            {
                return PostAnswer.Accepted;
            }
        }

        _wake.Set();
        return PostAnswer.Accepted;
    }

    /// <summary>Queues messages of a peer as one, or drops them all when the peer share is full. Any thread.</summary>
    public void PostPeerMessages(IReadOnlyList<Message> messages, long bytes)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            // A batch is taken whole while there is any room: one large message must not be refused for ever.
            if (_peerCount >= _limits.MaxPeerMessages || _peerBytes >= _limits.MaxPeerBytes)
            {
                _droppedPeerMessageCount += messages.Count;
                return;
            }

            _peerCount += messages.Count;
            _peerBytes += bytes;
            for (int i = 0; i < messages.Count; i++)
            {
                _incoming.Add(new LoopInput(LoopInputKind.PeerMessage, messages[i], 0));
            }

            if (!TakeWakeDuty())
            {
                return;
            }
        }

        _wake.Set();
    }

    /// <summary>Queues an input of the node itself; false only when the loop has ended. Any thread.</summary>
    public bool PostInternal(LoopInput input)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            _incoming.Add(input);
            if (!TakeWakeDuty())
            {
                return true;
            }
        }

        _wake.Set();
        return true;
    }

    /// <summary>
    /// Takes everything queued, after a wait of at most so long when there is nothing. The list is valid until the next
    /// call. Loop thread only.
    /// </summary>
    public List<LoopInput> Take(int waitMs)
    {
        if (TrySwap(mayWait: waitMs > 0))
        {
            return _taken;
        }

        _wake.WaitOne(waitMs);
        TrySwap(mayWait: false);
        return _taken;
    }

    /// <summary>Refuses everything from now on and hands over what is still queued. Loop thread only.</summary>
    public List<LoopInput> Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        TrySwap(mayWait: false);
        return _taken;
    }

    /// <summary>Frees the wake event; after the loop's thread has ended.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        _wake.Dispose();
    }

    // True when the swap gave inputs, or when the reader may not wait. Otherwise the next post will wake the reader.
    private bool TrySwap(bool mayWait)
    {
        _taken.Clear();
        lock (_gate)
        {
            if (_incoming.Count == 0 && mayWait)
            {
                _isReaderAsleep = true;
                return false;
            }

            _isReaderAsleep = false;
            (_incoming, _taken) = (_taken, _incoming);
            _clientCount = 0;
            _clientBytes = 0;
            _peerCount = 0;
            _peerBytes = 0;
            return true;
        }
    }

    // The first post after the reader fell asleep wakes it; the others of that nap need no system call.
    private bool TakeWakeDuty()
    {
        bool isDuty = _isReaderAsleep;
        _isReaderAsleep = false;
        return isDuty;
    }
}

/// <summary>
/// Bounds of the mailbox. They count what is queued and not yet taken; what the replica holds has bounds of its own.
/// </summary>
internal sealed record MailboxLimits
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
