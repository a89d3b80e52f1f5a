using RaftKv.Core.Disk.Device;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>Each fault of the simulated disk does what it says, and nothing else.</summary>
public sealed class DiskFaultTests
{
    private const int Sector = SimulatedDevice.SectorBytes;

    private readonly long[] _struck = new long[DiskFaultClasses.Count];

    [Fact]
    public void Every_operation_can_fail_once_or_several_times()
    {
        SimulatedDevice device = Device(1);
        IStorageFile file = Whole(device, "a", 1);
        (DiskFault Fault, Action Operation)[] operations =
        [
            (DiskFault.WriteError, () => file.Write(0, Filled(Sector, 2))),
            (DiskFault.ReadError, () => file.Read(0, new byte[Sector])),
            (DiskFault.SyncError, file.Sync),
            (DiskFault.RenameError, () => device.Rename("a", "b")),
            (DiskFault.CreateError, () => device.Create("c", 0)),
            (DiskFault.DirectorySyncError, device.SyncDirectory),
        ];
        foreach ((DiskFault fault, Action operation) in operations)
        {
            device.Troubles.Fail(fault, times: 2);
            Assert.Throws<StorageFailedException>(operation);
            Assert.Throws<StorageFailedException>(operation);
            operation();
            Assert.Equal(2, _struck[(int)fault]);
        }
    }

    [Fact]
    public void A_write_that_fails_may_be_done_in_part()
    {
        var counts = new HashSet<int>();
        for (ulong seed = 0; seed < 30; seed++)
        {
            SimulatedDevice device = Device(seed);
            IStorageFile file = Whole(device, "a", 1);
            device.Troubles.Fail(DiskFault.WriteError, times: 1);
            Assert.Throws<StorageFailedException>(() => file.Write(0, Filled(Sector, 2)));
            byte[] bytes = Read(file, 0);
            int done = bytes.Count(b => b == 2);
            Assert.All(bytes[..done], b => Assert.Equal(2, b));
            counts.Add(done);
        }

        Assert.True(counts.Count > 5, "all, some and none of it");
    }

    [Fact]
    public void A_full_disk_takes_what_stands_within_a_file_and_nothing_that_grows_one()
    {
        SimulatedDevice device = Device(1);
        IStorageFile file = Whole(device, "a", 1);
        device.Troubles.Fill(freeBytes: 100);

        file.Write(0, Filled(Sector, 2));
        Assert.Throws<StorageFailedException>(() => file.Write(Sector - 10, Filled(300, 3)));
        Assert.Equal(Sector + 190, file.Length + 100 - 10);
        Assert.Throws<StorageFailedException>(() => device.Create("b", 4096));
        Assert.Equal(3, _struck[(int)DiskFault.Full] + 1);

        device.Troubles.MakeRoom();
        device.Create("c", 4096);
    }

    [Fact]
    public void A_read_may_give_less_than_was_asked_for_but_something()
    {
        SimulatedDevice device = Device(1);
        IStorageFile file = Whole(device, "a", 1);
        device.Troubles.ShortReadPerMille = 1000;
        for (int i = 0; i < 100; i++)
        {
            Assert.InRange(file.Read(0, new byte[Sector]), 1, Sector - 1);
        }

        Assert.Equal(100, _struck[(int)DiskFault.ShortRead]);
    }

    [Fact]
    public void A_lost_write_shows_after_a_power_cut_once_something_durable_follows_it()
    {
        SimulatedDevice device = Device(1);
        IStorageFile file = Whole(device, "a", 1);
        long before = Lose(device, file);

        Assert.Equal(2, Read(file, 0)[0]);
        device.Prove(before + 1);
        device.CutPower();

        Assert.Equal(1, Read(device.Open("a", isReadOnly: true), 0)[0]);
        Assert.Equal(1, _struck[(int)DiskFault.LostWrite]);
    }

