using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
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

    private readonly List<(long Index, long AtUs)> _raises = [];
    private readonly HashSet<long> _loads = [];

    /// <summary>An entry is committed for the first time.</summary>
    public void Committed(LogEntry entry)
    {
        if (entry.Kind == EntryKind.Command && IsRaise(entry))
        {
            _raises.Add((entry.Index.Value, cluster.NowUs));
            counts.HitIf(Array.Exists(cluster.Nodes, static node => !node.IsUp), RaisedWhileDown);
        }
    }

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

    private static bool IsRaise(LogEntry entry) => Body(entry) is [1, (byte)CommandKind.SetClusterVersion, _];

    private static ReadOnlySpan<byte> Body(LogEntry entry) => entry.Payload.Span[CommandEnvelope.HeaderBytes..];
}
