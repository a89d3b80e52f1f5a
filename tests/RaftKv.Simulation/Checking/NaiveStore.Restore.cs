using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Simulation.Checking;

/// <remarks>
/// What a restored cluster begins with, by the words of docs/adr/0011-restore-is-a-founding.md: the rest of this model is what
/// the old cluster had at the backup.
/// </remarks>
internal sealed partial class NaiveStore
{
    /// <param name="begin">The first revision of the new cluster.</param>
    /// <param name="index">Where the restore stands in the log.</param>
    public void Restore(long begin, bool keepsLeases, long index)
    {
        Index = index;
        _pending = begin;
        foreach (NaiveLease life in keepsLeases ? [] : _leases.Values.ToArray())
        {
            (life.EndedIndex, life.Reason) = (index, DeleteReason.Revoked);
            foreach (NaiveVersion version in _live.Values.Where(v => v.Lease == life.Id).ToArray())
            {
                Tombstone(version, DeleteReason.Revoked, life.Id);
            }

            _leases.Remove(life.Id);
        }

        (Revision, Compacted) = (begin, begin);
        Compactions.Add(begin);
        _hasClusterKey = false;

        // They are no members of the new cluster.
        _budgets.Clear();
        foreach ((AlarmKind, ulong Node) alarm in _raised.Keys.Where(static a => a.Item2 != 0).ToArray())
        {
            _raised.Remove(alarm);
        }

        Once.Restore();
        NoteLimit();
    }
}
