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
    private volatile bool _isHttp2;
    private volatile bool _isLeaving;

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

    /// <summary>
    /// Only the answer to its next request can tell its client, who speaks more often than that, that it is about to close: it is one
    /// of HTTP/1.1 on which nothing runs. A request that crossed the close would be in doubt.
    /// </summary>
    public bool IsToldNext(TimeSpan often) => !_isHttp2 && _hasSpoken && IsIdle && IdleTime < often;

    /// <summary>A request begins, or whatever else runs on it.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref _runningCount);
        _hasSpoken = true;
    }

    /// <summary>A request begins, whose answer says so when the connection is about to end.</summary>
    public void Begin(HttpContext http)
    {
        Begin();
        if (HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            _isHttp2 = true;
        }
        else if (_isLeaving)
        {
            http.Response.Headers.Connection = "close";
        }
    }

    /// <summary>A request has ended.</summary>
    public void End()
    {
        // Before the count: whoever sees that it is idle sees since when.
        Volatile.Write(ref _idleSince, _time.GetTimestamp());
        Interlocked.Decrement(ref _runningCount);
    }

    /// <summary>
    /// The connection ends soon: at once where HTTP/2 has a word for it, with the answer to the request that runs, or else to the next
    /// one.
    /// </summary>
    public void BeginLeave()
    {
        _isLeaving = true;

        // Either a request that begins now sees this, or it is seen here.
        Interlocked.MemoryBarrier();
        if (_isHttp2 || !IsIdle)
        {
            Close();
        }
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
