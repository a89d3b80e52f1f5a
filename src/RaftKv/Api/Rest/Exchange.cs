using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using RaftKv.Api.ErrorMapping;
using RaftKv.Core;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Store;
using RaftKv.Node;

namespace RaftKv.Api.Rest;

/// <summary>
/// One request and what is known of its answer. Used by one request's flow only; nothing here is shared.
/// </summary>
internal sealed class Exchange
{
    private readonly RequestTarget _target;
    private readonly long _startedAt;
    private long _raftTicks;
    private bool _hasWaited;
    private StoreView? _view;
    private Term _term;
    private ReadLevel _served = ReadLevel.Eventual;

    public Exchange(RestServer server, HttpContext context, RequestTarget target, int keyStart)
    {
        Server = server;
        Context = context;
        _target = target;
        KeyStart = keyStart;
        _startedAt = server.Time.GetTimestamp();
    }

    public RestServer Server { get; }

    public HttpContext Context { get; }

    /// <summary>Where the variable part of the path begins; equal to the path's length when there is none.</summary>
    public int KeyStart { get; }

    /// <summary>What the headers asked for; set by <see cref="ParseRead"/> or <see cref="ParseWrite"/>.</summary>
    public RequestTerms Terms { get; private set; }

    public INode Node => Server.Node;

    /// <summary>The variable end of the path, still percent-encoded.</summary>
    public ReadOnlySpan<char> PathTail => _target.Path[KeyStart..];

    public ReadOnlySpan<char> Query => _target.Query;

    /// <summary>The view that the answer was made from; the newest one before that.</summary>
    public StoreView View => _view ?? Node.View;

    /// <summary>Parses query and headers of a request that reads.</summary>
    public KvQuery ParseRead(QueryField allowed)
    {
        KvQuery query = KvQuery.Parse(Query, allowed | QueryField.Consistency);
        Terms = RequestTerms.Parse(Context.Request.Headers, query.Consistency, Node.Identity.ClusterId, isWrite: false);
        return query;
    }

    /// <summary>Parses query and headers of a request that writes.</summary>
    public KvQuery ParseWrite(QueryField allowed)
    {
        KvQuery query = KvQuery.Parse(Query, allowed);
        Terms = RequestTerms.Parse(Context.Request.Headers, queryLevel: null, Node.Identity.ClusterId, isWrite: true);
        return query;
    }

    /// <summary>The key of the path or of ?key=. Throws when it is missing, given twice, broken or too long.</summary>
    public byte[] RequireKey(in KvQuery query)
    {
        if (query.Key is null)
        {
            return KeyRanges.Checked(PercentCoding.DecodePath(PathTail));
        }

        return query.Key;
    }

    /// <summary>
    /// Gets the view for the level that was asked for. Linearizable: the view that a confirmed leader's read index is
    /// in, or a refusal;
    /// never a weaker one.
    /// </summary>
    public async ValueTask<StoreView> ReadViewAsync()
    {
        if (Terms.Level == ReadLevel.Eventual)
        {
            Answered(Node.View, ReadLevel.Eventual, Term.Zero);
            return View;
        }

        long before = Server.Time.GetTimestamp();
        ReadBarrierResult barrier = await Node.ReadBarrierAsync(Terms.Timeout, CancellationToken.None);
        Waited(before);
        if (!barrier.IsGranted)
        {
            throw new ApiException(ErrorMapper.FromRefusedBarrier(barrier.IsShuttingDown, Node.Phase));
        }

        Check.That(barrier.View is not null, "a granted read barrier carries a view");
        Answered(barrier.View, ReadLevel.Linearizable, barrier.Term);
        return barrier.View;
    }

    /// <summary>
    /// Offers a command and waits. The request's own abort is not passed on: a client that hangs up does not take back
    /// its write, and the wait is bounded by the timeout anyway.
    /// </summary>
    public async ValueTask<ProposeResult> ProposeAsync(KvCommand command)
    {
        byte[] envelope = Encode(command);
        long before = Server.Time.GetTimestamp();
        ProposeResult result = await Node.ProposeAsync(envelope, Terms.Timeout, CancellationToken.None);
        Waited(before);
        if (result.Outcome == ProposeOutcome.Applied)
        {
            Check.That(result.View is not null && result.Result is not null, "an applied proposal carries view and result");
            Answered(result.View, ReadLevel.Linearizable, result.Entry.Term);
        }

        return result;
    }

    /// <summary>Encodes a command with the envelope's headroom; refuses one that is too large for an entry.</summary>
    public static byte[] Encode(KvCommand command)
    {
        byte[] envelope = KvCommandCodec.Encode(command, Core.Replica.CommandEnvelope.HeaderBytes);
        return envelope.Length <= ApiLimits.MaxCommandBytes
            ? envelope
            : throw new ApiException(new ApiError(
                ErrorCode.TooLarge, "Keys and values of one request may have 1.5 MiB in all. Nothing was applied; split the request."));
    }

    /// <summary>Notes what the answer is made from, for its headers.</summary>
    public void Answered(StoreView view, ReadLevel served, Term term)
    {
        _view = view;
        _served = served;
        _term = term;
    }

    /// <summary>Puts the headers that stand on every answer.</summary>
    public void ApplyHeaders()
    {
        ViewFacts facts = Server.FactsOf(View);
        IHeaderDictionary headers = Context.Response.Headers;
        headers.CacheControl = "no-store";
        headers[HeaderNames.Revision] = facts.Revision;
        headers[HeaderNames.Term] = _term > facts.Status.Term ? _term.ToString() : facts.Term;
        headers[HeaderNames.AppliedIndex] = facts.AppliedIndex;
        headers[HeaderNames.ServedBy] = Server.NodeName;
        headers[HeaderNames.Role] = facts.Role;
        headers[HeaderNames.Session] = facts.Session;
        headers[HeaderNames.ServerTiming] = TimingText();
        if (facts.Leader is not null)
        {
            headers[HeaderNames.Leader] = facts.Leader;
        }

        if (_served == ReadLevel.Linearizable)
        {
            headers[HeaderNames.Consistency] = "linearizable";
            headers[HeaderNames.StalenessMs] = "0";
        }
        else
        {
            // This node's state has no proven age in this version, so there is no staleness header.
            headers[HeaderNames.Consistency] = "eventual";
        }
    }

    /// <summary>Puts the ETag of a pair.</summary>
    public void ApplyETag(KeyValue pair) => Context.Response.Headers.ETag = EntityTags.Format(pair.ModRevision);

    private void Waited(long before)
    {
        _hasWaited = true;
        _raftTicks += Server.Time.GetTimestamp() - before;
    }

    private string TimingText()
    {
        long total = Micros(Server.Time.GetTimestamp() - _startedAt);
        if (!_hasWaited)
        {
            return string.Create(CultureInfo.InvariantCulture, stackalloc char[64], $"total;dur={total / 1000}.{total % 1000:000}");
        }

        long raft = Micros(_raftTicks);
        return string.Create(
            CultureInfo.InvariantCulture,
            stackalloc char[96],
            $"raft;dur={raft / 1000}.{raft % 1000:000}, total;dur={total / 1000}.{total % 1000:000}");
    }

    private long Micros(long ticks) => (long)(ticks * 1_000_000.0 / Server.Time.TimestampFrequency);
}
