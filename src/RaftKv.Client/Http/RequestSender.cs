using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using RaftKv.Client.Errors;
using RaftKv.Client.Sessions;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Http;

/// <summary>
/// Sends a call: chooses endpoints, repeats what may be repeated, keeps the time. Safe from any thread.
/// </summary>
internal sealed class RequestSender : IDisposable, IAsyncDisposable
{
    /// <summary>What a client waits at its end for its sessions to be closed, all together.</summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(1);

    /// <summary>A wait may end a little after its time; the attempt behind it still needs a positive limit.</summary>
    private static readonly TimeSpan ShortestAttempt = TimeSpan.FromMilliseconds(1);

    /// <summary>Nodes refuse a longer <c>RaftKv-Timeout</c>.</summary>
    private const long LongestServerMs = 60_000;

    private readonly RaftKvClientOptions _options;
    private readonly Func<HttpClient> _http;
    private readonly HttpClient? _owned;
    private readonly EndpointPool _pool;
    private readonly EndpointZones? _zones;
    private readonly WriteSessions _sessions;

    /// <param name="http">Gives the HTTP client for one attempt; a factory hands out a fresh one, so that its handlers can rotate.</param>
    /// <param name="owned">Disposed with this; null when the HTTP client is the caller's.</param>
    internal RequestSender(RaftKvClientOptions options, Func<HttpClient> http, HttpClient? owned)
    {
        _options = options;
        _http = http;
        _owned = owned;

        // Many clients with the same list should not all begin at its first node.
        int first = (int)(options.Jitter() * options.Endpoints.Count);
        _pool = new EndpointPool(options.Endpoints, first);
        _zones = string.IsNullOrEmpty(options.Zone) ? null
            : new EndpointZones(options.Zone, options.Endpoints.Count, first, ZoneAtAsync, options.TimeProvider);
        _sessions = new WriteSessions(OpenSessionAsync);
    }

    internal SessionTokens Session { get; } = new();

    /// <summary>Ends the client's sessions without waiting for more than <see cref="ClosingTime"/>, then frees all.</summary>
    public void Dispose()
    {
        using CancellationTokenSource timer = new(ClosingTime, _options.TimeProvider);
        foreach (WriteSession session in _sessions.TakeUnused())
        {
            using HttpRequestMessage request = ClosingOf(session);
            try
            {
                using HttpResponseMessage response = _http().Send(request, timer.Token);
            }
            catch (Exception e) when (IsNoMatterWhenClosing(e))
            {
                break;
            }
        }

        Free();
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource timer = new(ClosingTime, _options.TimeProvider);
        await Task.WhenAll(_sessions.TakeUnused().Select(session => CloseAsync(session, timer.Token))).ConfigureAwait(false);
        Free();
    }

    private void Free()
    {
        _owned?.Dispose();
        _sessions.Dispose();
    }

    private async Task CloseAsync(WriteSession session, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = ClosingOf(session);
        try
        {
            using HttpResponseMessage response = await _http().SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsNoMatterWhenClosing(e))
        {
            // The cluster forgets the idle: the session goes later.
        }
    }

    private HttpRequestMessage ClosingOf(WriteSession session)
    {
        Uri endpoint = _pool[_pool.Pick(prefersLeader: true, [])];
        return new(HttpMethod.Delete, endpoint.AbsoluteUri.TrimEnd('/') + "/api/v1/client-sessions/" + session.Id);
    }

    // A handler of the caller's may know no synchronous call, or be disposed already.
    private static bool IsNoMatterWhenClosing(Exception e) =>
        Loss.Is(e) || e is NotSupportedException or InvalidOperationException;

    internal async Task<Answer> SendAsync(RequestSpec spec, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using CallTrace trace = new(spec, _options.TimeProvider);
        try
        {
            Answer answer = await (spec.RunsInSession || (spec.CountsInSession && (!spec.IsAccepted || _sessions.HasOpen))
                ? RepeatInSessionAsync(spec, trace, cancellationToken)
                : RepeatAsync(spec, place: null, trace, cancellationToken)).ConfigureAwait(false);
            trace.Answered(answer);
            return answer;
        }
        catch (Exception e)
        {
            trace.Failed(e);
            throw;
        }
    }