    [Fact]
    public void A_lost_write_that_nothing_follows_arrives_after_all()
    {
        SimulatedDevice device = Device(1);
        IStorageFile file = Whole(device, "a", 1);
        Lose(device, file);
        device.CutPower();

        Assert.Equal(2, Read(device.Open("a", isReadOnly: true), 0)[0]);
    }

    [Fact]
    public void A_lost_write_is_made_good_by_the_next_one_to_the_same_sector()
    {
        SimulatedDevice device = Device(1);
        IStorageFile file = Whole(device, "a", 1);
        long before = Lose(device, file);
        file.Write(8, Filled(8, 2));
        file.Sync();
        device.Prove(before + 2);
        device.CutPower();

        Assert.Equal(2, Read(device.Open("a", isReadOnly: true), 0)[0]);
    }

    [Fact]
    public void A_misdirected_write_lands_in_a_settled_sector_and_leaves_its_own_place_alone()
    {
        SimulatedDevice device = Device(1);
        IStorageFile file = Whole(device, "a", 1);
        IStorageFile other = Whole(device, "b", 7);
        device.Prove(device.SyncCount);
        file.Write(0, Filled(Sector, 2));
        device.Troubles.ArmedLoss = DiskFault.MisdirectedWrite;
        file.Sync();
        device.Prove(device.SyncCount);
        device.CutPower();

        Assert.All(Read(device.Open("a", isReadOnly: true), 0), b => Assert.Equal(1, b));
        Assert.All(Read(device.Open("b", isReadOnly: true), 0), b => Assert.Equal(2, b));
        Assert.NotNull(other);
    }

    [Theory]
    [InlineData(DiskFault.BitFlip)]
    [InlineData(DiskFault.ZeroedSector)]
    [InlineData(DiskFault.StaleSector)]
    internal void Damage_at_rest_waits_until_something_durable_follows(DiskFault fault)
    {
        SimulatedDevice device = Device(1);
        IStorageFile file = Whole(device, "a", 1);
        Assert.False(device.Damage.TryRot(fault));

        file.Write(0, Filled(Sector, 2));
        file.Sync();
        device.Prove(device.SyncCount);
        Assert.True(device.Damage.TryRot(fault));
        device.CutPower();

        byte[] bytes = Read(device.Open("a", isReadOnly: true), 0);
        Assert.Contains(bytes, b => b != 2);
        Assert.True(fault != DiskFault.StaleSector || Array.TrueForAll(bytes, b => b == 1));
        Assert.Equal(1, _struck[(int)fault]);
    }

    [Fact]
    public void Nothing_is_damaged_that_the_newest_sync_has_written()
    {
        SimulatedDevice device = Device(1);
        IStorageFile file = Whole(device, "a", 1);
        device.Prove(device.SyncCount);
        file.Write(0, Filled(Sector, 2));
        file.Sync();

        Assert.False(device.Damage.TryRot(DiskFault.ZeroedSector));
    }

    private static long Lose(SimulatedDevice device, IStorageFile file)
    {
        long before = device.SyncCount;
        file.Write(0, Filled(Sector, 2));
        device.Troubles.ArmedLoss = DiskFault.LostWrite;
        file.Sync();
        return before;
    }

    private SimulatedDevice Device(ulong seed) => new(new DeterministicRandom(seed), _struck);

    private static IStorageFile Whole(SimulatedDevice device, string name, byte value)
    {
        IStorageFile file = device.Create(name, 0);
        file.Write(0, Filled(Sector, value));
        file.Sync();
        device.SyncDirectory();
        return file;
    }

    private static byte[] Read(IStorageFile file, long offset)
    {
        byte[] bytes = new byte[Sector];
        file.Read(offset, bytes);
        return bytes;
    }

    private static byte[] Filled(int count, byte value)
    {
        byte[] bytes = new byte[count];
        Array.Fill(bytes, value);
        return bytes;
    }
}
