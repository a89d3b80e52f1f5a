namespace RaftKv.Simulation.Disk;

/// <summary>A file's bytes as processes see them (the page cache), and as the platter has them.</summary>
internal sealed class SimulatedInode
{
    private readonly SortedSet<long> _dirty = [];
    private readonly SortedDictionary<long, LostWrite> _lostWrites = [];
    private byte[] _bytes = [];
    private byte[] _durable = [];
    private long[] _syncedAt = [];
    private long _durableLength;

    public long Length { get; private set; }

    /// <summary>Sectors that wait for a sync, ascending.</summary>
    public IReadOnlyCollection<long> DirtySectors => _dirty;

    public int Read(long offset, Span<byte> buffer)
    {
        int count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        _bytes.AsSpan((int)Math.Min(offset, Length), count).CopyTo(buffer);
        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        long end = offset + bytes.Length;
        Reserve(ref _bytes, end);
        bytes.CopyTo(_bytes.AsSpan((int)offset));
        Length = Math.Max(Length, end);
        for (long sector = offset / SimulatedDevice.SectorBytes; sector * SimulatedDevice.SectorBytes < end; sector++)
        {
            _dirty.Add(sector);
        }
    }

    public void SetLength(long length)
    {
        Reserve(ref _bytes, length);
        if (length < Length)
        {
            _bytes.AsSpan((int)length, (int)(Length - length)).Clear();
            for (long sector = length / SimulatedDevice.SectorBytes; sector * SimulatedDevice.SectorBytes < Length; sector++)
            {
                _dirty.Add(sector);
            }
        }

        Length = length;
    }

    /// <summary>Puts the dirty sectors on the platter.</summary>
    /// <param name="syncNumber">Grows with each sync of the device.</param>
    /// <param name="lostSector">This one keeps its old bytes there, though nobody is told; -1 for none.</param>
    public void Sync(long syncNumber, long lostSector = -1)
    {
        Reserve(ref _durable, Length);
        ReserveNumbers();
        foreach (long sector in _dirty)
        {
            if (sector == lostSector)
            {
                _lostWrites[sector] = new LostWrite(syncNumber, CachedSector(sector));
                continue;
            }

            CopySector(sector, SimulatedDevice.SectorBytes);
            _lostWrites.Remove(sector);
            _syncedAt[sector] = syncNumber;
        }

        _dirty.Clear();
        _durableLength = Length;
    }

    /// <summary>A failed fsync: the pages count as clean from now on, and the platter never gets them.</summary>
    public void LoseDirty() => _dirty.Clear();

    /// <summary>
    /// Nothing of this sector is younger than that sync, and nothing waits in it: damage here is older than what was
    /// synced last.
    /// </summary>
    public bool IsSettled(long sector, long upToSync) =>
        IsWhole(sector) && SyncedAt(sector) <= upToSync && !_dirty.Contains(sector) && !_lostWrites.ContainsKey(sector);

    /// <summary>True when all bytes of the sector are within the file.</summary>
    public bool IsWhole(long sector) =>
        (sector + 1) * SimulatedDevice.SectorBytes <= Math.Min(_durableLength, Length) && sector < _syncedAt.Length;

    /// <summary>The sync that the sector's bytes are of.</summary>
    public long SyncedAt(long sector) => _syncedAt[sector];

    /// <summary>A sector as the platter has it.</summary>
    public byte[] PlatterSector(long sector) =>
        _durable.AsSpan((int)(sector * SimulatedDevice.SectorBytes), SimulatedDevice.SectorBytes).ToArray();

    /// <summary>A sector as processes see it.</summary>
    public byte[] CachedSector(long sector)
    {
        byte[] bytes = new byte[SimulatedDevice.SectorBytes];
        Read(sector * SimulatedDevice.SectorBytes, bytes);
        return bytes;
    }

    /// <summary>
    /// Puts other bytes on the platter behind everybody's back; with <paramref name="isEvicted"/> the page cache has
    /// forgotten the sector, and processes see them at once.
    /// </summary>
    public void Damage(long sector, ReadOnlySpan<byte> bytes, bool isEvicted)
    {
        bytes.CopyTo(_durable.AsSpan((int)(sector * SimulatedDevice.SectorBytes)));
        if (isEvicted && !_dirty.Contains(sector))
        {
            bytes.CopyTo(_bytes.AsSpan((int)(sector * SimulatedDevice.SectorBytes)));
        }
    }

    /// <summary>The power goes.</summary>
    /// <param name="provenSync">
    /// Lost writes of later syncs arrive after all: nothing durable follows them, so no log could tell.
    /// </param>
    public void CutPower(DeterministicRandom random, long provenSync)
    {
        long length = Length == _durableLength || random.Chance(500) ? Length : _durableLength;
        Reserve(ref _durable, length);
        foreach ((long sector, LostWrite lost) in _lostWrites)
        {
            if (lost.SyncNumber > provenSync)
            {
                lost.Bytes.AsSpan().CopyTo(_durable.AsSpan((int)(sector * SimulatedDevice.SectorBytes)));
            }
        }

        int keepPerMille = random.Next(5) * 250;
        foreach (long sector in _dirty)
        {
            if (random.Chance(keepPerMille))
            {
                CopySector(sector, random.Chance(200) ? random.Next(SimulatedDevice.SectorBytes) : SimulatedDevice.SectorBytes);
            }
        }

        _dirty.Clear();
        _lostWrites.Clear();
        _durable.AsSpan((int)length).Clear();
        _durableLength = length;
        _bytes = _durable.AsSpan(0, (int)length).ToArray();
        Length = length;
    }

    private void CopySector(long sector, int bytes)
    {
        int from = (int)(sector * SimulatedDevice.SectorBytes);
        int count = Math.Min(bytes, Math.Min(_bytes.Length, _durable.Length) - from);
        if (count > 0)
        {
            _bytes.AsSpan(from, count).CopyTo(_durable.AsSpan(from));
        }
    }

    private void ReserveNumbers()
    {
        int count = _dirty.Count == 0 ? 0 : (int)_dirty.Max + 1;
        if (_syncedAt.Length < count)
        {
            Array.Resize(ref _syncedAt, Math.Max(count, _syncedAt.Length * 2));
        }
    }

    // In whole sectors, so that the last one can be copied as a whole.
    private static void Reserve(ref byte[] bytes, long length)
    {
        if (bytes.Length < length)
        {
            long sectors = (Math.Max(length, bytes.Length * 2L) + SimulatedDevice.SectorBytes - 1) / SimulatedDevice.SectorBytes;
            Array.Resize(ref bytes, (int)(sectors * SimulatedDevice.SectorBytes));
        }
    }

    /// <summary>What a sync has lost: the bytes that were meant to be there.</summary>
    private sealed record LostWrite(long SyncNumber, byte[] Bytes);
}