    private async Task<Answer> RepeatInSessionAsync(RequestSpec spec, CallTrace trace, CancellationToken cancellationToken)
    {
        SessionPlace place = new(await _sessions.BeginAsync(spec.RunsInSession, cancellationToken).ConfigureAwait(false));
        try
        {
            return await RepeatAsync(spec, place, trace, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Whatever the outcome is, nobody sends this number again: what is not known stays so.
            _sessions.End(place.Ticket);
        }
    }

    // Opening has no effect but a place in a table that forgets the idle: it may be repeated like a read, and a write that
    // waits for it was surely not applied.
    private async Task<WriteSession> OpenSessionAsync(CancellationToken cancellationToken)
    {
        RequestSpec spec = new(HttpMethod.Post, "/api/v1/client-sessions", RequestKind.Read) { PrefersLeader = true };
        Answer answer = await SendAsync(spec, cancellationToken).ConfigureAwait(false);
        ClientSessionAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.ClientSessionAnswer, RequestKind.Read);
        return wire is { Id.Length: > 0, MaxAnswers: > 0 }
            ? new WriteSession(wire.Id, (int)Math.Min(wire.MaxAnswers, int.MaxValue))
            : throw WireMapping.Broken(answer, RequestKind.Read, "it names no client session");
    }

    private async Task<Answer> RepeatAsync(RequestSpec spec, SessionPlace? place, CallTrace trace, CancellationToken cancellationToken)
    {
        int pinned = spec.Endpoint is null ? -1 : _pool.IndexOf(spec.Endpoint);
        TimeSpan timeout = (spec.Timeout ?? _options.Timeout) + spec.ServerWait;
        long startTimestamp = _options.TimeProvider.GetTimestamp();
        HashSet<int> tried = [];
        bool mayBeApplied = false;
        for (int attempt = 1; ; attempt++)
        {
            int index = pinned >= 0 ? pinned : await ChooseAsync(spec, tried, cancellationToken).ConfigureAwait(false);
            TimeSpan remaining = timeout - _options.TimeProvider.GetElapsedTime(startTimestamp);
            string? number = place is null ? null : _sessions.HeaderOf(place.Ticket);
            AttemptResult result = await TryOnceAsync(spec, number, index, remaining, cancellationToken).ConfigureAwait(false);
            if (result.Answer is { } answer)
            {
                return answer;
            }

            Failure failure = RetryPolicy.AfterEarlierAttempts(result.Failure!, mayBeApplied);
            mayBeApplied |= failure.Outcome == Outcome.Unknown;
            trace.AttemptFailed(failure);
            tried.Add(index);

            // An answer "still in flight" is a wait for the first attempt, which time alone bounds.
            bool isSpent = attempt >= _options.MaxAttempts && failure.Code != RetryPolicy.InFlight;
            bool isFinal = spec.IsSentOnce && failure.Status is not null;
            if (place is not null && failure.Code == RetryPolicy.SessionUnknown)
            {
                _sessions.Drop(place.Ticket.Session);
            }

            // Under a key of the caller's a repeat finds what an earlier attempt did, whatever session it counts in.
            bool isInDoubt = mayBeApplied && !spec.CountsInSession;
            if (isSpent || isFinal || !RetryPolicy.MayRepeat(spec.Kind, result.Failure!, isInDoubt))
            {
                throw failure.ToException(result.Cause);
            }

            if (place is { Ticket.Session.IsGone: true } && failure.Code == RetryPolicy.SessionUnknown)
            {
                _sessions.End(place.Ticket);
                place.Ticket = await _sessions.BeginAsync(spec.RunsInSession, cancellationToken).ConfigureAwait(false);
            }

            bool isNextAtOnce = RetryPolicy.IsAboutOneNode(failure) && pinned < 0 && tried.Count < _pool.Count;
            if (spec.FailsWhenUnmet && !isNextAtOnce && failure.Code == "consistency-unmet")
            {
                throw failure.ToException(result.Cause);
            }

            TimeSpan wait = isNextAtOnce ? TimeSpan.Zero : ChooseWait(attempt, result.RetryAfter);
            remaining = timeout - _options.TimeProvider.GetElapsedTime(startTimestamp);
            if (wait >= remaining)
            {
                throw failure.ToException(result.Cause);
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Opens a stream at the best endpoint: one attempt, limited until the headers are there; the body has no limit.
    /// </summary>
    /// <param name="tried">Endpoints that the caller has just seen fail; the one chosen is added.</param>
    /// <exception cref="RaftKvException">No stream came; which kind says whether another attempt may help.</exception>
    internal async Task<StreamAnswer> OpenStreamAsync(RequestSpec spec, HashSet<int> tried, CancellationToken cancellationToken)
    {
        int index = spec.Endpoint is null
            ? await ChooseAsync(spec, tried, cancellationToken).ConfigureAwait(false)
            : _pool.IndexOf(spec.Endpoint);
        tried.Add(index);
        Uri endpoint = _pool[index];
        string? sent = SessionHeader(spec);
        using HttpRequestMessage request = BuildRequest(spec, endpoint, body: null, _options.ReadAttemptTimeout, sent);
        using CancellationTokenSource timer = new(_options.ReadAttemptTimeout, _options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        HttpResponseMessage? response = null;
        try
        {
            response = await _http().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                ResponseMetadata metadata = AnswerReader.ReadMetadata(response.Headers);
                _pool.Learn(index, metadata.ServedBy, metadata.Leader);
                StreamAnswer answer = new(response, metadata, index);
                response = null;
                return answer;
            }

            byte[] bytes = await response.Content.ReadAsByteArrayAsync(both.Token).ConfigureAwait(false);
            throw Read(spec, index, response, bytes, sent).Failure!.ToException();
        }
        catch (Exception e) when (Loss.Is(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            MarkFailed(index);
            throw DescribeLoss(spec.Kind, e, endpoint, isBodyStarted: false).ToException(e);
        }
        finally
        {
            response?.Dispose();
        }
    }

    /// <summary>An open stream broke or fell silent: others come first from now on.</summary>
    internal void MarkFailed(int endpointIndex)
    {
        _pool.MarkFailed(endpointIndex);
        _zones?.MarkFailed(endpointIndex);
    }

    private async ValueTask<int> ChooseAsync(RequestSpec spec, HashSet<int> tried, CancellationToken cancellationToken)
    {
        int? near = spec.PrefersZone && _zones is not null
            ? await _zones.PickAsync(tried, cancellationToken).ConfigureAwait(false)
            : null;
        return near ?? _pool.Pick(spec.PrefersLeader, tried);
    }

    // What the node says of itself among the members; whoever can't say it is far.
    private async Task<string?> ZoneAtAsync(int index, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _pool[index].AbsoluteUri.TrimEnd('/') + "/api/v1/cluster");
        try
        {
            using HttpResponseMessage response = await _http().SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                return null;
            }

            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(body, AnswerJson.Default.ClusterAnswer)?.Members.FirstOrDefault(static m => m.Self)?.Zone;
        }
        catch (Exception e) when (Loss.Is(e) || e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private TimeSpan ChooseWait(int attempt, TimeSpan retryAfter)
    {
        TimeSpan backoff = RetryPolicy.Backoff(attempt, _options.Jitter());
        return retryAfter > backoff ? retryAfter : backoff;
    }

    /// <summary>One request to one endpoint.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    private async Task<AttemptResult> TryOnceAsync(
        RequestSpec spec, string? number, int index, TimeSpan remaining, CancellationToken cancellationToken)
    {
        Uri endpoint = _pool[index];
        bool isRepeatable = spec.Kind != RequestKind.Write;
        TimeSpan attemptLimit = (spec.AttemptTimeout ?? _options.ReadAttemptTimeout) + spec.ServerWait;
        TimeSpan limit = isRepeatable && attemptLimit < remaining ? attemptLimit : remaining;
        limit = limit < ShortestAttempt ? ShortestAttempt : limit;
        using var body = spec.Kind != RequestKind.Read || spec.ContentType is not null ? new TrackedContent(spec.Body, spec.ContentType) : null;
        string? sent = SessionHeader(spec);
        using HttpRequestMessage request = BuildRequest(spec, endpoint, body, limit, sent);
        if (number is not null)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.ClientSession, number);
        }

        using CancellationTokenSource timer = new(limit, _options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            using HttpResponseMessage response = await _http()
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            byte[] bytes = await response.Content.ReadAsByteArrayAsync(both.Token).ConfigureAwait(false);
            return Read(spec, index, response, bytes, sent);
        }
        catch (Exception e) when (Loss.Is(e))
        {
            // The caller's own cancellation goes out as it came in, with the caller's token.
            cancellationToken.ThrowIfCancellationRequested();
            MarkFailed(index);
            return new(null, DescribeLoss(spec.Kind, e, endpoint, body?.IsStarted ?? false), e, TimeSpan.Zero);
        }
    }

    private AttemptResult Read(RequestSpec spec, int index, HttpResponseMessage response, byte[] body, string? sent)
    {
        int status = (int)response.StatusCode;
        ResponseMetadata metadata = AnswerReader.ReadMetadata(response.Headers);
        _pool.Learn(index, metadata.ServedBy, metadata.Leader);
        if (status is >= 200 and < 300)
        {
            Observe(spec, metadata, sent);
            return new(ToAnswer(response, status, body, metadata), null, null, TimeSpan.Zero);
        }

        Failure failure = AnswerReader.ReadFailure(spec.Kind, status, body, metadata, _pool[index]);
        if (spec.ExpectedProblems.Contains(failure.Code))
        {
            Observe(spec, metadata, sent);
            return new(ToAnswer(response, status, body, metadata) with { Problem = failure }, null, null, TimeSpan.Zero);
        }

        if (status >= 500)
        {
            _pool.MarkFailed(index);
        }

        return new(null, failure, null, ReadRetryAfter(response.Headers.RetryAfter));
    }

    /// <summary>
    /// What goes along. A session that the caller opened sends its tokens with every call, so that answers merge them;
    /// the client's own go only with levels that are defined by them: after a restore they are refused, and a
    /// linearizable read should not fail for that.
    /// </summary>
    private string? SessionHeader(RequestSpec spec)
    {
        SessionTokens? ambient = RaftKvCausality.Current;
        string? own = spec.Session is null && ambient is null && spec.NeedsSession ? Session.Current : null;
        return SessionTokens.Join(spec.Session?.Current, ambient?.Current, own, spec.HandedOver);
    }

    private void Observe(RequestSpec spec, ResponseMetadata metadata, string? sent)
    {
        SessionTokens? ambient = RaftKvCausality.Current;
        bool isWrite = spec.Kind != RequestKind.Read;
        spec.Session?.Observe(metadata.SessionToken, metadata.Revision, isWrite, sent);
        ambient?.Observe(metadata.SessionToken, metadata.Revision, isWrite, sent);
        if (spec.Session is null && ambient is null)
        {
            Session.Observe(metadata.SessionToken, metadata.Revision, isWrite, sent);
        }
    }

    private static Answer ToAnswer(HttpResponseMessage response, int status, byte[] body, ResponseMetadata metadata) => new(status, body, metadata)
    {
        NextLink = AnswerReader.ReadNextLink(response.Headers),
        Location = response.Headers.Location?.OriginalString,
        ETagRevision = AnswerReader.ReadETagRevision(response.Headers),
    };

    private static HttpRequestMessage BuildRequest(RequestSpec spec, Uri endpoint, HttpContent? body, TimeSpan limit, string? session)
    {
        HttpRequestMessage request = new(spec.Method, endpoint.AbsoluteUri.TrimEnd('/') + spec.Target) { Content = body };
        foreach ((string name, string value) in spec.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (session is not null)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Session, session);
        }

        // The node should give up a little earlier than we do: its answer says what became of the request, our time-out
        // does not.
        double slackMs = Math.Min(limit.TotalMilliseconds / 10, 250);
        long serverMs = Math.Clamp((long)(limit.TotalMilliseconds - slackMs), 1, LongestServerMs);
        request.Headers.TryAddWithoutValidation(HeaderNames.Timeout, string.Create(CultureInfo.InvariantCulture, $"{serverMs}ms"));
        return request;
    }

