using RaftKv.Core.Disk.Device;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Disk;

/// <summary>What is wrong with one disk at the moment: what is armed strikes at the next operation of its kind.</summary>
/// <param name="struck">Counts what has struck, by <see cref="DiskFault"/>; shared by all disks of a world.</param>
internal sealed class DiskTroubles(DeterministicRandom random, long[] struck)
{
    private readonly int[] _failures = new int[DiskFaultClasses.Count];
    private long _freeBytes = long.MaxValue;

    /// <summary>How often a read gives less than was asked for.</summary>
    public int ShortReadPerMille { get; set; }

    /// <summary>What the next sync does to one of its sectors; null for nothing.</summary>
    public DiskFault? ArmedLoss { get; set; }

    /// <summary>True while the disk has no room.</summary>
    public bool IsFull => _freeBytes < long.MaxValue;

    /// <summary>The next operations of a kind fail; with several of them, those after a restart too.</summary>
    public void Fail(DiskFault error, int times)
    {
        Check.That(error.IsError(), "an operation can fail in this way", (long)error, 0);
        _failures[(int)error] = times;
    }

    /// <summary>The room ends after this many bytes more.</summary>
    public void Fill(long freeBytes) => _freeBytes = freeBytes;

    /// <summary>There is room again.</summary>
    public void MakeRoom() => _freeBytes = long.MaxValue;

    /// <summary>Nothing is wrong any more, but for what is damaged.</summary>
    public void Clear()
    {
        Array.Clear(_failures);
        ArmedLoss = null;
        ShortReadPerMille = 0;
        MakeRoom();
    }

    /// <summary>True when this operation fails now.</summary>
    public bool Strikes(DiskFault error)
    {
        if (_failures[(int)error] == 0)
        {
            return false;
        }

        _failures[(int)error]--;
        Count(error);
        return true;
    }

    /// <summary>Throws when this operation fails now.</summary>
    public void ThrowIf(DiskFault error, string operation)
    {
        if (Strikes(error))
        {
            throw new StorageFailedException($"{operation}: simulated I/O error (EIO)");
        }
    }

    /// <summary>Takes room; how much of it there was, which is less only on a full disk.</summary>
    public long TakeRoom(long bytes)
    {
        if (!IsFull || bytes <= 0)
        {
            return bytes;
        }

        long taken = Math.Min(bytes, _freeBytes);
        _freeBytes -= taken;
        if (taken < bytes)
        {
            Count(DiskFault.Full);
        }

        return taken;
    }

    /// <summary>How much of a read is done at once.</summary>
    public int ReadCount(int wanted)
    {
        if (wanted <= 1 || ShortReadPerMille == 0 || !random.Chance(ShortReadPerMille))
        {
            return wanted;
        }

        Count(DiskFault.ShortRead);
        return 1 + random.Next(wanted - 1);
    }

    /// <summary>How much of a write was done before it failed.</summary>
    public int PartOf(int length) => random.Next(length + 1);

    public void Count(DiskFault fault) => struck[(int)fault]++;
}
