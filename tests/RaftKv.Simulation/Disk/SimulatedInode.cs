namespace RaftKv.Simulation.Disk;

/// <summary>A file's bytes as processes see them, and as the platter has them.</summary>
internal sealed class SimulatedInode
{
    private readonly SortedSet<long> _dirty = [];
    private readonly SortedSet<long> _lost = [];
    private byte[] _bytes = [];
    private byte[] _durable = [];
    private long _durableLength;

    public long Length { get; private set; }

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
            _lost.Remove(sector);
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

    public void Sync()
    {
        Reserve(ref _durable, Length);
        foreach (long sector in _dirty)
        {
            CopySector(sector, SimulatedDevice.SectorBytes);
        }

        _dirty.Clear();
        _durableLength = Length;
    }

    /// <summary>A failed fsync: the pages count as clean from now on, and the platter never gets them.</summary>
    public void LoseDirty()
    {
        _lost.UnionWith(_dirty);
        _dirty.Clear();
    }

    public void CutPower(DeterministicRandom random)
    {
        long length = Length == _durableLength || random.Chance(500) ? Length : _durableLength;
        Reserve(ref _durable, length);
        int keepPerMille = random.Next(5) * 250;
        foreach (long sector in _dirty)
        {
            if (random.Chance(keepPerMille))
            {
                CopySector(sector, random.Chance(200) ? random.Next(SimulatedDevice.SectorBytes) : SimulatedDevice.SectorBytes);
            }
        }

        _dirty.Clear();
        _lost.Clear();
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

    private static void Reserve(ref byte[] bytes, long length)
    {
        if (bytes.Length < length)
        {
            Array.Resize(ref bytes, (int)Math.Max(length, bytes.Length * 2L));
        }
    }
}
