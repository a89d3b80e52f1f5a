using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Doors.Etcd.Coordination;

/// <summary>A place in the queue under a name.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Pair">The key as it was when the place was taken or found.</param>
/// <param name="SeenAt">The store's revision then.</param>
internal sealed record LockPlace(byte[] Key, KeyValue Pair, Revision SeenAt)
{
    /// <summary>Names the place for ever: the key's create revision.</summary>
    public Revision Revision => Pair.CreateRevision;

    /// <summary>Gives the place up, and no other one under the same key.</summary>
    public MutateCommand ToLeave() => new(
        new DeleteRangeOp(KeyRange.Single(Key)),
        new Compare(KeyRange.Single(Key), CompareTarget.CreateRevision, CompareOperator.Equal, Revision.Value, default));
}
