using RaftKv.Core.Raft.Log;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Checking;

namespace RaftKv.Simulation.Reach;

/// <summary>Queues of locks, semaphores and elections, and the writes that they guard.</summary>
internal sealed class LockReach(ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("locks");

    private static readonly ReachState QueueOfThree = Theme.Add("lock-queue-of-three", "somebody queued as third or later");
    private static readonly ReachState SharedHolders = Theme.Add("lock-shared-by-two", "a shared lock has two holders or more");
    private static readonly ReachState BehindWriter =
        Theme.Add("reader-behind-writer", "a shared request waits although sharers hold, since a writer waits");
    private static readonly ReachState SemaphoreFull = Theme.Add("semaphore-full", "a semaphore's request waits for a place");
    private static readonly ReachState SamePlace =
        Theme.Add("acquire-same-place", "an acquire on a lease that has a place got the same token again");
    private static readonly ReachState TryRefused = Theme.Add("try-refused", "a try came when others held");
    private static readonly ReachState QueueFull = Theme.Add("queue-full", "a queue was too long to join");
    private static readonly ReachState OtherLimit =
        Theme.Add("limit-mismatch", "an acquire asked for another limit or mode than the queue's or its own");
    private static readonly ReachState WaiterCancelled = Theme.Add("waiter-cancelled", "a waiter's place was deleted");
    private static readonly ReachState WaiterExpired = Theme.Add("waiter-lost-lease", "a waiter lost its place when its lease ended");
    private static readonly ReachState HolderReleased = Theme.Add("lock-handed-on", "a holder released, and a waiter came to hold");
    private static readonly ReachState HolderExpired =
        Theme.Add("lock-handed-on-by-expiry", "a holder's lease expired, and a waiter came to hold");
    private static readonly ReachState LeaderResigned =
        Theme.Add("election-handed-on", "an election's leader went, and the next one leads");
    private static readonly ReachState FenceLost = Theme.Add("fence-refused", "a write was refused whose token held no more, or not yet");
    private static readonly ReachState FencePassed = Theme.Add("fence-passed", "a fenced write was done");
    private static readonly ReachState GuardRefused =
        Theme.Add("guard-refused", "a write without a fence was refused under a guarded prefix");
    private static readonly ReachState GuardMissing = Theme.Add("guard-missing", "a guard was removed that was not there");
    private static readonly ReachState ReleaseLost =
        Theme.Add("release-of-lost-place", "a release or proclaim was refused, since the place was gone");

    public void End(ReachStory story)
    {
        foreach ((LogEntry entry, KvCommand command) in story.Commands)
        {
            Note(command, story.ResultOf(entry));
        }

        if (story.Replayed.Places.Count > 0)
        {
            NotePlaces(story.Replayed);
        }
    }

    private void Note(KvCommand command, CommandResult result)
    {
        if (result.IsReplayed)
        {
            return;
        }

        counts.HitIf(result.Status == CommandStatus.LockHeld, TryRefused);
        counts.HitIf(result.Status == CommandStatus.QueueFull, QueueFull);
        counts.HitIf(result.Status == CommandStatus.LimitMismatch, OtherLimit);
        counts.HitIf(result.Status == CommandStatus.FenceLost, FenceLost);
        counts.HitIf(result.Status == CommandStatus.Ok && command.Fences.Count > 0, FencePassed);
        counts.HitIf(result.Status == CommandStatus.FenceRequired, GuardRefused);
        counts.HitIf(result.Status == CommandStatus.GuardNotFound, GuardMissing);
        counts.HitIf(
            result.Status == CommandStatus.GuardFailed && command is MutateCommand { Guard: { } guard }
            && guard.Keys.Start.Span.StartsWith("_raftkv/"u8), ReleaseLost);
        if (result.Result is AcquireResult acquired && command is MutateCommand { Op: AcquireOp acquire })
        {
            counts.HitIf(acquired.Position >= 2, QueueOfThree);
            counts.HitIf(acquire.Kind == LockKind.Lock && acquired.HolderCount > 1, SharedHolders);
            bool waitsBehindWaiter = !acquired.IsHolder && acquired.HolderCount > 1 && acquired.Position > acquired.HolderCount;
            counts.HitIf(acquire.Mode == LockMode.Shared && waitsBehindWaiter, BehindWriter);
            counts.HitIf(acquire.Kind == LockKind.Semaphore && !acquired.IsHolder, SemaphoreFull);
            counts.HitIf(acquired.Token != result.Revision, SamePlace);
        }
    }

    private void NotePlaces(NaiveStore replayed)
    {
        var reasons = new Dictionary<(long Revision, string Key), DeleteReason>();
        foreach (NaiveVersion change in replayed.Changes)
        {
            if (change.Version == 0 && change.Key.StartsWith("_raftkv/", StringComparison.Ordinal))
            {
                reasons[(change.Mod, change.Key)] = change.Reason;
            }
        }

        foreach (NaivePlace place in replayed.Places)
        {
            if (place.GoneRevision == long.MaxValue)
            {
                continue;
            }

            List<NaivePlace> queue = replayed.QueueAt(place.Kind, place.Name, place.GoneRevision - 1);
            bool isHolder = queue.IndexOf(place) < NaiveStore.HoldersOf(queue);
            bool hasEnded = reasons[(place.GoneRevision, place.Key!)] is DeleteReason.Expired or DeleteReason.Revoked;
            if (!isHolder)
            {
                counts.Hit(hasEnded ? WaiterExpired : WaiterCancelled);
            }
            else if (queue.Count > NaiveStore.HoldersOf(queue))
            {
                counts.Hit(hasEnded ? HolderExpired : HolderReleased);
                counts.HitIf(place.Kind == LockKind.Election, LeaderResigned);
            }
        }
    }
}
