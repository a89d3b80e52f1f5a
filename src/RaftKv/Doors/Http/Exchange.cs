using Microsoft.AspNetCore.Http.Features;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service;
using RaftKv.Service.Calls;
using RaftKv.Service.Observing;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http;

/// <summary>
/// One request over HTTP as a call of the service. Used by one request's flow only; nothing here is shared.
/// </summary>
internal sealed class Exchange : ServiceCall
{
    private readonly Forwarder _forwarder;
    private readonly RequestTarget _target;
    private readonly int _tailEnd;

    public Exchange(KvService service, Forwarder forwarder, HttpContext context, RequestTarget target, int keyStart, int suffixLength = 0)
        : base(service.Context)
    {
        _forwarder = forwarder;
        _tailEnd = target.Path.Length - suffixLength;
        Service = service;
        Http = context;
        _target = target;
        KeyStart = keyStart;
    }

    public KvService Service { get; }

    public HttpContext Http { get; }

    /// <inheritdoc/>
    public override KeyRange? Keys => Reading;

    /// <summary>The keys that it is going to read; null for none, or several ranges.</summary>
    public KeyRange? Reading { get; set; }

    /// <inheritdoc/>
    public override CancellationToken ClientGone => Http.RequestAborted;

    /// <inheritdoc/>
    public override CallOrigin Origin => new("http", Http.Connection.RemoteIpAddress);

    /// <inheritdoc/>
    public override string RequestId => RequestIds.Of(Http);

    /// <summary>Where the variable part of the path begins; equal to the path's length when there is none.</summary>
    public int KeyStart { get; }

    /// <summary>The variable end of the path, still percent-encoded.</summary>
    public ReadOnlySpan<char> PathTail => _target.Path[KeyStart.._tailEnd];

    public ReadOnlySpan<char> Query => _target.Query;

    /// <summary>The whole path, still percent-encoded.</summary>
    public ReadOnlySpan<char> Path => _target.Path;

    /// <summary>The request target as it stood on the wire.</summary>
    public string Target => Http.Features.Get<IHttpRequestFeature>()!.RawTarget;

    /// <summary>The body of a read that has one, kept in case that the read is passed on; null otherwise.</summary>
    public byte[]? KeptBody { get; private set; }

    /// <summary>Parses query and headers of a request that reads.</summary>
    /// <param name="byDefault">The level when the request names none.</param>
    public KvQuery ParseRead(QueryField allowed, ReadLevel byDefault = ReadLevel.Linearizable)
    {
        // Before anything is parsed: a bad request counts among its kind, too.
        Begin(RequestKind.Read, CallTerms.Plain(ReadLevel.Linearizable));
        KvQuery query = KvQuery.Parse(Query, allowed | QueryField.Consistency);
        Begin(RequestKind.Read, TermsParser.ParseRead(Http.Request.Headers, query, Context.Tokens, byDefault));
        return query;
    }

    /// <summary>Parses query and headers of a request that writes.</summary>
    public KvQuery ParseWrite(QueryField allowed)
    {
        Begin(RequestKind.Write, CallTerms.Plain(ReadLevel.Linearizable));
        KvQuery query = KvQuery.Parse(Query, allowed);
        Begin(RequestKind.Write, TermsParser.ParseWrite(Http.Request.Headers, Context.Tokens));
        return query;
    }

    /// <summary>The key of the path or of ?key=. Throws when it is missing, given twice, broken or too long.</summary>
    public byte[] RequireKey(in KvQuery query) => query.Key ?? KeyRanges.Checked(PercentCoding.DecodePath(PathTail));

    /// <summary>Keeps the body of a read, when the read may have to be passed on.</summary>
    public void KeepBody(byte[] body)
    {
        if (Terms.OnUnmet == UnmetPolicy.Forward)
        {
            KeptBody = body;
        }
    }

    /// <summary>
    /// The view for the level that was asked for, never a weaker one. Null when there is none: then the request has its
    /// answer, a refusal or the leader's.
    /// </summary>
    public ValueTask<StoreView?> ReadViewAsync() => ReadViewAsync(Terms.Read);

    /// <summary>As above, for a read of this revision; zero means the view's own.</summary>
    public ValueTask<StoreView?> ReadViewAsync(Revision revision) => ReadViewAsync(Terms.Read with { Revision = revision });

    /// <summary>Takes room for a large answer; dispose it when the answer is sent. Refuses when there is none in time.</summary>
    public async ValueTask<IDisposable> HoldRoomAsync(long bytes) =>
        await Context.Answers.TakeAsync(bytes, TimeLeft > TimeSpan.Zero ? TimeLeft : TimeSpan.Zero, ClientGone)
        ?? throw new ApiException(ErrorMapper.NoRoomForAnswer());

    /// <summary>
    /// The same for the answer to what was changed: it can't be refused any more, so it waits as long as the client does.
    /// </summary>
    public async ValueTask<IDisposable> AwaitRoomAsync(long bytes) =>
        (await Context.Answers.TakeAsync(bytes, Timeout.InfiniteTimeSpan, ClientGone))!;

    /// <summary>Answers with an error, or breaks the connection when half an answer is out.</summary>
    public Task RefuseAsync(ApiError error)
    {
        if (!Http.Response.HasStarted)
        {
            // Headers of an answer that was about to be sent don't belong to the error.
            Http.Response.Clear();
            return ProblemWriter.SendAsync(this, error);
        }

        // Only that tells the client that the rest is missing.
        Http.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Passes the request on to another node; false, with nothing sent, when none is to be had there.</summary>
    public async Task<bool> TryForwardAsync(Uri node)
    {
        try
        {
            await _forwarder.SendAsync(this, node);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException && !Http.Response.HasStarted)
        {
            return false;
        }
    }

    /// <summary>Puts the headers that stand on every answer.</summary>
    public void ApplyHeaders() => AnswerHeaders.Apply(this, Http);

    /// <summary>Puts the ETag of a pair.</summary>
    public void ApplyETag(KeyValue pair) => Http.Response.Headers.ETag = EntityTags.Format(pair.ModRevision);

    /// <inheritdoc/>
    protected override byte[] HashPayload() =>
        IdempotencyHeader.Hash(Http.Request.Method, Path, Query, IdempotencyHeader.BodyOf(Http.Request));

    private ValueTask<StoreView?> ReadViewAsync(in ReadTerms terms)
    {
        ValueTask<ReadOutcome> reading = ReadFlow.ReadAsync(this, terms);
        if (!reading.IsCompletedSuccessfully)
        {
            return FinishAsync(reading);
        }

        ReadOutcome end = reading.Result;
        return end.View is not null ? new ValueTask<StoreView?>(end.View) : FinishAsync(new ValueTask<ReadOutcome>(end));
    }

    private async ValueTask<StoreView?> FinishAsync(ValueTask<ReadOutcome> reading)
    {
        ReadOutcome end = await reading;
        if (end.Refusal is { } error)
        {
            await RefuseAsync(error);
        }
        else if (end.Leader is { } leader)
        {
            await ForwardAsync(leader);
        }

        return end.View;
    }

    private async Task ForwardAsync(Uri leader)
    {
        try
        {
            await _forwarder.SendAsync(this, leader);
        }
        catch (Exception) when (Http.RequestAborted.IsCancellationRequested)
        {
            // The client hung up.
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            await RefuseAsync(ReadFlow.Unmet(
                this, Terms.Read, "The leader did not answer the read that was passed on to it. Try again, or ask another node."));
        }
    }
}
