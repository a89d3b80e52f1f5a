using RaftKv.Core;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>How reads of each level were served, and what rounds and leases went through.</summary>
internal sealed class ReadReach
{
    public static readonly ReachTheme Theme = new("reads");

    private static readonly ReachState?[,] ByLevel = MakeLevels();
    private static readonly ReachState GaveUp =
        Theme.Add("read-wait-given-up", "a read waited for a revision or all voters until its client went away");
    private static readonly ReachState LeaseOver =
        Theme.Add("lease-read-refused-by-time", "a lease read met a leader whose lease was over by its own clock");
    private static readonly ReachState BeforeNoop =
        Theme.Add("read-before-first-commit", "a read index was asked of a leader that had committed nothing in its term yet");
    private static readonly ReachState AfterChange =
        Theme.Add("read-round-of-former-leader", "a read was confirmed by a leader of an older term than the reader is in");
    private static readonly ReachState RefusedByLeader =
        Theme.Add("read-round-refused", "a node that lost its lead, or never had it, refused a read index");
    private static readonly ReachState RoundsAtOnce =
        Theme.Add("read-rounds-at-once", "a leader sent a heartbeat while it had more than one read round under way");
    private static readonly ReachState Compacted = Theme.Add("read-of-compacted", "a read asked for a revision that is compacted");
    private static readonly ReachState AtCompaction = Theme.Add("read-at-compaction", "a read asked for exactly the compacted revision");
    private static readonly ReachState Future = Theme.Add("read-of-future", "a read asked for a revision that its view did not have");

    private readonly ReachCounts _counts;

    public ReadReach(ReachCounts counts) => _counts = counts;

    public void Served(ClientOperation read, ReadPoint point)
    {
        Note(read);
        ReadStatus status = read.Read!.Status;
        _counts.HitIf(status == ReadStatus.Compacted, Compacted);
        _counts.HitIf(status == ReadStatus.FutureRevision, Future);
        Revision compacted = point.View.CompactedRevision;
        _counts.HitIf(compacted.Value > 0 && read.Request!.Revision == compacted, AtCompaction);
    }

    public void Refused(ClientOperation read)
    {
        read.Path = ReadPath.Refused;
        Note(read);
    }

    public void GivenUp(ClientOperation read) => _counts.HitIf(read.Path == ReadPath.Waited, GaveUp);

    /// <summary>The planner wants a barrier.</summary>
    public void MustConfirm(SimulatedNode node, ClientOperation read, ReadPoint point)
    {
        read.Path = node.Replica!.Role == Role.Leader ? ReadPath.Confirmed : ReadPath.Forwarded;
        _counts.HitIf(read.Terms.Level == ReadLevel.Lease && point.LeaderLeaseUntil is not null, LeaseOver);
    }

    public void Received(SimulatedNode node, ReadIndexRequest request)
    {
        bool leads = node.Replica!.Role == Role.Leader && request.Term == node.Replica.Term;
        _counts.HitIf(leads && !ReplicaProbe.HasCommittedInTerm(node.Replica), BeforeNoop);
    }

    public void HeartbeatSent(SimulatedNode node) =>
        _counts.HitIf(ReplicaProbe.ReadRoundsUnderWay(node.Replica!) > 1, RoundsAtOnce);

    public void Received(SimulatedNode node, ReadIndexResponse response)
    {
        _counts.HitIf(response.IsGranted && response.Term < node.Replica!.Term, AfterChange);
        _counts.HitIf(!response.IsGranted, RefusedByLeader);
    }

    private void Note(ClientOperation read)
    {
        if (ByLevel[(int)read.Terms.Level, (int)read.Path] is { } state)
        {
            _counts.Hit(state);
        }
    }

    private static ReachState?[,] MakeLevels()
    {
        var states = new ReachState?[(int)ReadLevel.All + 1, (int)ReadPath.Refused + 1];
        ReadPath[] confirming = [ReadPath.Confirmed, ReadPath.Forwarded, ReadPath.Refused];
        AddLevel(states, ReadLevel.Linearizable, "linearizable", confirming);
        AddLevel(states, ReadLevel.Lease, "lease", [ReadPath.Local, .. confirming]);
        AddLevel(states, ReadLevel.All, "all", [ReadPath.Waited, .. confirming]);
        AddLevel(states, ReadLevel.Bounded, "bounded", [ReadPath.Local, .. confirming]);
        AddLevel(states, ReadLevel.Sequential, "sequential", [ReadPath.Local, ReadPath.Waited]);
        AddLevel(states, ReadLevel.Causal, "causal", [ReadPath.Local, ReadPath.Waited]);
        AddLevel(states, ReadLevel.Session, "session", [ReadPath.Local, ReadPath.Waited]);
        AddLevel(states, ReadLevel.ReadYourWrites, "read-your-writes", [ReadPath.Local, ReadPath.Waited]);
        AddLevel(states, ReadLevel.MonotonicReads, "monotonic", [ReadPath.Local, ReadPath.Waited]);
        AddLevel(states, ReadLevel.ConsistentPrefix, "prefix", [ReadPath.Local]);
        AddLevel(states, ReadLevel.Eventual, "eventual", [ReadPath.Local]);
        return states;
    }

    private static void AddLevel(ReachState?[,] states, ReadLevel level, string name, ReadPath[] paths)
    {
        foreach (ReadPath path in paths)
        {
            (string word, string meaning) = path switch
            {
                ReadPath.Local => ("local", "was served from what the node had"),
                ReadPath.Waited => ("waited", "waited for a revision, or for all voters, and was served"),
                ReadPath.Confirmed => ("confirmed", "was served by a leader after a round or under its lease"),
                ReadPath.Forwarded => ("forwarded", "was served by a node that asked its leader"),
                ReadPath.Refused => ("refused", "was refused"),
                _ => Check.Unreachable<(string, string)>(path),
            };
            states[(int)level, (int)path] = Theme.Add($"read-{name}-{word}", $"a read of level {name} {meaning}");
        }
    }
}
