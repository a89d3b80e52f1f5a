namespace RaftKv.Client.Http;

/// <summary>A call's place in a client session; given back when the call ends.</summary>
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

    /// <summary>A place for one call.</summary>
    /// <exception cref="RaftKvException">No session could be opened; nothing was sent.</exception>
    internal async ValueTask<WriteTicket> BeginAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            (WriteTicket? ticket, bool mayOpen, Task ended) = TryBegin();
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
                (ticket, mayOpen, _) = TryBegin();
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

    private (WriteTicket? Ticket, bool MayOpen, Task Ended) TryBegin()
    {
        lock (_lock)
        {
            WriteSession? session = _sessions.Find(static s => s.HasRoom);
            return (session is null ? null : new WriteTicket(session, session.Begin()), _sessions.Count < MostSessions, _ended.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
