using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Diagnostics;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest;
using RaftKv.Node;
using RaftKv.Service;
using RaftKv.Service.Reads;
using RaftKv.Service.Receipts;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Http;

/// <summary>
/// One request and what is known of its answer. Used by one request's flow only; nothing here is shared.
/// </summary>
internal sealed class Exchange
{
    private readonly RequestTarget _target;
    private readonly int _tailEnd;
    private readonly long _startedAt;
    private long _raftTicks;
    private bool _hasWaited;
    private ServedRead? _served;
    private SessionMark _seen;

    public Exchange(RestServer server, HttpContext context, RequestTarget target, int keyStart, int suffixLength = 0)
    {
        _tailEnd = target.Path.Length - suffixLength;
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

    /// <summary>Takes room for a large answer; dispose it when the answer is sent. Refuses when there is none in time.</summary>
    public async ValueTask<IDisposable> HoldRoomAsync(long bytes) =>
        await Server.Answers.TakeAsync(bytes, TimeLeft > TimeSpan.Zero ? TimeLeft : TimeSpan.Zero, Context.RequestAborted)
        ?? throw new ApiException(new ApiError(
            ErrorCode.Overloaded, "Other large answers take all the memory that there is for them. Ask for a smaller page, or try again."));

    /// <summary>The variable end of the path, still percent-encoded.</summary>
    public ReadOnlySpan<char> PathTail => _target.Path[KeyStart.._tailEnd];

    public ReadOnlySpan<char> Query => _target.Query;

    /// <summary>The whole path, still percent-encoded.</summary>
    public ReadOnlySpan<char> Path => _target.Path;

    /// <summary>The request target as it stood on the wire.</summary>
    public string Target => Context.Features.Get<IHttpRequestFeature>()!.RawTarget;

    /// <summary>The view that the answer was made from; the newest one before that.</summary>
    public StoreView View => _served?.View ?? Node.View;

    /// <summary>What kind of request it is, for its latency.</summary>
    public RequestKind Kind { get; private set; }

    /// <summary>The body of a read that has one, kept in case that the read is passed on; null otherwise.</summary>
    public byte[]? KeptBody { get; private set; }

    /// <summary>What is left of the request's timeout; negative when it is over.</summary>
    public TimeSpan TimeLeft => Terms.Timeout - Server.Time.GetElapsedTime(_startedAt);

    /// <summary>True when the answer is made from a view that was not stale when the request came.</summary>
    public bool IsFresh => _served is { StalenessMs: 0 };

    /// <summary>Parses query and headers of a request that reads.</summary>
    /// <param name="byDefault">The level when the request names none.</param>
    public KvQuery ParseRead(QueryField allowed, ReadLevel byDefault = ReadLevel.Linearizable)
    {
        Kind = RequestKind.Read;
        KvQuery query = KvQuery.Parse(Query, allowed | QueryField.Consistency);
        Terms = RequestTerms.ParseRead(Context.Request.Headers, query, Server.Tokens, byDefault);
        _seen = Terms.Read.Session;
        return query;
    }

    /// <summary>Parses query and headers of a request that writes.</summary>
    public KvQuery ParseWrite(QueryField allowed)
    {
        Kind = RequestKind.Write;
        KvQuery query = KvQuery.Parse(Query, allowed);
        Terms = RequestTerms.ParseWrite(Context.Request.Headers, Server.Tokens);
        _seen = Terms.Read.Session;
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

    /// <summary>Keeps the body of a read, when the read may have to be passed on.</summary>
    public void KeepBody(byte[] body)
    {
        if (Terms.OnUnmet == UnmetPolicy.Forward)
        {
            KeptBody = body;
        }
    }

    /// <summary>
    /// Gets the view for the level that was asked for, or refuses; never a weaker one.
    /// </summary>
    public ValueTask<StoreView> ReadViewAsync() => ReadFlow.ReadAsync(this, Terms.Read);

    /// <summary>As above, for a read of this revision; zero means the view's own.</summary>
    public ValueTask<StoreView> ReadViewAsync(Revision revision) => ReadFlow.ReadAsync(this, Terms.Read with { Revision = revision });

    /// <summary>
    /// Offers a command and waits. The request's own abort is not passed on: a client that hangs up does not take back
    /// its write, and the wait is bounded by the timeout anyway.
    /// </summary>
    public async ValueTask<ProposeResult> ProposeAsync(KvCommand command)
    {
        RefuseWithoutRoom(command);
        byte[] envelope = Encode(command);
        long before = Server.Time.GetTimestamp();
        ProposeResult result = await Node.ProposeAsync(envelope, Terms.Timeout, CancellationToken.None);
        Waited(before);
        if (result.Outcome == ProposalOutcome.Applied)
        {
            Check.That(result.View is not null && result.Result is not null, "an applied proposal carries view and result");
            _served = new ServedRead(result.View, ReadLevel.Linearizable, result.Entry.Term, result.Entry.Index, StalenessMs: 0);
            _seen = _seen.AfterWrite(result.Result.Revision);
            if (Terms.IdempotencyKey is not null)
            {
                long seconds = result.View.Once.Limits.FloorMs / 1000;
                Context.Response.Headers[HeaderNames.IdempotencyWindow] = string.Create(CultureInfo.InvariantCulture, $"{seconds}s");
            }
        }

        return result;
    }

    /// <summary>Refuses, before it is in any log, what an alarm of this node's state refuses anyway.</summary>
    public void RefuseWithoutRoom(KvCommand command)
    {
        if (Node.View.RefusalForRoom(command) is { } refusal)
        {
            Observe();
            Server.Metrics.WriteEnded(Terms.Concern, WriteEnd.Refused);
            throw new ApiException(ErrorMapper.FromStore(refusal));
        }
    }

    /// <summary>The command with what the headers ask of every write: fences, and to run only once.</summary>
    public KvCommand Seal(KvCommand command)
    {
        if (Terms is { Fences: null, IsOnce: false })
        {
            return command;
        }

        byte[]? hash = Terms.IsOnce ? IdempotencyHeader.HashOf(this) : null;
        return command with
        {
            Fences = Terms.Fences ?? [],
            Idempotency = Terms.IdempotencyKey is { } key ? new CommandKey(key, hash) : null,
            Session = Terms.ClientSession is { } session
                ? new SessionStamp(session.Id, session.Sequence, session.AcknowledgedUpTo, session.Sequence > 0 ? hash : null)
                : null,
        };
    }

    /// <summary>Encodes a command with the envelope's headroom; refuses one that is too large for an entry.</summary>
    public static byte[] Encode(KvCommand command)
    {
        byte[] envelope = KvCommandCodec.Encode(command, Core.Replica.Proposals.CommandEnvelope.HeaderBytes);
        return envelope.Length <= ApiLimits.MaxCommandBytes
            ? envelope
            : throw new ApiException(new ApiError(
                ErrorCode.TooLarge, "Keys and values of one request may have 1.5 MiB in all. Nothing was applied; split the request."));
    }

    /// <summary>Microseconds as whole milliseconds, rounded up; null stays null.</summary>
    public static long? ToMs(long? microseconds) => microseconds is { } known ? (known + 999) / 1000 : null;

    /// <summary>Notes that a read was served from this view.</summary>
    /// <param name="stalenessUs">Proven bound of its age; null when unknown.</param>
    public void AnsweredRead(StoreView view, ReadLevel level, long? stalenessUs, Term term, LogIndex readIndex)
    {
        long? stalenessMs = ToMs(stalenessUs);
        _served = new ServedRead(view, level, term, readIndex, stalenessMs);
        _seen = _seen.AfterRead(view.Revision);
        Server.Metrics.ReadServed(level, stalenessMs);
    }

    /// <summary>Notes that the answer is this node's own state, now.</summary>
    public void Observe()
    {
        ReadPoint point = Node.ReadPoint;
        _served = new ServedRead(
            point.View, ReadLevel.Eventual, point.Term, point.View.AppliedIndex, ToMs(point.StalenessBoundUs(Node.Now)));
        _seen = _seen.AfterRead(point.View.Revision);
    }

    /// <summary>Notes what the answer is made from: this view of the node, at that level.</summary>
    public void Answered(StoreView view, ReadLevel served, Term term)
    {
        long? bound = ReadLevels.IsFresh(served) ? 0 : BoundOf(view);
        _served = new ServedRead(view, served, term, view.AppliedIndex, bound);
        _seen = _seen.AfterRead(view.Revision);
    }

    /// <summary>Notes that a probe's read was confirmed.</summary>
    public void AnsweredProbe(in ReadBarrierResult barrier) =>
        _served = new ServedRead(barrier.View!, ReadLevel.Linearizable, barrier.Term, barrier.ReadIndex, StalenessMs: 0);

    /// <summary>
    /// Notes that a wait ended with a newer view of this node than the one that the level was met with. Its level stays;
    /// its age is what is proven of it now.
    /// </summary>
    public void Advanced(StoreView view)
    {
        _served = new ServedRead(view, Terms.Level, Node.Status.Term, view.AppliedIndex, BoundOf(view));
        _seen = _seen.AfterRead(view.Revision);
    }

    /// <summary>
    /// Notes that a write's answer also tells what is in the store, so that a later read must not be older.
    /// </summary>
    public void WriteAlsoRead(Revision revision) => _seen = _seen.AfterRead(revision);

    /// <summary>Notes a write of this revision that was found to be applied.</summary>
    public void FoundWrite(Revision revision) => _seen = _seen.AfterWrite(revision);

    /// <summary>Notes time spent waiting for consensus.</summary>
    public void Waited(long before)
    {
        _hasWaited = true;
        _raftTicks += Server.Time.GetTimestamp() - before;
    }

    /// <summary>Puts the headers that stand on every answer.</summary>
    public void ApplyHeaders()
    {
        ServedRead served = _served ?? Unread();
        ViewFacts facts = Server.FactsOf(served.View);
        IHeaderDictionary headers = Context.Response.Headers;
        headers.CacheControl = "no-store";
        headers[HeaderNames.Revision] = facts.Revision;
        headers[HeaderNames.Term] = served.Term > facts.Status.Term ? served.Term.ToString() : facts.Term;
        headers[HeaderNames.AppliedIndex] = facts.AppliedIndex;
        headers[HeaderNames.ServedBy] = Server.NodeName;
        headers[HeaderNames.Role] = facts.Role;
        headers[HeaderNames.Consistency] = ReadLevels.NameOf(served.Level);
        long totalMicros = Micros(Server.Time.GetTimestamp() - _startedAt);
        Server.Metrics.Answered(Kind, totalMicros);
        headers[HeaderNames.ServerTiming] = TimingText(totalMicros);
        if (facts.Leader is not null)
        {
            headers[HeaderNames.Leader] = facts.Leader;
        }

        // Absent when nothing is proven: a guess would be worse than nothing.
        if (served.StalenessMs is { } bound)
        {
            headers[HeaderNames.StalenessMs] = bound == 0 ? "0" : bound.ToString(CultureInfo.InvariantCulture);
        }

        if (Server.Tokens is { } tokens)
        {
            headers[HeaderNames.Session] = _seen.Write == Revision.Zero && _seen.Read == served.View.Revision
                ? facts.SessionOf(tokens)
                : tokens.Encode(_seen);
        }

        if (Terms.WantsReceipt && _served is not null && Server.Keys is { } keys)
        {
            headers[HeaderNames.Receipt] = ReceiptSigner.Sign(keys, ReceiptSigner.Describe(this, served));
        }
    }

    /// <summary>Puts the ETag of a pair.</summary>
    public void ApplyETag(KeyValue pair) => Context.Response.Headers.ETag = EntityTags.Format(pair.ModRevision);

    // What is proven is proven of the newest point's view only.
    private long? BoundOf(StoreView view)
    {
        ReadPoint point = Node.ReadPoint;
        return ReferenceEquals(point.View, view) ? ToMs(point.StalenessBoundUs(Node.Now)) : null;
    }

    // An error before anything was read: the headers describe the node, and the token has seen nothing new.
    private ServedRead Unread()
    {
        ReadPoint point = Node.ReadPoint;
        return new ServedRead(point.View, ReadLevel.Eventual, point.Term, point.View.AppliedIndex, ToMs(point.StalenessBoundUs(Node.Now)));
    }

    private string TimingText(long total)
    {
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
