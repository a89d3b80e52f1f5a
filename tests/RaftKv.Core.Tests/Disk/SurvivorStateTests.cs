using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using static RaftKv.Core.Tests.Disk.WalBench;

namespace RaftKv.Core.Tests.Disk;

/// <summary>What a survivor of a lost majority goes on with.</summary>
public sealed class SurvivorStateTests
{
    private static readonly Membership Founders = new([Self, new NodeId(0xB2), new NodeId(0xB3)]);

    [Fact]
    public void The_log_counts_to_its_end_and_not_to_the_commit_index()
    {
        var device = new CrashDevice();
        Write(device, commit: 1, Put(1, 1), Put(1, 2), Put(3, 3));
        SurvivorState state = Load(device);
        Assert.Equal(Id(3, 3), state.Info.LastEntry);
        Assert.Equal(3, state.Store.View.AppliedIndex.Value);
        Assert.NotNull(state.Store.View.Get(Key(3)));
        Assert.True(Founders.IsSameAs(state.Info.Membership));
    }

    [Fact]
    public void The_log_goes_on_from_the_snapshot_and_the_last_membership_in_it_counts()
    {
        var device = new CrashDevice();
        Membership next = new([Self, new NodeId(0xB4)]);
        ReplicaDisk disk = Write(device, commit: 2, Put(1, 1), Put(1, 2));
        var store = new MvccStore();
        LogReplay.Apply(store, Put(1, 1));
        LogReplay.Apply(store, Put(1, 2));
        disk.WriteSnapshot(new SnapshotInfo(Id(1, 2), Founders), store.Publish());
        var entry = new LogEntry(Id(1, 3), EntryKind.Membership, MembershipCodec.Encode(next));
        disk.Append(new PersistBatch(2, null, [entry, Put(1, 4)], null));
        disk.Sync();
        disk.Close();
        SurvivorState state = Load(device);
        Assert.Equal(Id(1, 4), state.Info.LastEntry);
        Assert.True(next.IsSameAs(state.Info.Membership));
        Assert.NotNull(state.Store.View.Get(Key(1)));
        Assert.NotNull(state.Store.View.Get(Key(4)));
    }

    [Fact]
    public void A_log_with_a_gap_behind_the_snapshot_is_none() =>
        Assert.ThrowsAny<Exception>(() => SurvivorState.After(new MvccStore(), Founders, Id(1, 3), [Put(1, 1), Put(1, 3)]));

    private static SurvivorState Load(IStorageDevice device) => SurvivorState.Load(device, Cluster, Self, Founders);

    private static ReplicaDisk Write(IStorageDevice device, long commit, params LogEntry[] entries)
    {
        ReplicaDiskTests.Open(device, out ReplicaDisk disk);
        disk.Append(new PersistBatch(1, null, entries, State(entries[^1].Term.Value, vote: 0, commit)));
        disk.Sync();
        return disk;
    }

    private static LogEntry Put(long term, long index)
    {
        byte[] command = KvCommandCodec.Encode(new MutateCommand(new PutOp(Key(index), "1"u8.ToArray())));
        byte[] payload = new byte[CommandEnvelope.HeaderBytes + command.Length];
        CommandEnvelope.Write(payload, Self, 1, requestNumber: index);
        command.CopyTo(payload.AsSpan(CommandEnvelope.HeaderBytes));
        return new LogEntry(Id(term, index), EntryKind.Command, payload);
    }

    private static byte[] Key(long index) => [(byte)'k', (byte)index];
}
