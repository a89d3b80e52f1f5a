using Microsoft.AspNetCore.Connections;

namespace RaftKv.Transport.Connections;

/// <summary>
/// How many connections a port has at a time. When all places are taken, the connection on which no request has run for
/// longest makes room for a new one: who is silent keeps a place only while nobody needs it. One on which a request runs
/// is never closed, and when all are such, the new one is. Any thread.
/// </summary>
/// <param name="maxConnections">Places.</param>
/// <param name="time">Where idle times come from.</param>
internal sealed class ConnectionRoom(int maxConnections, TimeProvider time)
{
    /// <summary>
    /// Who has just connected is about to send its request: without this time, a burst of new connections would close each
    /// other before any of them is served.
    /// </summary>
    private static readonly TimeSpan _firstRequestPatience = TimeSpan.FromSeconds(1);

    // Who asks more often than that is told in an answer that the connection ends, before it does.
    private static readonly TimeSpan _often = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _lookWait = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly HashSet<ConnectionPlace> _open = [];

    // Asked to close, and not gone yet. Bounded like those that are open: with more of them, new ones are refused.
    private int _leavingCount;
    private long _closedIdleCount;
    private long _refusedCount;
    private bool _isClosing;

    /// <summary>Connections that have a place.</summary>
    public int OpenCount
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Connections that were closed because others needed their places.</summary>
    public long ClosedIdleCount => Interlocked.Read(ref _closedIdleCount);

    /// <summary>Connections that found no place.</summary>
    public long RefusedCount => Interlocked.Read(ref _refusedCount);

    /// <summary>Serves a connection to its end, or closes it when there is no place for it.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        ConnectionPlace place = new(connection, time);
        if (!TryEnter(place))
        {
            Interlocked.Increment(ref _refusedCount);
            connection.Abort(new ConnectionAbortedException("There is no place for another connection."));
            return;
        }

        connection.Features.Set(place);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave(place);
        }
    }

    /// <summary>Tells a connection's place of each request; the first in the pipeline.</summary>
    public static Task CountAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Features.Get<ConnectionPlace>() is not { } place)
        {
            return next(http);
        }

        place.Begin(http);
        Task request = next(http);
        if (request.IsCompletedSuccessfully)
        {
            place.End();
            return request;
        }

        return EndAsync(request, place);
    }

    /// <summary>
    /// Sees everybody off, before the port's owner ends: clients of HTTP/2 are told at once, others with the answer to their next
    /// request; then all connections are asked to close, and what runs on them is awaited. Requests are served as ever meanwhile.
    /// To be called when no new connection is accepted any more.
    /// </summary>
    /// <param name="toTell">For answers that tell, at most.</param>
    /// <param name="toEnd">For requests that run, at most.</param>
    public async Task SeeOffAsync(TimeSpan toTell, TimeSpan toEnd)
    {
        lock (_lock)
        {
            _isClosing = true;
        }

        Array.ForEach(Open(), static place => place.BeginLeave());
        await UntilAsync(static room => !room.Open().Any(static place => place.IsToldNext(_often)), toTell).ConfigureAwait(false);
        Array.ForEach(Open(), static place => place.Close());
        await UntilAsync(static room => room.OpenCount == 0, toEnd).ConfigureAwait(false);
    }

    private ConnectionPlace[] Open()
    {
        lock (_lock)
        {
            return [.. _open];
        }
    }

    private async Task UntilAsync(Func<ConnectionRoom, bool> condition, TimeSpan patience)
    {
        long start = time.GetTimestamp();
        while (!condition(this) && time.GetElapsedTime(start) < patience)
        {
            await Task.Delay(_lookWait, time).ConfigureAwait(false);
        }
    }

    private static async Task EndAsync(Task request, ConnectionPlace place)
    {
        try
        {
            await request.ConfigureAwait(false);
        }
        finally
        {
            place.End();
        }
    }

    private bool TryEnter(ConnectionPlace place)
    {
        ConnectionPlace? leaving = null;
        lock (_lock)
        {
            if (_open.Count >= maxConnections)
            {
                leaving = _leavingCount < maxConnections ? LongestIdle() : null;
                if (leaving is null)
                {
                    return false;
                }

                _open.Remove(leaving);
                _leavingCount++;
            }

            _open.Add(place);
            if (_isClosing)
            {
                // Accepted just before nobody was any more.
                place.BeginLeave();
            }
        }

        if (leaving is not null)
        {
            Interlocked.Increment(ref _closedIdleCount);
            leaving.Close();
        }

        return true;
    }

    // Looked for only when all places are taken; a look at 20,000 takes less than the connection's handshake.
    private ConnectionPlace? LongestIdle()
    {
        ConnectionPlace? found = null;
        TimeSpan longest = TimeSpan.MinValue;
        foreach (ConnectionPlace place in _open)
        {
            TimeSpan idle = place.IdleTime;
            if (place.IsIdle && idle > longest && (place.HasSpoken || idle >= _firstRequestPatience))
            {
                found = place;
                longest = idle;
            }
        }

        return found;
    }

    private void Leave(ConnectionPlace place)
    {
        lock (_lock)
        {
            if (!_open.Remove(place))
            {
                _leavingCount--;
            }
        }
    }
}
