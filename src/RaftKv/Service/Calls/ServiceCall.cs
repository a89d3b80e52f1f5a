using System.Diagnostics;
using System.Runtime.CompilerServices;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Diagnostics;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Access;
using RaftKv.Service.Observing;
using RaftKv.Service.Refusals;
using RaftKv.Service.Shares;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Calls;

/// <summary>
/// One call at any door and what is known of its answer. Doors derive from it to say how their protocol does the little
/// that the service asks of them. Used by one call's flow only; nothing here is shared.
/// </summary>
internal abstract class ServiceCall : ICallFacts
{
    private readonly long _startedAt;

    // Without a view: nothing was read or written yet.
    private ServedRead _served;
    private CallAccess? _access;
    private byte[]? _prepared;

    // Below zero: nothing was waited for.
    private long _waitedUs = -1;

    protected ServiceCall(NodeContext context)
    {
        Context = context;
        _startedAt = context.Time.GetTimestamp();
    }

    /// <summary>The node that serves it.</summary>
    public NodeContext Context { get; }

    public INode Node => Context.Node;

    /// <summary>What it asks for; set by <see cref="Begin"/>.</summary>
    public CallTerms Terms { get; private set; } = CallTerms.Plain(ReadLevel.Linearizable);

    /// <summary>How long it may take; zero before <see cref="Begin"/>.</summary>
    public TimeSpan Patience { get; private set; }

    /// <summary>What kind of call it is, for its latency.</summary>
    public RequestKind Kind { get; private set; }

    /// <summary>Ends when nobody waits for the answer any more. A write that was proposed goes its way all the same.</summary>
    public abstract CancellationToken ClientGone { get; }

    /// <inheritdoc/>
    public abstract CallOrigin Origin { get; }

    /// <inheritdoc/>
    public abstract KeyRange? Keys { get; }

    /// <inheritdoc/>
    public abstract string RequestId { get; }

    /// <inheritdoc/>
    public string User => _access?.Caller.Name ?? "";

    /// <summary>The same as commands carry it.</summary>
    public ReadOnlyMemory<byte> Principal => _access?.Caller.Principal ?? default;

    /// <summary>Who calls, and what it may be shown. Nothing is made for it while rights are not in force.</summary>
    public CallAccess Access => _access ??= new CallAccess(Context.Access);

    /// <summary>What it counts in; null while nobody is counted.</summary>
    public CallShare? Share { get; set; }

    /// <inheritdoc/>
    public ReadLevel Level => Terms.Level;

    /// <inheritdoc/>
    public WriteConcern Concern => Terms.Concern;

    /// <summary>The view that the answer was made from; the newest one before that.</summary>
    public StoreView View => HasServed ? _served.View : Node.View;

    /// <summary>
    /// What the answer is made from. Before anything was read it describes the node, and the token has seen nothing new.
    /// </summary>
    public ServedRead Served => HasServed ? _served : NodeState();

    /// <summary>True once something was read or written for the answer.</summary>
    public bool HasServed => _served.View is not null;

    /// <summary>True when the answer is made from a view that was not stale when the call came.</summary>
    public bool IsFresh => HasServed && _served.StalenessMs == 0;

    /// <summary>What the client has seen with this answer, for its session token.</summary>
    public SessionMark Seen { get; private set; }

    /// <summary>The view that its write was published in; null before that.</summary>
    public StoreView? WrittenIn { get; private set; }

    /// <summary>What is left of the call's timeout; negative when it is over.</summary>
    public TimeSpan TimeLeft => Patience - Context.Time.GetElapsedTime(_startedAt);

    /// <summary>Microseconds spent waiting for consensus; null when nothing was waited for.</summary>
    public long? WaitedUs => _waitedUs < 0 ? null : _waitedUs;

    /// <summary>Microseconds as whole milliseconds, rounded up; null stays null.</summary>
    public static long? ToMs(long? microseconds) => microseconds is { } known ? (known + 999) / 1000 : null;

    /// <summary>
    /// Gives the call an array in which the key and the value of its put stand where they belong in a proposal
    /// (<see cref="KvCommandCodec.TryEncodeInPlace"/>). It is used for one proposal at most.
    /// </summary>
    public void Prepare(byte[]? envelope) => _prepared = envelope;

    /// <summary>Encodes a command with the engine's headroom; null when it is too large for an entry.</summary>
    public byte[]? Encode(KvCommand command)
    {
        // Taken before it is used: an array that was proposed once belongs to the log.
        byte[]? prepared = _prepared;
        _prepared = null;

        // Whose rights are asked for when it is applied.
        command = _access is { Caller.IsAnonymous: false } ? command with { Principal = _access.Caller.Principal } : command;
        byte[] envelope = prepared is not null && KvCommandCodec.TryEncodeInPlace(command, prepared, Node.HeadroomBytes)
            ? prepared
            : KvCommandCodec.Encode(command, Node.HeadroomBytes);
        return envelope.Length <= ApiLimits.MaxCommandBytes ? envelope : null;
    }

