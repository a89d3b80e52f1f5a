using RaftKv.Core;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;
using RaftKv.Core.Replica;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>The log on its way: what is appended, refused, cut off and committed, and how a leader sends.</summary>
internal sealed class ReplicationReach(SimulatedCluster cluster, ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("replication");

    private const int FarBehind = 10;

    private static readonly ReachState TruncatedOne = Theme.Add("conflict-cut-one", "an entry that contradicts the leader's was cut off");
    private static readonly ReachState TruncatedMany =
        Theme.Add("conflict-cut-many", "several entries that contradict the leader's were cut off");
    private static readonly ReachState MajorityOverwritten =
        Theme.Add("majority-entry-overwritten", "an entry was cut off that a majority had on disk (Raft figure 8, case d)");
    private static readonly ReachState ByHint =
        Theme.Add("append-rejected-by-hint", "a rejection's hint took the leader back by more than one entry");
    private static readonly ReachState OlderTerm =
        Theme.Add("older-term-committed", "an entry of an older term was committed by one of the leader's own (Raft 5.4.2)");
    private static readonly ReachState BeforeOwnSync =
        Theme.Add("committed-before-own-sync", "a leader committed an entry that its own disk did not have yet");
    private static readonly ReachState Repeated =
        Theme.Add("append-of-committed", "an append came again whose entries were committed long ago");
    private static readonly ReachState Shorter = Theme.Add("append-shorter-than-log", "an append ended before the follower's log does");
    private static readonly ReachState Stale = Theme.Add("message-of-old-leader", "a node answered a leader whose term was over");
    private static readonly ReachState Pipelined =
        Theme.Add("appends-pipelined", "a second append went out before the first was answered");
    private static readonly ReachState WindowFull =
        Theme.Add("append-window-full", "entries waited since too many appends were unanswered");
    private static readonly ReachState FellBack = Theme.Add("pipeline-fell-back", "a leader went from pipelining back to probing");
    private static readonly ReachState Found =
        Theme.Add("probe-found-place", "a probe was accepted, and appends are pipelined from then on");
    private static readonly ReachState NeedsSnapshot =
        Theme.Add("follower-needs-snapshot", "a follower needs entries that are compacted away");
    private static readonly ReachState LearnerBehind = Theme.Add("learner-catching-up", "a learner that was far behind has caught up");
    private static readonly ReachState FollowerBehind = Theme.Add("voter-catching-up", "a voter that was far behind has caught up");

    private readonly ProgressState[] _states = new ProgressState[cluster.Profile.NodeCount * cluster.Profile.NodeCount];
    private readonly int[] _inflight = new int[cluster.Profile.NodeCount * cluster.Profile.NodeCount];
    private readonly bool[] _isFarBehind = new bool[cluster.Profile.NodeCount];
    private readonly long[] _leaderTerm = new long[cluster.Profile.NodeCount];

    public void Stepped(SimulatedNode node, ReplicaCore replica, in RaftPicture now)
    {
        if (now.Role == Role.Leader)
        {
            LookAtFollowers(node, replica, now);
        }

        long committed = cluster.Observer.Committed.Count;
        ref bool isBehind = ref _isFarBehind[node.Position];
        if (now.LastIndex + FarBehind < committed)
        {
            isBehind = true;
        }
        else if (isBehind && now.CommitIndex == committed)
        {
            isBehind = false;
            counts.Hit(node.Position < cluster.Profile.VoterCount ? FollowerBehind : LearnerBehind);
        }
    }

    /// <summary>Before the batch is in the node's log.</summary>
    public void BatchAsked(SimulatedNode node, PersistBatch batch)
    {
        long cut = batch.Entries.Count == 0 || batch.LogStart is not null ? 0 : node.Log.LastIndex - batch.Entries[0].Index + 1;
        if (cut <= 0)
        {
            return;
        }

        counts.Hit(cut == 1 ? TruncatedOne : TruncatedMany);
        LogEntry first = node.Log.At(batch.Entries[0].Index.Value)!.Value;
        int holders = 0;
        for (int i = 0; i < cluster.Profile.VoterCount; i++)
        {
            holders += cluster.Nodes[i].Durable.Log.TermAt(first.Index.Value) == first.Term.Value ? 1 : 0;
        }

        counts.HitIf(holders > cluster.Profile.VoterCount / 2, MajorityOverwritten);
    }

    public void Committed(SimulatedNode node, LogEntry entry, long term)
    {
        counts.HitIf(entry.Term.Value < term, OlderTerm);
        counts.HitIf(!node.Durable.Holds(entry.Id), BeforeOwnSync);
    }

    public void Received(SimulatedNode node, AppendRequest request)
    {
        if (request.Term < node.Replica!.Term)
        {
            counts.Hit(Stale);
        }
        else if (request.Entries.Count > 0)
        {
            long last = request.Previous.Index.Value + request.Entries.Count;
            counts.HitIf(last < node.Replica.View.AppliedIndex.Value, Repeated);
            counts.HitIf(last < node.Log.LastIndex.Value && node.Log.TermAt(last) == request.Entries[^1].Term.Value, Shorter);
        }
    }

    public void Received(SimulatedNode node, Heartbeat heartbeat) => counts.HitIf(heartbeat.Term < node.Replica!.Term, Stale);

    public void Received(SimulatedNode node, AppendRejected response)
    {
        ReplicaCore replica = node.Replica!;
        counts.HitIf(
            replica.Role == Role.Leader && response.Term == replica.Term && response.Hint.Index < response.Previous + -1, ByHint);
    }

    private void LookAtFollowers(SimulatedNode node, ReplicaCore replica, in RaftPicture now)
    {
        IReadOnlyList<Progress> followers = ReplicaProbe.Followers(replica);
        bool isNew = _leaderTerm[node.Position] != now.Term;
        _leaderTerm[node.Position] = now.Term;
        for (int i = 0; i < followers.Count; i++)
        {
            Progress progress = followers[i];
            int place = (node.Position * cluster.Profile.NodeCount) + cluster.PositionOf(progress.Node);
            (ProgressState was, int before) = isNew ? (ProgressState.Probe, 0) : (_states[place], _inflight[place]);
            int inflight = progress.InflightCount;
            if (was != progress.State)
            {
                counts.Hit(progress.State switch
                {
                    ProgressState.Snapshot => NeedsSnapshot,
                    ProgressState.Replicate => Found,
                    _ => FellBack,
                });
            }

            counts.HitIf(inflight > 1 && before <= 1, Pipelined);
            int window = cluster.Profile.MaxInflightAppends;
            counts.HitIf(inflight == window && before < window && progress.NextIndex.Value <= now.LastIndex, WindowFull);
            _states[place] = progress.State;
            _inflight[place] = inflight;
        }
    }
}
