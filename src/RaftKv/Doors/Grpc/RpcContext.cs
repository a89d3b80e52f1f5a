using Google.Protobuf;
using Microsoft.Extensions.Primitives;
using RaftKv.Core;
using RaftKv.Service.Access;
using RaftKv.Service.Shares;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// One call, whichever door it came through: what the caller sent besides the message, and how long it waits. Used by
/// one call's flow only, and by nobody after <see cref="End"/>: <see cref="StreamContexts"/> may use it for the next call.
/// </summary>
internal sealed class RpcContext
{
    private static readonly TimeSpan _longestTimer = TimeSpan.FromDays(40);

    // All that it knows, in one piece: nothing of a call is left for the next one.
    private CallState _call;

    /// <param name="asked">How long the caller waits; null for as long as the server likes.</param>
    public RpcContext(HttpContext http, TimeProvider time, TimeSpan? asked) => Begin(http, time, asked);

    /// <summary>True until the call has ended.</summary>
    public bool IsUnderWay => _call.Http is not null;

    /// <summary>The request behind the call, for what stands in its headers.</summary>
    /// <exception cref="ObjectDisposedException">The call has ended.</exception>
    public HttpContext Http
    {
        get
        {
            ObjectDisposedException.ThrowIf(!IsUnderWay, this);
            return _call.Http;
        }
    }

    /// <summary>Counts messages; null at doors that count in their own way.</summary>
    public GrpcMetrics? Metrics
    {
        get => _call.Metrics;
        set => _call.Metrics = value;
    }

    /// <summary>The messages of the call may come compressed.</summary>
    public bool IsGzip
    {
        get => _call.IsGzip;
        set => _call.IsGzip = value;
    }

    /// <summary>What the call holds until it has ended; null for nothing.</summary>
    public IDisposable? Place
    {
        get => _call.Place;
        set => _call.Place = Held(value);
    }

    /// <summary>What the call counts in; null while nobody is counted.</summary>
    public CallShare? Share
    {
        get => _call.Share;
        set => _call.Share = Held(value);
    }

    /// <summary>Who calls; null while rights are not in force.</summary>
    public Caller? Caller
    {
        get => _call.Caller;
        set => _call.Caller = value;
    }

    /// <summary>What its method needs.</summary>
    public CallRule Rule
    {
        get => _call.Rule;
        set => _call.Rule = value;
    }

    /// <summary>The message of a call that has one; null until it was read.</summary>
    public IMessage? Request
    {
        get => _call.Request;
        set => _call.Request = value;
    }

    /// <summary>Why the server ended the call early; null when it did not.</summary>
    public GrpcException? EndReason => _call.EndReason;

    /// <summary>True when the caller set a deadline.</summary>
    public bool HasDeadline => _call.Asked >= TimeSpan.Zero;

    /// <summary>True once the caller's deadline has passed.</summary>
    public bool IsPastDeadline => HasDeadline && Remaining <= TimeSpan.Zero;

    /// <summary>
    /// Ends when the caller goes away, takes the call back or its time is over, or the server ends the call early.
    /// Writes don't pass it on: what was proposed goes its way.
    /// </summary>
    public CancellationToken Cancelled
    {
        get
        {
            if (!HasDeadline && _call.Ending is null)
            {
                return Http.RequestAborted;
            }

            _call.Ending ??= CancellationTokenSource.CreateLinkedTokenSource(Http.RequestAborted);
            if (HasDeadline && !_call.IsTimed)
            {
                TimeSpan remaining = Remaining;
                _call.Ending.CancelAfter(
                    remaining < TimeSpan.Zero ? TimeSpan.Zero : remaining < _longestTimer ? remaining : _longestTimer);
                _call.IsTimed = true;
            }

            return _call.Ending.Token;
        }
    }

    private TimeSpan Remaining => _call.Asked - _call.Time.GetElapsedTime(_call.StartedAt);

    /// <summary>Begins a call; the one before has ended.</summary>
    /// <param name="asked">How long the caller waits; null for as long as the server likes.</param>
    public void Begin(HttpContext http, TimeProvider time, TimeSpan? asked)
    {
        Check.That(!IsUnderWay, "a context serves one call at a time");
        _call = new CallState
        {
            Http = http,
            Time = time,
            Asked = asked ?? Timeout.InfiniteTimeSpan,
            StartedAt = asked is null ? 0 : time.GetTimestamp(),
            Rule = CallRule.Keys,
        };
    }

    /// <summary>The server's own patience, or what is left of the caller's when that is less.</summary>
    public TimeSpan TimeoutWithin(TimeSpan patience)
    {
        if (!HasDeadline)
        {
            return patience;
        }

        TimeSpan remaining = Remaining;
        return remaining <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : remaining < patience ? remaining : patience;
    }

    /// <summary>A piece of metadata; empty when it was not sent.</summary>
    public StringValues Metadata(string name) => Http.Request.Headers[name];

    /// <summary>True when some piece of metadata has a name that begins so, which is none of gRPC's own.</summary>
    public bool HasMetadata(string prefix)
    {
        // Most calls have nothing but what gRPC's clients send with each: counted, that takes no walk and no enumerator.
        IHeaderDictionary headers = Http.Request.Headers;
        int own = One(headers.Host) + One(headers.ContentType) + One(headers.TE) + One(headers.UserAgent) + One(headers["grpc-timeout"])
            + One(headers["grpc-accept-encoding"]) + One(headers["grpc-encoding"]);
        if (own == headers.Count)
        {
            return false;
        }

        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            if (header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Breaks the call off; other calls on the same connection go on.</summary>
    public void Abort() => Http.Abort();

    /// <summary>Lets <see cref="EndEarly"/> end the call; said before anybody takes <see cref="Cancelled"/>.</summary>
    public void AllowEarlyEnd() => _call.Ending = CancellationTokenSource.CreateLinkedTokenSource(Http.RequestAborted);

    /// <summary>Ends the call with this error, unless it is over; any thread, after <see cref="AllowEarlyEnd"/>.</summary>
    public void EndEarly(GrpcException reason)
    {
        if (_call.Ending is not { } ending)
        {
            // Over: it had a source once.
            return;
        }

        lock (ending)
        {
            if (!ReferenceEquals(_call.Ending, ending))
            {
                return;
            }

            _call.EndReason ??= reason;

            // What waits for the token goes on elsewhere, not in here under the lock.
            _ = ending.CancelAsync();
        }
    }

    /// <summary>Frees what waits for the end, and forgets the call.</summary>
    public void End()
    {
        _call.Place?.Dispose();
        _call.Share?.Dispose();
        if (_call.Ending is not { } ending)
        {
            _call = default;
            return;
        }

        lock (ending)
        {
            _call = default;
            ending.Dispose();
        }
    }

    private static int One(StringValues values) => values.Count > 0 ? 1 : 0;

    // What is given to a call that has ended would be held for ever, or by the next one.
    private T? Held<T>(T? held)
        where T : class, IDisposable
    {
        ObjectDisposedException.ThrowIf(!IsUnderWay, this);
        return held;
    }

    private struct CallState
    {
        public HttpContext Http;
        public TimeProvider Time;

        // Below zero: as long as the server likes.
        public TimeSpan Asked;
        public long StartedAt;
        public CancellationTokenSource? Ending;
        public GrpcMetrics? Metrics;
        public IDisposable? Place;
        public CallShare? Share;
        public Caller? Caller;
        public CallRule Rule;
        public IMessage? Request;
        public GrpcException? EndReason;
        public bool IsGzip;
        public bool IsTimed;
    }
}
