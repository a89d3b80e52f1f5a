using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Snapshot;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Checking;

/// <remarks>
/// A restored cluster's log goes on behind the backup's last entry: what the old cluster committed up to there is its past, and
/// the restore is the next entry, which no node ever sends.
/// </remarks>
internal sealed partial class RaftObserver
{
    /// <summary>The last index that was there before the first node was started; 0 where nothing was.</summary>
    public int BaseIndex { get; private set; }

    /// <summary>True time at which an entry was first in anybody's log.</summary>
    public long SeenAtUs(EntryId entry) => _entries.GetValueOrDefault((entry.Term.Value, entry.Index.Value)).SeenAtUs;

    /// <summary>The highest index that a node has applied in any of its lives.</summary>
    public long MostAppliedBy(SimulatedNode node) => _memory[node.Position].MostApplied;

    /// <summary>What the store makes of the next entry of a log; its answer to a command.</summary>
    internal static CommandResult? Replay(MvccStore store, LogEntry entry)
    {
        switch (entry.Kind)
        {
            case EntryKind.Command:
                return store.Apply(entry.Index, entry.Payload[CommandEnvelope.HeaderBytes..], entry.Term);
            case EntryKind.Noop:
                store.Begin(entry.Index, entry.Payload.Span);
                return null;
            default:
                store.Skip(entry.Index);
                return null;
        }
    }

    private MvccStore BeginWith(Heritage? heritage)
    {
        MvccStore store = heritage is null ? new MvccStore() : GoOnFrom(heritage);
        StateHashes.Add(store.View.StateHash);
        return store;
    }

    private MvccStore GoOnFrom(Heritage heritage)
    {
        Past past = heritage.Past;
        int saved = past.Entries.Count;
        BaseIndex = saved + 1;
        Committed.AddRange(past.Entries);
        StateHashes.AddRange(past.StateHashes);
        Results.AddRange(past.Results);
        CommittedAtUs.AddRange(past.CommittedAtUs);
        ProposedAtUs.AddRange(past.ProposedAtUs);

        // Terms begin anew: whoever leads first is of a later one than all of this.
        CommittedInTerm.AddRange(Enumerable.Repeat(heritage.Base.Term.Value, saved + 1));
        Committed.Add(new LogEntry(heritage.Base, EntryKind.Membership, default));
        Results.Add(null);
        CommittedAtUs.Add(_cluster.NowUs);
        ProposedAtUs.Add(_cluster.NowUs);
        Versions.Began(heritage.State.ClusterVersion);
        return StoreSnapshot.Decode(heritage.Blocks);
    }
}
