using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace RaftKv.Transport.Connections;

/// <summary>A connection's place in a <see cref="ConnectionRoom"/>; one of its features. Any thread.</summary>
internal sealed class ConnectionPlace
{
    private readonly ConnectionContext _connection;
    private readonly TimeProvider _time;
    private int _runningCount;
    private long _idleSince;
    private volatile bool _hasSpoken;

    public ConnectionPlace(ConnectionContext connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _idleSince = time.GetTimestamp();
    }

    /// <summary>No request runs on it. A watch, a stream and a wait for a lock are requests that run.</summary>
    public bool IsIdle => Volatile.Read(ref _runningCount) == 0;

    /// <summary>It has sent a request before.</summary>
    public bool HasSpoken => _hasSpoken;

    /// <summary>For how long no request has run; of interest while <see cref="IsIdle"/>.</summary>
    public TimeSpan IdleTime => _time.GetElapsedTime(Volatile.Read(ref _idleSince));

    /// <summary>A request begins.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref _runningCount);
        _hasSpoken = true;
    }

    /// <summary>A request has ended.</summary>
    public void End()
    {
        // Before the count: whoever sees that it is idle sees since when.
        Volatile.Write(ref _idleSince, _time.GetTimestamp());
        Interlocked.Decrement(ref _runningCount);
    }

    /// <summary>
    /// Asks the web server to close the connection: a request that has just come is answered first, an HTTP/2 client is told
    /// in HTTP/2's way.
    /// </summary>
    public void Close()
    {
        if (_connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            lifetime.RequestClose();
        }
        else
        {
            _connection.Abort();
        }
    }
}
