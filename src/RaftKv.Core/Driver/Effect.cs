using RaftKv.Core.Calls;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Levels;

namespace RaftKv.Core.Driver;

/// <summary>
/// One thing that the host must do for a round; a closed set, in the order of <see cref="EffectOrder"/>. The objects are
/// used again by the next round, their contents are immutable and may be kept.
/// </summary>
public abstract class Effect
{
    private protected Effect(EffectOrder order) => Order = order;

    /// <summary>Its place among the effects of a round.</summary>
    public EffectOrder Order { get; }
}

/// <summary>The order in which a round's effects are carried out.</summary>
public enum EffectOrder : byte
{
    /// <summary>The disk is what everything waits for: it starts first.</summary>
    Persist = 1,

    /// <summary>
    /// Readers on this node see the new point before another node or a client can know of what it has.
    /// Danger: 1. A write is answered. 2. Its client reads its own write here. 3. The point is still the old one.
    /// </summary>
    Publish = 2,

    /// <summary>Messages that may go before the batch is durable; the others come in a later round.</summary>
    Send = 3,

    /// <summary>Snapshot files are worked on beside the log.</summary>
    SnapshotWork = 4,

    /// <summary>The log drops entries after the batches that were handed over before.</summary>
    CompactLog = 5,

    /// <summary>Nodes that differ are told of.</summary>
    Alarm = 6,

    /// <summary>Whoever waits for a revision or for all voters looks again.</summary>
    Wake = 7,

    /// <summary>Calls that have ended.</summary>
    Answer = 8,

    /// <summary>Outcomes of proposals that were answered as unknown.</summary>
    AnswerLate = 9,
}

/// <summary>Show this point to readers.</summary>
public sealed class PublishEffect() : Effect(EffectOrder.Publish)
{
    /// <summary>The point.</summary>
    public ReadPoint Point { get; internal set; } = null!;
}

/// <summary>Make the batch durable, after those before it, then report <see cref="InputKind.Persisted"/>.</summary>
public sealed class PersistEffect() : Effect(EffectOrder.Persist)
{
    /// <summary>The batch.</summary>
    public PersistBatch Batch { get; internal set; } = null!;
}

/// <summary>Send these, in order per receiver; losing one is allowed.</summary>
public sealed class SendEffect() : Effect(EffectOrder.Send)
{
    /// <summary>The messages; the list is the driver's again once the effect is carried out.</summary>
    public List<Message> Messages { get; internal set; } = null!;
}

/// <summary>Work on snapshot files, in this order and after what was asked for before.</summary>
public sealed class SnapshotWorkEffect() : Effect(EffectOrder.SnapshotWork)
{
    /// <summary>The pieces of work.</summary>
    public List<SnapshotWork> Work { get; } = [];
}

/// <summary>Entries up to here (inclusive) will never be asked for again, nor snapshots before them.</summary>
public sealed class CompactLogEffect() : Effect(EffectOrder.CompactLog)
{
    /// <summary>The last of them.</summary>
    public LogIndex UpTo { get; internal set; }
}

/// <summary>Tell people of nodes whose state differs from this leader's.</summary>
public sealed class AlarmEffect() : Effect(EffectOrder.Alarm)
{
    /// <summary>The nodes.</summary>
    public List<DivergenceAlarm> Alarms { get; internal set; } = null!;
}

/// <summary>Wake those who wait for what the point has.</summary>
public sealed class WakeEffect() : Effect(EffectOrder.Wake)
{
    /// <summary>The point that was published.</summary>
    public ReadPoint Point { get; internal set; } = null!;
}

/// <summary>Bring the results to their callers.</summary>
public sealed class AnswerEffect() : Effect(EffectOrder.Answer)
{
    /// <summary>The calls that have ended; the list is the driver's again once the effect is carried out.</summary>
    public List<Call> Calls { get; internal set; } = null!;
}

/// <summary>Tell whoever keeps outcomes.</summary>
public sealed class AnswerLateEffect() : Effect(EffectOrder.AnswerLate)
{
    /// <summary>The outcomes.</summary>
    public List<ProposeResult> Outcomes { get; } = [];
}
