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

    private readonly Lock _lock = new();
    private readonly HashSet<ConnectionPlace> _open = [];

    // Asked to close, and not gone yet. Bounded like those that are open: with more of them, new ones are refused.
    private int _leavingCount;
    private long _closedIdleCount;
    private long _refusedCount;

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

        place.Begin();
        Task request = next(http);
        if (request.IsCompletedSuccessfully)
        {
            place.End();
            return request;
        }

        return EndAsync(request, place);
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