    private static Failure DescribeLoss(RequestKind kind, Exception e, Uri endpoint, bool isBodyStarted)
    {
        Outcome outcome = RetryPolicy.OutcomeWithoutAnswer(kind, isBodyStarted);
        (string code, string text) = e switch
        {
            OperationCanceledException => ("timeout", "gave no answer in time"),
            SocketException or HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError,
            } => ("unreachable", "can't be reached"),
            _ => ("connection-lost", "lost the connection before its answer was complete"),
        };
        string consequence = outcome == Outcome.Unknown ? "the write may or may not have been applied" : "nothing was applied";
        return new Failure(code, $"{endpoint} {text}; {consequence}.", outcome) { Node = endpoint.ToString() };
    }

    private TimeSpan ReadRetryAfter(RetryConditionHeaderValue? header)
    {
        TimeSpan wait = header switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _options.TimeProvider.GetUtcNow(),
            _ => TimeSpan.Zero,
        };
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Where a call stands; another place when its session is gone.</summary>
    private sealed class SessionPlace(WriteTicket ticket)
    {
        public WriteTicket Ticket { get; set; } = ticket;
    }

    /// <summary>Either an answer, or a failure with what caused it and how long the server asked to wait.</summary>
    private readonly record struct AttemptResult(Answer? Answer, Failure? Failure, Exception? Cause, TimeSpan RetryAfter);
}
