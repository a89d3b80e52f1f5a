using Google.Protobuf;
using Microsoft.Extensions.Primitives;
using RaftKv.Service.Access;
using RaftKv.Service.Shares;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// One call, whichever door it came through: what the caller sent besides the message, and how long it waits. Used by
/// one call's flow only.
/// </summary>
internal sealed class RpcContext
{
    private readonly HttpContext _http;
    private readonly TimeProvider _time;
    private readonly TimeSpan? _asked;
    private readonly long _startedAt;
    private CancellationTokenSource? _ending;
    private bool _isTimed;
    private bool _isOver;

    /// <param name="asked">How long the caller waits; null for as long as the server likes.</param>
    public RpcContext(HttpContext http, TimeProvider time, TimeSpan? asked)
    {
        _http = http;
        _time = time;
        _asked = asked;
        _startedAt = asked is null ? 0 : time.GetTimestamp();
    }

    /// <summary>Counts messages; null at doors that count in their own way.</summary>
    public GrpcMetrics? Metrics { get; init; }

    /// <summary>The messages of the call may come compressed.</summary>
    public bool IsGzip { get; init; }

    /// <summary>What the call holds until it has ended; null for nothing.</summary>
    public IDisposable? Place { get; set; }

    /// <summary>What the call counts in; null while nobody is counted.</summary>
    public CallShare? Share { get; set; }

    /// <summary>Who calls; null while rights are not in force.</summary>
    public Caller? Caller { get; set; }

    /// <summary>What its method needs.</summary>
    public CallRule Rule { get; set; } = CallRule.Keys;

    /// <summary>The message of a call that has one; null until it was read.</summary>
    public IMessage? Request { get; set; }

    /// <summary>Why the server ended the call early; null when it did not.</summary>
    public GrpcException? EndReason { get; private set; }

    /// <summary>True when the caller set a deadline.</summary>
    public bool HasDeadline => _asked is not null;

    /// <summary>True once the caller's deadline has passed.</summary>
    public bool IsPastDeadline => _asked is not null && Remaining <= TimeSpan.Zero;

    /// <summary>
    /// Ends when the caller goes away, takes the call back or its time is over, or the server ends the call early.
    /// Writes don't pass it on: what was proposed goes its way.
    /// </summary>
    public CancellationToken Cancelled
    {
        get
        {
            if (_asked is null && _ending is null)
            {
                return _http.RequestAborted;
            }

            _ending ??= CancellationTokenSource.CreateLinkedTokenSource(_http.RequestAborted);
            if (_asked is not null && !_isTimed)
            {
                TimeSpan remaining = Remaining;
                _ending.CancelAfter(remaining < TimeSpan.Zero ? TimeSpan.Zero : remaining < _longestTimer ? remaining : _longestTimer);
                _isTimed = true;
            }

            return _ending.Token;
        }
    }

    private static readonly TimeSpan _longestTimer = TimeSpan.FromDays(40);

    private TimeSpan Remaining => _asked!.Value - _time.GetElapsedTime(_startedAt);

    /// <summary>The server's own patience, or what is left of the caller's when that is less.</summary>
    public TimeSpan TimeoutWithin(TimeSpan patience)
    {
        if (_asked is null)
        {
            return patience;
        }

        TimeSpan remaining = Remaining;
        return remaining <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : remaining < patience ? remaining : patience;
    }

    /// <summary>A piece of metadata; empty when it was not sent.</summary>
    public StringValues Metadata(string name) => _http.Request.Headers[name];

    /// <summary>True when some piece of metadata has a name that begins so, which is none of gRPC's own.</summary>
    public bool HasMetadata(string prefix)
    {
        // Most calls have nothing but what gRPC's clients send with each: counted, that takes no walk and no enumerator.
        IHeaderDictionary headers = _http.Request.Headers;
        int own = One(headers.Host) + One(headers.ContentType) + One(headers.TE) + One(headers.UserAgent) + One(headers["grpc-timeout"])
            + One(headers["grpc-accept-encoding"]) + One(headers["grpc-encoding"]);
        if (own == headers.Count)
        {
            return false;
        }

        foreach (KeyValuePair<string, StringValues> header in _http.Request.Headers)
        {
            if (header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static int One(StringValues values) => values.Count > 0 ? 1 : 0;

    /// <summary>The request behind the call, for what stands in its headers.</summary>
    public HttpContext Http => _http;

    /// <summary>Breaks the call off; other calls on the same connection go on.</summary>
    public void Abort() => _http.Abort();

    /// <summary>Lets <see cref="EndEarly"/> end the call; said before anybody takes <see cref="Cancelled"/>.</summary>
    public void AllowEarlyEnd() => _ending = CancellationTokenSource.CreateLinkedTokenSource(_http.RequestAborted);

    /// <summary>Ends the call with this error, unless it is over; any thread, after <see cref="AllowEarlyEnd"/>.</summary>
    public void EndEarly(GrpcException reason)
    {
        CancellationTokenSource ending = _ending!;
        lock (ending)
        {
            if (_isOver)
            {
                return;
            }

            EndReason ??= reason;

            // What waits for the token goes on elsewhere, not in here under the lock.
            _ = ending.CancelAsync();
        }
    }

    /// <summary>Frees what waits for the end.</summary>
    public void End()
    {
        Place?.Dispose();
        Share?.Dispose();
        if (_ending is not { } ending)
        {
            return;
        }

        lock (ending)
        {
            _isOver = true;
            ending.Dispose();
        }
    }
}
