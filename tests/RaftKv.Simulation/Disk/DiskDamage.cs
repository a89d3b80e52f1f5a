namespace RaftKv.Simulation.Disk;

/// <summary>
/// Sectors that change, or do not, behind everybody's back. Only what can be told from a torn write is touched: sectors
/// that something durable and younger stands for (<see cref="SimulatedDevice.ProvenSync"/>). A write that is lost shows
/// once such a thing exists, and arrives late otherwise. docs/fault-model.md says what that leaves out, and why.
/// </summary>
internal sealed class DiskDamage(SimulatedDevice device, DeterministicRandom random)
{
    private const int Tries = 40;

    private (SimulatedInode Inode, long Sector, byte[] Bytes)? _remembered;

    /// <summary>
    /// The sector of this file that the armed fault keeps from the platter; -1 for none. A misdirected one lands
    /// elsewhere.
    /// </summary>
    public long LoseOne(SimulatedInode inode)
    {
        if (inode.DirtySectors.Count == 0)
        {
            return -1;
        }

        DiskFault fault = device.Troubles.ArmedLoss!.Value;
        long sector = Pick(inode.DirtySectors);
        if (fault == DiskFault.MisdirectedWrite)
        {
            if (PickSettled() is not { } victim)
            {
                return -1;
            }

            victim.Inode.Damage(victim.Sector, inode.CachedSector(sector), isEvicted: random.Chance(500));
        }

        device.Troubles.ArmedLoss = null;
        device.Troubles.Count(fault);
        return sector;
    }

    /// <summary>Damages a sector at rest; false when there is none to damage in this way yet.</summary>
    public bool TryRot(DiskFault fault)
    {
        if (fault == DiskFault.StaleSector)
        {
            return TryReturnStale();
        }

        if (PickSettled() is not { } victim)
        {
            return false;
        }

        byte[] bytes = victim.Inode.PlatterSector(victim.Sector);
        if (fault == DiskFault.BitFlip)
        {
            for (int flips = 1 + random.Next(3); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }
        }
        else
        {
            Array.Clear(bytes);
        }

        victim.Inode.Damage(victim.Sector, bytes, isEvicted: random.Chance(500));
        device.Troubles.Count(fault);
        return true;
    }

    private bool TryReturnStale()
    {
        bool isReturned = false;
        if (_remembered is { } old && old.Inode.IsSettled(old.Sector, device.ProvenSync)
            && !old.Inode.PlatterSector(old.Sector).AsSpan().SequenceEqual(old.Bytes))
        {
            old.Inode.Damage(old.Sector, old.Bytes, isEvicted: random.Chance(500));
            device.Troubles.Count(DiskFault.StaleSector);
            _remembered = null;
            isReturned = true;
        }

        if (_remembered is null || random.Chance(200))
        {
            Remember();
        }

        return isReturned;
    }

    /// <summary>Notes a sector whose bytes will be other ones soon: that of the newest file that was written last.</summary>
    private void Remember()
    {
        foreach (string name in device.List())
        {
            SimulatedInode inode = device.Find(name)!;
            for (long sector = 0; inode.IsWhole(sector); sector++)
            {
                if (inode.SyncedAt(sector) == device.SyncCount)
                {
                    _remembered = (inode, sector, inode.PlatterSector(sector));
                }
            }
        }
    }

    /// <summary>A settled sector of any file, rather one that holds something.</summary>
    private (SimulatedInode Inode, long Sector)? PickSettled()
    {
        IReadOnlyList<string> names = device.List();
        (SimulatedInode, long)? empty = null;
        for (int i = 0; i < Tries && names.Count > 0; i++)
        {
            SimulatedInode inode = device.Find(names[random.Next(names.Count)])!;
            long sector = random.Next((int)(inode.Length / SimulatedDevice.SectorBytes) + 1);
            if (inode.IsSettled(sector, device.ProvenSync))
            {
                if (inode.PlatterSector(sector).AsSpan().ContainsAnyExcept((byte)0))
                {
                    return (inode, sector);
                }

                empty = (inode, sector);
            }
        }

        return empty;
    }

    private long Pick(IReadOnlyCollection<long> sectors)
    {
        int skip = random.Next(sectors.Count);
        foreach (long sector in sectors)
        {
            if (skip-- == 0)
            {
                return sector;
            }
        }

        return Check.Unreachable<long>(skip);
    }
}
