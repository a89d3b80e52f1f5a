using RaftKv.Core.Raft.Log;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Commands under idempotency keys that were sent more than once.</summary>
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
    private static readonly ReachState TimeMoved = Theme.Add("cluster-time-moved", "a leader moved the cluster time on by itself");

    private readonly List<(int Node, int Life, long Index)> _loads = [];

    /// <summary>A node took a store over, from its own snapshot or from a leader's.</summary>
    public void Loaded(SimulatedNode node, long index) => _loads.Add((node.Position, node.Life, index));

    public void End(ReachStory story)
    {
        var firsts = new Dictionary<string, LogEntry>();
        var forgettable = new HashSet<string>();
        foreach ((LogEntry entry, KvCommand command) in story.Commands)
        {
            CommandResult result = story.ResultOf(entry);
            if (command.Idempotency is not { } keyed)
            {
                counts.HitIf(command is AdvanceTimeCommand && IsOwn(entry), TimeMoved);
                continue;
            }

            string key = Convert.ToHexString(keyed.Key.Span);
            if (result.Status == CommandStatus.IdempotencyReused)
            {
                counts.Hit(OtherPayload);
            }
            else if (result.IsReplayed)
            {
                LogEntry first = firsts[key];
                counts.Hit(Repeated);
                counts.HitIf(first.Term != entry.Term, OtherTerm);
                counts.HitIf(result.Status != CommandStatus.Ok, OfRefusal);
                NoteAnswer(story, entry, first);
            }
            else
            {
                counts.HitIf(firsts.ContainsKey(key) && !forgettable.Contains(key), Expired);
                firsts[key] = entry;
                if (result.Status is CommandStatus.QueueFull or CommandStatus.Overloaded)
                {
                    forgettable.Add(key);
                }
                else
                {
                    forgettable.Remove(key);
                }
            }
        }
    }

    private void NoteAnswer(ReachStory story, LogEntry entry, LogEntry first)
    {
        ClientOperation? repeat = OperationOf(story, entry);
        if (repeat is not { Outcome: OperationOutcome.Ok })
        {
            return;
        }

        (long from, long to) = (first.Index.Value, entry.Index.Value);
        counts.HitIf(
            _loads.Exists(l => l.Node == repeat.Node && l.Life == repeat.Life && l.Index >= from && l.Index < to), FromSnapshot);
        counts.HitIf(OperationOf(story, first) is { Outcome: OperationOutcome.Unknown }, Resolved);
    }

    private static ClientOperation? OperationOf(ReachStory story, LogEntry entry) =>
        Core.Replica.Proposals.CommandEnvelope.TryRead(entry.Payload.Span, out _, out _, out long number) && number > 0
            ? story.Operations[(int)number - 1]
            : null;

    private static bool IsOwn(LogEntry entry) =>
        Core.Replica.Proposals.CommandEnvelope.TryRead(entry.Payload.Span, out _, out _, out long number) && number == 0;
}
