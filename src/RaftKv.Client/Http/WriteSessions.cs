namespace RaftKv.Client.Http;

/// <summary>
/// A call's place in a client session; given back when the call ends. Number 0 is a call under the caller's own key, which
/// only says in whose share the key counts.
/// </summary>
internal readonly record struct WriteTicket(WriteSession Session, long Sequence);

/// <summary>
/// The client sessions of one client: the first is opened with its first write, further ones when more calls are under
/// way than one session takes, which also lets a call that hangs hold up no other. Safe from any thread.
/// </summary>
internal sealed class WriteSessions : IDisposable
{
    // So many calls of one client at a time: 16 sessions of 64. More wait for one of them to end.
    private const int MostSessions = 16;

    private readonly Func<CancellationToken, Task<WriteSession>> _open;
    private readonly Lock _lock = new();
    private readonly List<WriteSession> _sessions = [];
    private readonly SemaphoreSlim _opening = new(1);
    private TaskCompletionSource _ended = NewSignal();

    /// <param name="open">Opens one more session.</param>
    internal WriteSessions(Func<CancellationToken, Task<WriteSession>> open)
    {
        _open = open;
    }

    public void Dispose() => _opening.Dispose();

    /// <summary>A session is open: a call that only counts in one has not to wait for it.</summary>
    internal bool HasOpen
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count > 0;
            }
        }
    }

    /// <summary>A place for one call.</summary>
    /// <param name="isNumbered">False for a call under the caller's own key.</param>
    /// <exception cref="RaftKvException">No session could be opened; nothing was sent.</exception>
    internal async ValueTask<WriteTicket> BeginAsync(bool isNumbered, CancellationToken cancellationToken)
    {
        while (true)
        {
            (WriteTicket? ticket, bool mayOpen, Task ended) = TryBegin(isNumbered);
            if (ticket is { } place)
            {
                return place;
            }

            if (!mayOpen)
            {
                await ended.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Somebody may have opened one meanwhile, or the last one.
                (ticket, mayOpen, _) = TryBegin(isNumbered);
                if (ticket is { } later)
                {
                    return later;
                }

                if (!mayOpen)
                {
                    continue;
                }

                WriteSession session = await _open(cancellationToken).ConfigureAwait(false);
                lock (_lock)
                {
                    _sessions.Add(session);
                }
            }
            finally
            {
                _opening.Release();
            }
        }
    }

    /// <summary>The header of the call's next attempt.</summary>
    internal string HeaderOf(WriteTicket ticket)
    {
        lock (_lock)
        {
            return ticket.Session.HeaderOf(ticket.Sequence);
        }
    }

    /// <summary>The call has ended.</summary>
    internal void End(WriteTicket ticket)
    {
        TaskCompletionSource ended;
        lock (_lock)
        {
            ticket.Session.End(ticket.Sequence);
            ended = _ended;
            _ended = NewSignal();
        }

        ended.TrySetResult();
    }

    /// <summary>The cluster does not know the session any more: no new call goes into it.</summary>
    internal void Drop(WriteSession session)
    {
        lock (_lock)
        {
            session.IsGone = true;
            _sessions.Remove(session);
        }
    }

    /// <summary>
    /// Takes out what nobody uses, to be closed. A session with a call under way is left to the cluster, which forgets the
    /// idle: closed before that call arrives, it would refuse it.
    /// </summary>
    internal List<WriteSession> TakeUnused()
    {
        lock (_lock)
        {
            List<WriteSession> unused = _sessions.FindAll(static s => !s.IsInUse);
            unused.ForEach(static s => s.IsGone = true);
            _sessions.RemoveAll(static s => s.IsGone);
            return unused;
        }
    }

    private (WriteTicket? Ticket, bool MayOpen, Task Ended) TryBegin(bool isNumbered)
    {
        lock (_lock)
        {
            WriteSession? session = isNumbered ? _sessions.Find(static s => s.HasRoom) : _sessions.FirstOrDefault();
            WriteTicket? ticket = session is null ? null : new WriteTicket(session, isNumbered ? session.Begin() : 0);
            return (ticket, _sessions.Count < MostSessions, _ended.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
