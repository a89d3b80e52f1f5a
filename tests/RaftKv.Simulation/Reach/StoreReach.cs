using RaftKv.Core.Raft.Log;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Simulation.Reach;

/// <summary>Answers of the store that are no plain success.</summary>
internal sealed class StoreReach(ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("store");

    private static readonly ReachState GuardFailed =
        Theme.Add("conditional-write-refused", "a conditional write met another revision than its own");
    private static readonly ReachState TxnElse = Theme.Add("txn-else", "a transaction took its second branch");
    private static readonly ReachState CompactedBefore =
        Theme.Add("compaction-repeated", "a compaction asked for what was compacted already");
    private static readonly ReachState CompactedFuture =
        Theme.Add("compaction-of-future", "a compaction asked for a revision that did not exist yet");
    private static readonly ReachState CompactedNow = Theme.Add("compaction-of-newest", "a compaction took the newest revision");
    private static readonly ReachState NothingDeleted = Theme.Add("delete-of-nothing", "a delete found no key, and made no revision");
    private static readonly ReachState KeyMissing = Theme.Add("kept-value-missing", "a write that keeps value or lease found no key");

    private static readonly ReachState Full = Theme.Add("store-full", "a write found no room in the whole store");
    private static readonly ReachState PrefixFull = Theme.Add("prefix-full", "a write found no room under its prefix");
    private static readonly ReachState RoomAgain = Theme.Add("room-again", "a write found room after another had found none");
    private static readonly ReachState DeletedWhenFull =
        Theme.Add("delete-when-full", "a delete removed keys right after a write found no room");
    private static readonly ReachState CalledCorrupt =
        Theme.Add("called-corrupt", "a change was refused because the data was called corrupt");
    private static readonly ReachState DiskLow = Theme.Add("disk-low", "a leader raised an alarm for a member's disk");

    public void End(ReachStory story)
    {
        bool wasFull = false;
        foreach ((LogEntry entry, KvCommand command) in story.Commands)
        {
            CommandResult result = story.ResultOf(entry);
            bool isFull = result is { Status: CommandStatus.QuotaExceeded, Result: QuotaExceededResult { Prefix.IsEmpty: true } };
            counts.HitIf(isFull, Full);
            counts.HitIf(result.Status == CommandStatus.QuotaExceeded && !isFull, PrefixFull);
            counts.HitIf(wasFull && result.Result is PutResult, RoomAgain);
            counts.HitIf(wasFull && result.Result is DeleteRangeResult { DeletedCount: > 0 }, DeletedWhenFull);
            counts.HitIf(result.Status == CommandStatus.Corrupt, CalledCorrupt);
            counts.HitIf(command is RaiseAlarmCommand { Cause: AlarmCause.Disk } && result.Status == CommandStatus.Ok, DiskLow);
            wasFull = isFull || (wasFull && result.Result is not PutResult);
            counts.HitIf(result.Status == CommandStatus.GuardFailed, GuardFailed);
            counts.HitIf(result.Status == CommandStatus.KeyNotFound, KeyMissing);
            counts.HitIf(result.Result is TxnResult { IsSucceeded: false }, TxnElse);
            counts.HitIf(result.Result is DeleteRangeResult { DeletedCount: 0 }, NothingDeleted);
            if (command is CompactCommand compact)
            {
                counts.HitIf(result.Status == CommandStatus.Compacted, CompactedBefore);
                counts.HitIf(result.Status == CommandStatus.FutureRevision, CompactedFuture);
                counts.HitIf(result.Status == CommandStatus.Ok && compact.Revision == result.Revision, CompactedNow);
            }
        }
    }
}
