using RaftKv.Engine;
using RaftKv.Storage;
using RaftKv.Tests.Node;

namespace RaftKv.Tests.Storage;

/// <summary>When a disk has too little room, and when enough again.</summary>
public sealed class DiskWatchTests
{
    [Theory]
    [InlineData(false, 150, 100, 50, false)]
    [InlineData(false, 149, 100, 50, true)]
    [InlineData(true, 150, 100, 50, true)]
    [InlineData(true, 187, 100, 50, false)]
    [InlineData(false, long.MaxValue / 4, 100, long.MaxValue, true)]
    public void Low_is_less_than_a_snapshot_and_the_reserve_and_a_quarter_more_ends_it(
        bool wasLow, long free, long store, long reserve, bool isLow)
    {
        Assert.Equal(isLow, DiskWatch.IsLowAt(wasLow, free, store, reserve));
    }

    [Fact]
    public void The_disk_of_a_directory_has_free_bytes_and_a_watch_looks_at_once()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("raftkv-test-");
        File.WriteAllBytes(Path.Combine(directory.FullName, "a"), new byte[30]);
        File.WriteAllBytes(Path.Combine(directory.CreateSubdirectory("b").FullName, "c"), new byte[12]);
        Assert.True(DiskWatch.FreeBytesOf(directory.FullName) > 0);
        using var watch = new DiskWatch(directory.FullName, static _ => 10, static () => 100, 50, TimeProvider.System);
        Assert.Equal(new DiskUse(UsedBytes: 42, FreeBytes: 10, ReserveBytes: 50, IsLow: true), watch.Use);
        using var failing = new DiskWatch(
            directory.FullName, static _ => throw new IOException("gone"), static () => 100, 50, TimeProvider.System);
        Assert.Equal(new DiskUse(0, 0, ReserveBytes: 50, IsLow: false), failing.Use);
        directory.Delete(recursive: true);
    }
}
