using RaftKv.Core.Calls;
using RaftKv.Simulation.Clients;

namespace RaftKv.Simulation.Reach;

/// <summary>Calls between clients and the loop: deadlines, cancellations, full queues, reads passed on, nodes that leave.</summary>
internal sealed class CallReach(ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("calls");

    private static readonly ReachState Full = Theme.Add("mailbox-full", "a call was refused at once: the mailbox was full");
    private static readonly ReachState Dropped = Theme.Add("mailbox-full-of-peers", "a peer's message was dropped: the mailbox was full");
    private static readonly ReachState CancelledWaiting =
        Theme.Add("read-cancelled", "a read was cancelled while it waited for its barrier");
    private static readonly ReachState CancelledOther =
        Theme.Add("cancel-meets-another-call", "a cancellation came when its call's object waited for another reader");
    private static readonly ReachState WriteCancelled = Theme.Add("write-cancelled", "a write was cancelled while it waited");
    private static readonly ReachState WriteExpired = Theme.Add("write-deadline", "a write's deadline came while it waited");
    private static readonly ReachState ReadExpired = Theme.Add("read-deadline", "a read's deadline came while it waited for its barrier");
    private static readonly ReachState Queued = Theme.Add("wal-queue", "a batch was queued behind a sync under way");
    private static readonly ReachState ThreadStalled =
        Theme.Add("loop-stalled-amid-effects", "the loop's thread stood still between two effects of a round");
    private static readonly ReachState PassedOn = Theme.Add("read-passed-on", "a read was passed on to the leader");
    private static readonly ReachState PassedOk = Theme.Add("read-passed-on-served", "a read that was passed on was served there");
    private static readonly ReachState PassedDead = Theme.Add("read-passed-to-dead", "a read was passed on to a node that had died");
    private static readonly ReachState PassedFormer =
        Theme.Add("read-passed-to-former-leader", "a read was passed on to a node that leads no more");
    private static readonly ReachState DrainBegun = Theme.Add("drain", "a node began to leave in good order");
    private static readonly ReachState DrainEnded = Theme.Add("drain-ended", "a node left in good order: everyone was answered");
    private static readonly ReachState RefusedStopping =
        Theme.Add("call-refused-stopping", "a call was refused since the node was leaving");

    public void MailboxFull() => counts.Hit(Full);

    public void MessageDropped() => counts.Hit(Dropped);

    public void Cancelled(bool isWaiting) => counts.HitIf(isWaiting, CancelledWaiting);

    public void CancelledLate(bool isAnothers) => counts.HitIf(isAnothers, CancelledOther);

    public void CancelledWrite() => counts.Hit(WriteCancelled);

    public void BarrierRefused(bool isExpired) => counts.HitIf(isExpired, ReadExpired);

    public void BatchQueued(bool isBehind) => counts.HitIf(isBehind, Queued);

    public void Stalled() => counts.Hit(ThreadStalled);

    public void ReadPassedOn() => counts.Hit(PassedOn);

    public void PassedToDead() => counts.Hit(PassedDead);

    public void PassedToFormer(bool isFormer) => counts.HitIf(isFormer, PassedFormer);

    public void PassedOnServed(ClientOperation read) => counts.HitIf(read.PassedOnBy is not null, PassedOk);

    public void Draining() => counts.Hit(DrainBegun);

    public void Left() => counts.Hit(DrainEnded);

    public void Answered(ProposalOutcome outcome, bool isExpired)
    {
        counts.HitIf(outcome == ProposalOutcome.ShuttingDown, RefusedStopping);
        counts.HitIf(isExpired && outcome is ProposalOutcome.Unknown or ProposalOutcome.NoLeader, WriteExpired);
    }

    public void RefusedAtTheDoor() => counts.Hit(RefusedStopping);
}
