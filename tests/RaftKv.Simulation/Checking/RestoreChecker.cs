using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Snapshot;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// Trap 16, on the states that worlds get into: the cluster is lost, and one is founded from what a node held at some moment
/// before, on disks whose power fails amid the founding. Whatever the old one handed out, also after that moment, means
/// nothing in it; whatever it hands out itself was never handed out before.
/// </summary>
internal sealed class RestoreChecker(StoreView backup, StoreView newest, DeterministicRandom random)
{
    private const ulong ClusterId = 0x5245_5354;
    private const int BlockBytes = 4096;
    private const int MostPowerCuts = 4;
    private readonly WalOptions _wal = new() { SegmentBytes = WalOptions.MinSegmentBytes };

    /// <summary>How often the power failed amid a founding.</summary>
    public int PowerCuts { get; private set; }

    /// <summary>Does all of it; throws <see cref="SimulationViolationException"/>.</summary>
    public void Check()
    {
        bool keepsLeases = random.Chance(300);
        var terms = new RestoreTerms(RestoreTerms.BeginAt(backup.Revision, random.Next(2) * 30_000_000L), keepsLeases);
        byte[][] image = Restored(terms);
        byte[][] again = Restored(terms);
        Demand(image.Length == again.Length && image.Zip(again).All(static pair => pair.First.AsSpan().SequenceEqual(pair.Second)),
            "two founders that restore one backup begin with different states");

        var membership = new Membership([new NodeId(101), new NodeId(102), new NodeId(103)]);
        var stores = new List<MvccStore>();
        foreach (NodeId founder in membership.Voters)
        {
            stores.Add(Found(founder, membership, image));
        }

        CheckState(stores[0].View, terms);
        CheckTokens(stores, terms);
    }

    private byte[][] Restored(RestoreTerms terms)
    {
        MvccStore store = StoreSnapshot.Decode(StoreSnapshot.Encode(backup, BlockBytes));
        return [.. StoreSnapshot.Encode(store.RestoreAs(terms), BlockBytes).Select(static block => block.ToArray())];
    }

    // A founding that the power ends is begun again, and is whole then.
    private MvccStore Found(NodeId founder, Membership membership, byte[][] image)
    {
        var device = new SimulatedDevice(new DeterministicRandom(random.NextUInt64()));
        var info = new SnapshotInfo(new EntryId(DiskFounding.FirstTerm, backup.AppliedIndex.Next), membership);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                if (attempt < MostPowerCuts && random.Chance(700))
                {
                    device.CutPowerAfter(random.Next(60));
                }

                DiskFounding.Begin(device, _wal, ClusterId, founder, info, image.Select(static block => (ReadOnlyMemory<byte>)block));
                break;
            }
            catch (PowerCutException)
            {
                PowerCuts++;
                device.CutPower();
            }
        }

        // What is said to be founded outlives the next loss of power.
        device.Disarm();
        device.CutPower();
        (ReplicaDisk disk, RecoveredState recovered) = ReplicaDisk.Open(device, _wal with { IsLogExpected = true }, ClusterId, founder);
        disk.Dispose();
        Demand(recovered.Snapshot is { } snapshot && snapshot.Membership.IsSameAs(membership), "a founder begins with other members");
        Demand(recovered.Entries.Count == 0, "a founder begins with entries");
        return recovered.Store;
    }

    private void CheckState(StoreView restored, RestoreTerms terms)
    {
        Demand(
            restored.Revision == terms.Begin && restored.Revision > newest.Revision,
            $"begins at {restored.Revision}, {newest.Revision} was handed out");
        Demand(restored.CompactedRevision == terms.Begin && !restored.IsCompacting, "what was before is not compacted");
        Demand(restored.Incarnation == backup.Incarnation + 1, "the incarnation is the old one");
        Demand(restored.ClusterKey.IsEmpty, "what signed tokens of before is there still");
        Demand(restored.Once.Sessions == 0, "a client session of before is known");
        Demand(restored.LeaseCount == (terms.KeepsLeases ? backup.LeaseCount : 0), $"{restored.LeaseCount} leases live on");
        long kept = 0;
        foreach (KeyValue pair in backup.Range(new RangeRequest { Keys = KeyRange.All }).Pairs)
        {
            KeyValue? now = restored.Get(pair.KeySpan);
            bool isKept = terms.KeepsLeases || pair.Lease == default;
            kept += isKept ? 1 : 0;
            Demand(isKept == now is not null, $"a key {(isKept ? "is gone" : "of an ended lease is there")}");
            Demand(now is null || now.Value.Span.SequenceEqual(pair.Value.Span), "a key has another value");
            Demand(now is null || now.CreateRevision == pair.CreateRevision, "a key was created at another revision");
        }

        Demand(restored.KeyCount == kept, $"{restored.KeyCount} keys, {kept} should be there");
    }

    // Every queue there was is empty, or has the holders that it had; the next place in it has a token beyond all there were.
    private void CheckTokens(List<MvccStore> stores, RestoreTerms terms)
    {
        foreach (ReadOnlyMemory<byte> name in backup.ListLockNames(LockKind.Lock, default, 16))
        {
            LockQueue before = backup.GetLockQueue(LockKind.Lock, name);
            LockQueue after = stores[0].View.GetLockQueue(LockKind.Lock, name);
            Demand(
                terms.KeepsLeases
                    ? before.Entries.Select(static entry => entry.Token).SequenceEqual(after.Entries.Select(static entry => entry.Token))
                    : after.Entries.Count == 0,
                "a queue is neither as it was nor empty");
        }

        byte[] write = KvCommandCodec.Encode(new MutateCommand(new PutOp("restored"u8.ToArray(), "1"u8.ToArray())));
        foreach (MvccStore store in stores)
        {
            CommandResult first = store.Apply(store.AppliedIndex.Next, write);
            store.Publish();

            // Rights, quotas and alarms of before hold on, and may refuse it.
            long revision = terms.Begin.Value + (first.Status == CommandStatus.Ok ? 1 : 0);
            Demand(store.Revision == new Revision(revision), $"the first write is revision {store.Revision}");
            Demand(store.View.StateHash == stores[0].View.StateHash, "founders differ after the first write");
        }
    }

    private static void Demand(bool condition, string message)
    {
        if (!condition)
        {
            throw new SimulationViolationException("T16", $"restored: {message}");
        }
    }
}
