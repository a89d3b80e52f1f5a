using RaftKv.Core.Disk.Device;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

public sealed class SimulatedDeviceTests
{
    [Fact]
    public void Synced_bytes_survive_a_power_cut_and_unsynced_ones_may_not()
    {
        bool wasLost = false;
        bool wasKept = false;
        bool wasTorn = false;
        for (ulong seed = 0; seed < 200; seed++)
        {
            var device = new SimulatedDevice(new DeterministicRandom(seed));
            IStorageFile file = device.Create("a", 4096);
            device.SyncDirectory();
            file.Write(0, Filled(512, 1));
            file.Sync();
            file.Write(0, Filled(512, 2));
            device.CutPower();
            byte[] bytes = new byte[512];
            Assert.Equal(512, device.Open("a", isReadOnly: true).Read(0, bytes));
            Assert.All(bytes, b => Assert.InRange(b, 1, 2));
            wasLost |= Array.TrueForAll(bytes, b => b == 1);
            wasKept |= Array.TrueForAll(bytes, b => b == 2);
            wasTorn |= bytes[0] == 2 && bytes[^1] == 1;
        }

        Assert.True(wasLost && wasKept && wasTorn);
    }

    [Fact]
    public void A_rename_is_undone_unless_the_directory_was_synced()
    {
        bool wasUndone = false;
        for (ulong seed = 0; seed < 50; seed++)
        {
            var device = new SimulatedDevice(new DeterministicRandom(seed));
            device.Create("a.tmp", 0);
            device.SyncDirectory();
            device.Rename("a.tmp", "a");
            device.CutPower();
            wasUndone |= device.List().Contains("a.tmp");
            Assert.Single(device.List());

            device = new SimulatedDevice(new DeterministicRandom(seed));
            device.Create("a.tmp", 0);
            device.Rename("a.tmp", "a");
            device.SyncDirectory();
            device.CutPower();
            Assert.Equal("a", Assert.Single(device.List()));
        }

        Assert.True(wasUndone);
    }

    [Fact]
    public void A_failed_sync_loses_the_bytes_even_if_the_next_sync_succeeds()
    {
        var device = new SimulatedDevice(new DeterministicRandom(3));
        IStorageFile file = device.Create("a", 512);
        device.SyncDirectory();
        file.Write(0, Filled(512, 5));
        device.Troubles.Fail(DiskFault.SyncError, times: 1);
        Assert.Throws<StorageFailedException>(file.Sync);
        file.Sync();
        device.CutPower();
        byte[] bytes = new byte[512];
        device.Open("a", isReadOnly: true).Read(0, bytes);
        Assert.All(bytes, b => Assert.Equal(0, b));
    }

    [Fact]
    public void The_power_can_go_at_a_chosen_operation()
    {
        var device = new SimulatedDevice(new DeterministicRandom(4));
        IStorageFile file = device.Create("a", 512);
        device.CutPowerAfter(1);
        file.Write(0, Filled(8, 1));
        Assert.Throws<PowerCutException>(file.Sync);
    }

    private static byte[] Filled(int count, byte value)
    {
        byte[] bytes = new byte[count];
        Array.Fill(bytes, value);
        return bytes;
    }
}
