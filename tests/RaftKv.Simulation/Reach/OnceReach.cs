using RaftKv.Core.Raft.Log;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Commands under idempotency keys, or numbers of client sessions, that were sent more than once.</summary>
internal sealed class OnceReach(ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("idempotency keys");

    private static readonly ReachState Repeated = Theme.Add("repeat-answered", "a repeat was answered from the table of first answers");
    private static readonly ReachState FromSnapshot =
        Theme.Add("repeat-answered-from-snapshot", "a repeat was answered by a node that has the first answer from a snapshot");
    private static readonly ReachState OtherTerm =
        Theme.Add("repeat-after-leader-change", "a repeat came into the log under a later leader");
    private static readonly ReachState OfRefusal =
        Theme.Add("repeat-of-refusal", "the first answer was a refusal, and so is the repeat's");
    private static readonly ReachState Resolved =
        Theme.Add("repeat-resolved-unknown", "a repeat told the client what had become of its first try");
    private static readonly ReachState OtherPayload =
        Theme.Add("repeat-with-other-payload", "another command under a known key was refused");
    private static readonly ReachState Expired = Theme.Add("repeat-after-expiry", "a key was forgotten by age, and its command ran anew");
    private static readonly ReachState SessionRepeated =
        Theme.Add("session-repeat-answered", "a repeat was answered from its client session");
    private static readonly ReachState OutOfOrder =
        Theme.Add("session-out-of-order", "a number of a client session ran first after a higher one");
    private static readonly ReachState BelowFloor =
        Theme.Add("session-below-floor", "a repeat of what had run and was acknowledged was refused");
    private static readonly ReachState SessionGone =
        Theme.Add("session-gone", "a repeat of what had run was refused, its client session being gone");
    private static readonly ReachState SessionDropped =
        Theme.Add("session-dropped", "a full table dropped the client session that was idle longest");
    private static readonly ReachState SessionDroppedForBytes =
        Theme.Add("session-dropped-for-bytes", "client sessions held too many bytes, and the one that was idle longest was dropped");
    private static readonly ReachState SessionFull =
        Theme.Add("session-full", "a client session kept as many answers as it may, and a new number was refused");
    private static readonly ReachState ShareFull = Theme.Add("share-full", "a new key was refused, its owner's share being full");
    private static readonly ReachState BornTooLongAgo =
        Theme.Add("born-too-long-ago", "a repeat whose key says when it was born was refused, its answer being gone");
    private static readonly ReachState DigestTold =
        Theme.Add("digest-told", "a repeat learned that the first one was applied, and no more");
    private static readonly ReachState TimeMoved = Theme.Add("cluster-time-moved", "a leader moved the cluster time on by itself");

    private readonly List<(int Node, int Life, long Index)> _loads = [];

    /// <summary>A node took a store over, from its own snapshot or from a leader's.</summary>
    public void Loaded(SimulatedNode node, long index) => _loads.Add((node.Position, node.Life, index));

    public void End(ReachStory story)
    {
        var firsts = new Dictionary<string, LogEntry>();
        var forgettable = new HashSet<string>();
        var highest = new Dictionary<ClientSessionId, long>();
        foreach ((LogEntry entry, KvCommand command) in story.Commands)
        {
            CommandResult result = story.ResultOf(entry);
            if (OnceNames.Of(command) is not { } name)
            {
                counts.HitIf(command is AdvanceTimeCommand && IsOwn(entry), TimeMoved);
                continue;
            }

            counts.HitIf(result.Status == CommandStatus.IdempotencyReused, OtherPayload);
            counts.HitIf(result.Status == CommandStatus.Overloaded && command.Idempotency is not null, ShareFull);
            counts.HitIf(result.Status == CommandStatus.SessionFull, SessionFull);
            counts.HitIf(result.Status == CommandStatus.SessionUnknown && firsts.ContainsKey(name), SessionGone);
            counts.HitIf(
                result.Status == CommandStatus.IdempotencyExpired && firsts.ContainsKey(name),
                command.Session is { Sequence: > 0 } ? BelowFloor : BornTooLongAgo);
            if (result.IsReplayed)
            {
                // The end of a client session that was not there is an answer too, and kept under a key.
                if (!firsts.TryGetValue(name, out LogEntry first))
                {
                    continue;
                }

                counts.Hit(command.Session is { Sequence: > 0 } ? SessionRepeated : Repeated);
                counts.HitIf(first.Term != entry.Term, OtherTerm);
                counts.HitIf(result.Status == CommandStatus.AnswerNotKept, DigestTold);
                counts.HitIf(result.Status is not (CommandStatus.Ok or CommandStatus.AnswerNotKept), OfRefusal);
                NoteAnswer(story, entry, first);
            }
            else if (OnceNames.IsAnswer(result))
            {
                counts.HitIf(firsts.ContainsKey(name) && !forgettable.Contains(name), Expired);
                firsts[name] = entry;
                forgettable.Remove(name);
                if (command.Session is { Sequence: > 0 } stamp)
                {
                    counts.HitIf(stamp.Sequence < highest.GetValueOrDefault(stamp.Id), OutOfOrder);
                    highest[stamp.Id] = Math.Max(stamp.Sequence, highest.GetValueOrDefault(stamp.Id));
                }
            }
            else if (!firsts.ContainsKey(name))
            {
                forgettable.Add(name);
            }
        }

        counts.HitIf(story.Replayed.Once.Dropped > story.Replayed.Once.DroppedForBytes, SessionDropped);
        counts.HitIf(story.Replayed.Once.DroppedForBytes > 0, SessionDroppedForBytes);
    }

    private void NoteAnswer(ReachStory story, LogEntry entry, LogEntry first)
    {
        ClientOperation? repeat = story.OperationOf(entry);
        if (repeat is not { Outcome: OperationOutcome.Ok })
        {
            return;
        }

        (long from, long to) = (first.Index.Value, entry.Index.Value);
        counts.HitIf(
            _loads.Exists(l => l.Node == repeat.Node && l.Life == repeat.Life && l.Index >= from && l.Index < to), FromSnapshot);
        counts.HitIf(story.OperationOf(first) is { Outcome: OperationOutcome.Unknown }, Resolved);
    }

    private static bool IsOwn(LogEntry entry) =>
        Core.Replica.Proposals.CommandEnvelope.TryRead(entry.Payload.Span, out _, out _, out long number) && number == 0;
}
