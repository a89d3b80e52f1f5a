using RaftKv.Core.Raft.Log;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;

namespace RaftKv.Simulation.Reach;

/// <summary>Lives of leases, and what was said about them.</summary>
internal sealed class LeaseReach(ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("leases");

    private static readonly ReachState Expired = Theme.Add("lease-expired", "a lease expired that held keys");
    private static readonly ReachState OldTerm = Theme.Add("expiry-of-old-term", "an expiry that an older term judged was ignored");
    private static readonly ReachState Lost = Theme.Add("expiry-lost", "an expiry was proposed, and lost with its leader");
    private static readonly ReachState LostAndKept =
        Theme.Add("expiry-lost-to-keepalive", "a lease whose expiry was proposed and lost was kept alive after that");
    private static readonly ReachState Revoked = Theme.Add("lease-revoked", "a lease was revoked that held keys");
    private static readonly ReachState RevokedTwice = Theme.Add("revoke-of-gone-lease", "a revoke found no lease");
    private static readonly ReachState IdTaken = Theme.Add("lease-id-taken", "a grant asked for the id of a living lease");
    private static readonly ReachState IdAgain = Theme.Add("lease-id-granted-again", "an id was granted again after its lease had ended");
    private static readonly ReachState Retimed = Theme.Add("lease-retimed", "a new leader gave a lease its full time again");
    private static readonly ReachState Many = Theme.Add("lease-of-three-leaders", "a lease lived under three leaders or more");
    private static readonly ReachState KeepaliveGone = Theme.Add("keepalive-too-late", "a keepalive was told that its lease is gone");
    private static readonly ReachState KeepaliveUnknown =
        Theme.Add("keepalive-unknown", "a keepalive got no answer: it may have counted");
    private static readonly ReachState KeptAfterUnknown =
        Theme.Add("keepalive-after-unknown", "a keepalive counted after one that got no answer");
    private static readonly ReachState PutRefused = Theme.Add("write-on-gone-lease", "a write was refused whose lease was gone");
    private static readonly ReachState KeyMoved = Theme.Add("key-moved-between-leases", "a key went from one lease to another");
    private static readonly ReachState KeyTakenOff = Theme.Add("key-taken-off-lease", "a key was written again without its lease");

    private readonly List<(LeaseId Lease, EntryId Entry, long AtUs)> _proposed = [];

    public void ExpiryProposed(LeaseId lease, EntryId entry, long nowUs) => _proposed.Add((lease, entry, nowUs));

    public void End(ReachStory story, List<LogEntry> committed)
    {
        foreach ((LogEntry entry, KvCommand command) in story.Commands)
        {
            Note(command, story.ResultOf(entry));
        }

        NoteLost(story, committed);
        NoteAsks(story.Asks);
        NoteLives(story);
        foreach (NaiveVersion change in story.Replayed.Changes)
        {
            long before = change.Previous?.Lease ?? 0;
            counts.HitIf(change.Version > 0 && before != 0 && change.Lease != 0 && change.Lease != before, KeyMoved);
            counts.HitIf(change.Version > 0 && before != 0 && change.Lease == 0, KeyTakenOff);
        }
    }

    private void Note(KvCommand command, CommandResult result)
    {
        if (result.IsReplayed)
        {
            return;
        }

        switch (command)
        {
            case ExpireLeaseCommand:
                counts.HitIf(result.Result is LeaseEndedResult { DeletedCount: > 0 }, Expired);
                counts.HitIf(result.Status == CommandStatus.StaleTerm, OldTerm);
                break;
            case RevokeLeaseCommand:
                counts.HitIf(result.Result is LeaseEndedResult { DeletedCount: > 0 }, Revoked);
                counts.HitIf(result.Status == CommandStatus.LeaseNotFound, RevokedTwice);
                break;
            case GrantLeaseCommand:
                counts.HitIf(result.Status == CommandStatus.LeaseExists, IdTaken);
                break;
            default:
                counts.HitIf(result.Status == CommandStatus.LeaseNotFound, PutRefused);
                break;
        }
    }

    private void NoteLost(ReachStory story, List<LogEntry> committed)
    {
        foreach ((LeaseId lease, EntryId entry, long atUs) in _proposed)
        {
            long index = entry.Index.Value;
            if (index <= committed.Count && committed[(int)index - 1].Id == entry)
            {
                continue;
            }

            counts.Hit(Lost);
            counts.HitIf(story.Asks.Exists(ask => ask.InvokedAtUs > atUs && Renewed(ask, lease)), LostAndKept);
        }
    }

    private static bool Renewed(LeaseAsk ask, LeaseId lease) =>
        ask.IsRenewal && ask.Times is { } times && times.Any(t => t.Lease == lease && t.Lives);

    private void NoteAsks(List<LeaseAsk> asks)
    {
        var unknown = new HashSet<LeaseId>();
        foreach (LeaseAsk ask in asks)
        {
            if (!ask.IsRenewal)
            {
                continue;
            }

            LeaseId lease = ask.Leases[0];
            counts.HitIf(ask.Times is { } times && !times[0].Lives, KeepaliveGone);
            counts.HitIf(ask.Times is { } lived && lived[0].Lives && unknown.Remove(lease), KeptAfterUnknown);
            if (ask.Outcome == OperationOutcome.Unknown)
            {
                counts.Hit(KeepaliveUnknown);
                unknown.Add(lease);
            }
        }
    }

    private void NoteLives(ReachStory story)
    {
        var ids = new HashSet<long>();
        foreach (NaiveLease life in story.Replayed.Leases)
        {
            counts.HitIf(!ids.Add(life.Id), IdAgain);
            int leaders = 0;
            foreach (LogEntry noop in story.Noops)
            {
                leaders += noop.Index.Value > life.GrantedIndex && noop.Index.Value < life.EndedIndex ? 1 : 0;
            }

            counts.HitIf(leaders > 0, Retimed);
            counts.HitIf(leaders > 1, Many);
        }
    }
}