    /// <summary>
    /// Encodes what the node does by itself for a call, such as to take back what it had made for it: the caller may have lost
    /// the right meanwhile, and is asked for none.
    /// </summary>
    public byte[] EncodeOwn(KvCommand command) => KvCommandCodec.Encode(
        Context.Access.IsOn ? command with { Principal = Principals.Cluster } : command, Node.HeadroomBytes);

    /// <summary>Says what keys are going to be read; all of them before the first view.</summary>
    public void WillRead(KeyRange keys, KeyRights rights = KeyRights.Read)
    {
        Share?.Note(keys);
        if (_access is not null || Context.Access.IsOn)
        {
            Access.WillRead(keys, rights);
        }
    }

    /// <summary>Says that all of a txn is going to be read.</summary>
    public void WillRead(TxnOp txn)
    {
        Share?.Note(txn);
        if (_access is not null || Context.Access.IsOn)
        {
            Access.WillRead(txn);
        }
    }

    /// <summary>Why the call may not be shown a view; null when it may. Asked of every view that a call reads.</summary>
    public ApiError? RefusalFor(StoreView view) =>
        _access is null && !Context.Access.NewestOf(view).Access.IsEnabled ? null : Refused(Access.Refusal(view));

    /// <summary>Why an operation that goes through no log is not allowed; null when it is.</summary>
    public ApiError? RefusalOf(OperationRights needed) =>
        _access is null && !Context.Access.IsOn ? null : Refused(Access.RefusalOf(Node.View, needed));

    /// <summary>Why the rule of its kind lets the call not begin; null when it does.</summary>
    public ApiError? RefusalToBegin() => Refused(Access.RefusalByRule(Node.View));

    /// <summary>Notes a refusal for who calls or what he may do, and gives it back as the caller is to see it.</summary>
    public ApiError? Refused(ApiError? refusal)
    {
        if (refusal is { Code: ErrorCode.AccessDenied } && _access is not { Caller.IsAnonymous: false })
        {
            refusal = AccessErrors.Unauthenticated();
        }

        if (refusal is { Code: ErrorCode.AccessDenied or ErrorCode.Unauthenticated })
        {
            foreach (ICallObserver observer in Context.Observers)
            {
                observer.AccessRefused(this, refusal);
            }
        }

        return refusal;
    }

    /// <summary>Says what is asked for.</summary>
    /// <param name="patience">How long it may take, when the terms don't say so.</param>
    public void Begin(RequestKind kind, CallTerms terms, TimeSpan patience = default)
    {
        Kind = kind;
        Terms = terms;
        Patience = terms.Timeout ?? patience;
        Seen = terms.Read.Session;
    }

    /// <summary>The command with what the terms ask of every write: fences, and to run only once.</summary>
    public KvCommand Seal(KvCommand command)
    {
        if (Terms is { Fences: null, IsOnce: false })
        {
            return command;
        }

        byte[]? hash = Terms.IsOnce ? HashPayload() : null;
        return command with
        {
            Fences = Terms.Fences ?? [],
            Idempotency = Terms.IdempotencyKey is { } key ? new CommandKey(key, hash) : null,
            Session = Terms.ClientSession is { } session
                ? new SessionStamp(session.Id, session.Sequence, session.AcknowledgedUpTo, session.Sequence > 0 ? hash : null)
                : null,
        };
    }

    /// <summary>
    /// Offers an encoded command and waits. That the client goes is not passed on: it does not take back its write, and
    /// the wait is bounded by the timeout anyway.
    /// </summary>
    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    public async ValueTask<ProposeResult> ProposeAsync(byte[] envelope)
    {
        using Activity? span = Tracing.Proposing();
        long before = Context.Time.GetTimestamp();
        ProposeResult result = await Node.ProposeAsync(envelope, Patience, CancellationToken.None);
        Waited(before);
        if (span is not null)
        {
            span.Ended(result.Outcome.ToString());
        }

        if (result.Outcome == ProposalOutcome.Applied)
        {
            Check.That(result.View is not null && result.Result is not null, "an applied proposal carries view and result");
            _served = new ServedRead(result.View, ReadLevel.Linearizable, result.Entry.Term, result.Entry.Index, StalenessMs: 0);
            Seen = Seen.AfterWrite(result.Result.Revision);
            WrittenIn = result.View;
        }

        return result;
    }

