using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>A cluster whose version is raised while it is in use.</summary>
internal sealed class VersionReach(SimulatedCluster cluster, ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("cluster version");

    private static readonly ReachState RaisedMidway =
        Theme.Add("version-raised-midway", "the cluster's version was raised behind commands of clients");
    private static readonly ReachState RaisedWhileNeeded =
        Theme.Add("version-raised-while-needed", "a command that the version did not allow waited, and ran once it was raised");
    private static readonly ReachState RaisedWhileDown =
        Theme.Add("version-raised-while-down", "the version was raised while a member was down that had said to support it");
    private static readonly ReachState SnapshotBefore =
        Theme.Add("version-met-behind-snapshot", "a node met the raise after it had begun from a snapshot of the version before");

    private static readonly ReachState Back =
        Theme.Add("build-rolled-back", "a node was started with the build before, after it had run this one");
    private static readonly ReachState AllBack =
        Theme.Add("build-rolled-back-on-all", "all nodes had gone back to the build before");
    private static readonly ReachState RaisedAfterBack =
        Theme.Add("version-raised-after-rollback", "the version was raised after a node had gone back to the build before");
    private static readonly ReachState MetRaise =
        Theme.Add("old-build-meets-raise", "a node with the build before met a raise and ended; the other build took its disk over");
    private static readonly ReachState JoinedTooOld =
        Theme.Add("old-build-joins-too-late", "an empty node with the build before was sent what it does not know, and ended");
    private static readonly ReachState RestoredOld =
        Theme.Add("version-raised-after-restore", "a cluster began anew with the build before, and was upgraded later");
    private static readonly ReachState ChangedMidway =
        Theme.Add("members-changed-amid-upgrade", "a membership was committed while nodes of two builds ran");
    private readonly List<(long Index, long AtUs)> _raises = [];
    private readonly HashSet<long> _loads = [];

    /// <summary>An entry is committed for the first time.</summary>
    public void Committed(LogEntry entry)
    {
        counts.HitIf(entry.Kind == EntryKind.Membership && cluster.Builds.IsMixed, ChangedMidway);
        if (entry.Kind == EntryKind.Command && IsRaise(entry))
        {
            _raises.Add((entry.Index.Value, cluster.NowUs));
            counts.HitIf(cluster.Builds.HasGoneBack, RaisedAfterBack);
            counts.HitIf(cluster.Builds.HasRestoredOld, RestoredOld);
            counts.HitIf(Array.Exists(cluster.Nodes, static node => !node.IsUp), RaisedWhileDown);
        }
    }

    public void WentBack() => counts.Hit(Back);

    public void AllWentBack(bool isTrue) => counts.HitIf(isTrue, AllBack);

    /// <param name="isEmpty">It had nothing yet.</param>
    public void EndedTooOld(bool isEmpty) => counts.Hit(isEmpty ? JoinedTooOld : MetRaise);

    /// <summary>A node took a store over, from its own snapshot or from a leader's.</summary>
    public void Loaded(long index) => _loads.Add(index);

    public void End(ReachStory story)
    {
        foreach ((long index, long atUs) in _raises)
        {
            counts.HitIf(_loads.Any(load => load > 0 && load < index), SnapshotBefore);
            bool isMidway = false;
            foreach ((LogEntry entry, KvCommand _) in story.Commands)
            {
                isMidway |= entry.Index.Value < index && story.OperationOf(entry) is not null;
                if (entry.Index.Value > index && NeedsMoreThan(story.VersionBefore(index), entry)
                    && story.OperationOf(entry) is { } operation && operation.InvokedAtUs < atUs)
                {
                    counts.Hit(RaisedWhileNeeded);
                    break;
                }
            }

            counts.HitIf(isMidway, RaisedMidway);
        }
    }

    private static bool NeedsMoreThan(int version, LogEntry entry) => Body(entry)[0] > version;

    private static bool IsRaise(LogEntry entry) => VersionChecker.VersionIn(entry) is not null;

    private static ReadOnlySpan<byte> Body(LogEntry entry) => entry.Payload.Span[CommandEnvelope.HeaderBytes..];
}
