namespace RaftKv.Core.Replica;

public sealed partial class ReplicaCore
{
    /// <summary>
    /// Ticks after which the next round is due when nothing arrives: 1 while somebody waits or work is to be paced, up to a
    /// heartbeat when all is quiet. To be asked after <see cref="TakeEffects"/>.
    /// </summary>
    public int RestTicks
    {
        get
        {
            bool isBusy = _isDirty || HasMore || _proposals.Count > 0 || _reads.Count > 0 || _reads.IsAsking || _reads.HasWaiting
                || _refresher.IsOn || _leases.Count > 0 || _store.WantsCompactSlice;
            int due = isBusy ? 1 : Raft.RestTicks;
            return due > 1 && _leaseClock.IsRunning ? _leaseClock.TicksUntilPlace(_now, due) : due;
        }
    }
}