    /// <summary>Notes that a read was served from this view.</summary>
    /// <param name="stalenessUs">Proven bound of its age; null when unknown.</param>
    public void AnsweredRead(StoreView view, ReadLevel level, long? stalenessUs, Term term, LogIndex readIndex)
    {
        long? stalenessMs = ToMs(stalenessUs);
        Note(new ServedRead(view, level, term, readIndex, stalenessMs));
        ReadEnded(ReadEnd.Served, stalenessMs);
    }

    /// <summary>Notes that the answer is this node's own state, now.</summary>
    public void Observe() => Note(NodeState());

    /// <summary>Notes what the answer is made from: this view of the node, at that level.</summary>
    public void Answered(StoreView view, ReadLevel served, Term term) => Note(
        new ServedRead(view, served, term, view.AppliedIndex, ReadLevels.IsFresh(served) ? 0 : BoundOf(view)));

    /// <summary>Notes that a probe's read was confirmed.</summary>
    public void AnsweredProbe(in ReadBarrierResult barrier) =>
        _served = new ServedRead(barrier.View!, ReadLevel.Linearizable, barrier.Term, barrier.ReadIndex, StalenessMs: 0);

    /// <summary>
    /// Notes that a wait ended with a newer view of this node than the one that the level was met with. Its level stays;
    /// its age is what is proven of it now.
    /// </summary>
    public void Advanced(StoreView view) => Note(
        new ServedRead(view, Terms.Level, Node.Status.Term, view.AppliedIndex, BoundOf(view)));

    /// <summary>
    /// Notes that a write's answer also tells what is in the store, so that a later read must not be older.
    /// </summary>
    public void WriteAlsoRead(Revision revision) => Seen = Seen.AfterRead(revision);

    /// <summary>Notes a write of this revision that was found to be applied.</summary>
    public void FoundWrite(Revision revision) => Seen = Seen.AfterWrite(revision);

    /// <summary>Notes time spent waiting for consensus.</summary>
    public void Waited(long before) => _waitedUs = Math.Max(_waitedUs, 0) + Micros(Context.Time.GetTimestamp() - before);

    /// <summary>Counts that the answer is ready, and says after how many microseconds.</summary>
    public long AnswerIsReady()
    {
        long micros = Micros(Context.Time.GetTimestamp() - _startedAt);
        Context.Metrics.Answered(Kind, Level, micros);
        return micros;
    }

    /// <summary>Tells that it ended as a read.</summary>
    public void ReadEnded(ReadEnd end, long? stalenessMs = null)
    {
        foreach (ICallObserver observer in Context.Observers)
        {
            observer.ReadEnded(this, end, stalenessMs);
        }
    }

    /// <summary>Tells that it ended as a write.</summary>
    public void WriteEnded(KvCommand command, WriteEnd end)
    {
        foreach (ICallObserver observer in Context.Observers)
        {
            observer.WriteEnded(this, command, end);
        }
    }

    /// <summary>Tells that it asked for a lease.</summary>
    public void LeaseAsked(LeaseId lease, bool isRenewal, ApiError? refusal)
    {
        foreach (ICallObserver observer in Context.Observers)
        {
            observer.LeaseAsked(this, lease, isRenewal, refusal);
        }
    }

    /// <summary>Tells that it changed the members, or would have.</summary>
    public void MembersChanged(MemberChange change, ApiError? refusal)
    {
        foreach (ICallObserver observer in Context.Observers)
        {
            observer.MembersChanged(this, change, refusal);
        }
    }

    /// <summary>Tells that it asked a member to lead or to drain.</summary>
    public void MemberAsked(string what, NodeId member, ApiError? refusal)
    {
        foreach (ICallObserver observer in Context.Observers)
        {
            observer.MemberAsked(this, what, member, refusal);
        }
    }

    /// <summary>Tells that it opened a watch.</summary>
    public void WatchOpened(KeyRange keys)
    {
        foreach (ICallObserver observer in Context.Observers)
        {
            observer.WatchOpened(this, keys);
        }
    }

    /// <summary>By which a repeat is told from another call under the same idempotency key.</summary>
    protected abstract byte[] HashPayload();

    private void Note(ServedRead served)
    {
        _served = served;
        Seen = Seen.AfterRead(served.View.Revision);
    }

    // What is proven is proven of the newest point's view only.
    private long? BoundOf(StoreView view)
    {
        ReadPoint point = Node.ReadPoint;
        return ReferenceEquals(point.View, view) ? ToMs(point.StalenessBoundUs(Node.Now)) : null;
    }

    private ServedRead NodeState()
    {
        ReadPoint point = Node.ReadPoint;
        return new ServedRead(point.View, ReadLevel.Eventual, point.Term, point.View.AppliedIndex, ToMs(point.StalenessBoundUs(Node.Now)));
    }

    private long Micros(long ticks) => (long)(ticks * 1_000_000.0 / Context.Time.TimestampFrequency);
}
