using RaftKv.Core.Calls;
using RaftKv.Core.Driver;
using RaftKv.Core.Messages;
using RaftKv.Engine.Calls;

namespace RaftKv.Node;

/// <summary>
/// The one queue into the loop: many threads post, the loop takes everything at once by swapping two lists. A short
/// lock is cheaper here than a lock-free queue, since the reader holds it once for a whole batch.
/// </summary>
/// <remarks>
/// Who may put something in is <see cref="MailboxShares"/>' to say.
/// </remarks>
internal sealed class Mailbox : ICallInbox, IDisposable
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly MailboxShares _shares;
    private List<DriverInput> _incoming = new(capacity: 256);
    private List<DriverInput> _taken = new(capacity: 256);
    private long _droppedPeerMessageCount;
    private bool _isReaderAsleep;
    private bool _isNudged;
    private bool _isClosed;

    /// <summary>Makes an empty, open mailbox.</summary>
    public Mailbox(MailboxLimits limits) => _shares = new MailboxShares(limits);

    /// <summary>Peer messages dropped because the loop could not keep up.</summary>
    public long DroppedPeerMessageCount => Volatile.Read(ref _droppedPeerMessageCount);

    /// <inheritdoc/>
    public PostAnswer TryBegin(Call call, int bytes) => TryPostClient(DriverInput.Begin(call), bytes);

    /// <inheritdoc/>
    public void Cancel(Call call, short token) => PostInternal(DriverInput.Cancel(call, token));

    /// <summary>Offers a proposal or read. Any thread.</summary>
    public PostAnswer TryPostClient(DriverInput input, int bytes)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return PostAnswer.Closed;
            }

            if (!_shares.TryTakeClient(bytes))
            {
                return PostAnswer.Full;
            }

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

            if (!_shares.TryTakePeers(messages.Count, bytes))
            {
                _droppedPeerMessageCount += messages.Count;
                return;
            }

            for (int i = 0; i < messages.Count; i++)
            {
                _incoming.Add(DriverInput.Of(messages[i]));
            }

            if (!TakeWakeDuty())
            {
                return;
            }
        }

        _wake.Set();
    }

    /// <summary>
    /// The reader looks again now: something that it goes by has changed, and is no input. Any thread.
    /// </summary>
    public void Nudge()
    {
        lock (_gate)
        {
            // Also one that is about to fall asleep.
            _isNudged = true;
            if (!TakeWakeDuty())
            {
                return;
            }
        }

        _wake.Set();
    }

    /// <summary>Queues an input of the node itself; false only when the loop has ended. Any thread.</summary>
    public bool PostInternal(DriverInput input)
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
    public List<DriverInput> Take(int waitMs)
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
    public List<DriverInput> Close()
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
            if (_incoming.Count == 0 && mayWait && !_isNudged)
            {
                _isReaderAsleep = true;
                return false;
            }

            _isReaderAsleep = false;
            _isNudged = false;
            (_incoming, _taken) = (_taken, _incoming);
            _shares.Clear();
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
