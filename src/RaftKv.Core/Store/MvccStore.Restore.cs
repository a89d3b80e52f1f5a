using System.Buffers.Binary;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store;

/// <remarks>
/// What becomes of a store when another cluster begins with it. Danger: 1. A backup is taken at revision 100. 2. The cluster
/// goes on to 150: a lock is granted with token 140, a client reads at 150, and a watch stands there. 3. The backup is
/// restored, and goes on at 101. Then the next lock has a smaller token than one that a resource has seen, the client's read
/// goes back, and the watch resumes behind changes that it never hears of. So the first revision lies past all of them, and
/// everything before it is compacted. See RestoreTests.
/// </remarks>
public sealed partial class MvccStore
{
    /// <summary>
    /// The state that the new cluster begins with, as if the restore were the next entry. The store itself is used up:
    /// write the view down and load it anew.
    /// </summary>
    public StoreView RestoreAs(RestoreTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        Check.That(!IsAmidCommand, "no store is restored amid a command", _underWay.Index.Value, AppliedIndex.Value);
        Check.That(terms.IsPast(_revision), "a restore begins past what was handed out", terms.Begin.Value, _revision.Value);
        ForgetOldCluster();
        if (!terms.KeepsLeases)
        {
            List<LeaseChange> leases = [];
            CollectLeases(leases);
            _executor.EndAtOnce(leases, new Revision(terms.Begin.Value - 1));
        }

        _revision = terms.Begin;
        CompactAll();
        AppliedIndex = AppliedIndex.Next;
        return Publish();
    }

    // Sessions and their answers: a client can't know what of its writes came after the backup, so it is told that its
    // session is unknown. The key that signs tokens: the old ones are forged now. What was said of members that are none.
    // Plain idempotency keys stay: a repeat of what is in the backup must not run twice.
    private static bool IsOfOldCluster(ReadOnlySpan<byte> key) => key[0] switch
    {
        SystemKeys.Session or SystemKeys.SessionAnswer => true,
        SystemKeys.Cluster => key.SequenceEqual(SystemKeys.ClusterKey),
        SystemKeys.Space => key[1] == (byte)'b',
        SystemKeys.Alarm => key[2..].ContainsAnyExcept((byte)0),
        _ => false,
    };

    private void ForgetOldCluster()
    {
        List<byte[]> obsolete = [];
        KeyTreeCursor cursor = new(_system.Root);
        for (bool isInside = cursor.MoveToAtOrAfter(default); isInside; isInside = cursor.MoveNext())
        {
            ReadOnlySpan<byte> key = ((KeyValue)cursor.Slot).KeySpan;
            if (IsOfOldCluster(key))
            {
                obsolete.Add(key.ToArray());
            }
        }

        for (int i = 0; i < obsolete.Count; i++)
        {
            _system.Remove(obsolete[i]);
        }

        Span<byte> incarnation = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(incarnation, _view.Incarnation + 1);
        _system.Set(SystemKeys.Incarnation, incarnation);
    }

    private void CompactAll()
    {
        CommandStatus status = _compactor.Start(_revision, _revision);
        Check.That(status == CommandStatus.Ok, "nothing is compacted as far as a new revision", _revision.Value, (long)status);
        long visits = long.MaxValue;
        long bytes = long.MaxValue;
        bool isDone = _compactor.RunSlice(ref visits, ref bytes, _whole);
        Check.That(isDone && !_compactor.State.IsPending, "what nothing cuts is done at once", visits, bytes);
    }
}
