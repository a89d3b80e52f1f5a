using RaftKv.Core.Calls;
using RaftKv.Core;
using RaftKv.Core.Replica;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Node;
using RaftKv.Service.Metrics;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Calls;

/// <summary>
/// One call at any door and what is known of its answer. Doors derive from it to say how their protocol does the little
/// that the service asks of them. Used by one call's flow only; nothing here is shared.
/// </summary>
internal abstract class ServiceCall
{
    private readonly long _startedAt;
    private ServedRead? _served;

    protected ServiceCall(NodeContext context)
    {
        Context = context;
        _startedAt = context.Time.GetTimestamp();
    }

    /// <summary>The node that serves it.</summary>
    public NodeContext Context { get; }

    public INode Node => Context.Node;

    /// <summary>What it asks for; set by <see cref="Begin"/>.</summary>
    public CallTerms Terms { get; private set; }

    /// <summary>What kind of call it is, for its latency.</summary>
    public RequestKind Kind { get; private set; }

    /// <summary>Ends when nobody waits for the answer any more. A write that was proposed goes its way all the same.</summary>
    public abstract CancellationToken ClientGone { get; }

    /// <summary>The view that the answer was made from; the newest one before that.</summary>
    public StoreView View => _served?.View ?? Node.View;

    /// <summary>
    /// What the answer is made from. Before anything was read it describes the node, and the token has seen nothing new.
    /// </summary>
    public ServedRead Served => _served ?? NodeState();

    /// <summary>True once something was read or written for the answer.</summary>
    public bool HasServed => _served is not null;

    /// <summary>True when the answer is made from a view that was not stale when the call came.</summary>
    public bool IsFresh => _served is { StalenessMs: 0 };

    /// <summary>What the client has seen with this answer, for its session token.</summary>
    public SessionMark Seen { get; private set; }

    /// <summary>The view that its write was published in; null before that.</summary>
    public StoreView? WrittenIn { get; private set; }

    /// <summary>What is left of the call's timeout; negative when it is over.</summary>
    public TimeSpan TimeLeft => Terms.Timeout - Context.Time.GetElapsedTime(_startedAt);

    /// <summary>Microseconds spent waiting for consensus; null when nothing was waited for.</summary>
    public long? WaitedUs { get; private set; }

    /// <summary>Microseconds as whole milliseconds, rounded up; null stays null.</summary>
    public static long? ToMs(long? microseconds) => microseconds is { } known ? (known + 999) / 1000 : null;

    /// <summary>Encodes a command with the envelope's headroom; null when it is too large for an entry.</summary>
    public static byte[]? Encode(KvCommand command)
    {
        byte[] envelope = KvCommandCodec.Encode(command, CommandEnvelope.HeaderBytes);
        return envelope.Length <= ApiLimits.MaxCommandBytes ? envelope : null;
    }

    /// <summary>Says what is asked for.</summary>
    public void Begin(RequestKind kind, in CallTerms terms)
    {
        Kind = kind;
        Terms = terms;
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
    public async ValueTask<ProposeResult> ProposeAsync(byte[] envelope)
    {
        long before = Context.Time.GetTimestamp();
        ProposeResult result = await Node.ProposeAsync(envelope, Terms.Timeout, CancellationToken.None);
        Waited(before);
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
        Context.Metrics.ReadServed(level, stalenessMs);
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
    public void Waited(long before) => WaitedUs = (WaitedUs ?? 0) + Micros(Context.Time.GetTimestamp() - before);

    /// <summary>Counts that the answer is ready, and says after how many microseconds.</summary>
    public long AnswerIsReady()
    {
        long micros = Micros(Context.Time.GetTimestamp() - _startedAt);
        Context.Metrics.Answered(Kind, micros);
        return micros;
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
