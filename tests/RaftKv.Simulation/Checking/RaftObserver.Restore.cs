using RaftKv.Core.Raft.Log;
using RaftKv.Core.Store;
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

    private MvccStore BeginWith(Heritage? heritage)
    {
        MvccStore store = heritage is null ? new MvccStore() : GoOnFrom(heritage);
        StateHashes.Add(store.View.StateHash);
        return store;
    }

    private MvccStore GoOnFrom(Heritage heritage)
    {
        RaftObserver former = heritage.Former.Observer;
        int saved = (int)heritage.Backup.AppliedIndex.Value;
        BaseIndex = saved + 1;
        Committed.AddRange(former.Committed.Take(saved));
        StateHashes.AddRange(former.StateHashes.Take(saved + 1));
        Results.AddRange(former.Results.Take(saved));
        CommittedAtUs.AddRange(former.CommittedAtUs.Take(saved));
        ProposedAtUs.AddRange(former.ProposedAtUs.Take(saved));

        // Terms begin anew: whoever leads first is of a later one than all of this.
        CommittedInTerm.AddRange(Enumerable.Repeat(heritage.Base.Term.Value, saved + 1));
        Committed.Add(new LogEntry(heritage.Base, EntryKind.Membership, default));
        Results.Add(null);
        CommittedAtUs.Add(_cluster.NowUs);
        ProposedAtUs.Add(_cluster.NowUs);
        return StoreSnapshot.Decode(heritage.Blocks);
    }
}
