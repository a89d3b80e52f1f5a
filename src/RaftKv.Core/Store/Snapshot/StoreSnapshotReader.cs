using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Snapshot;

/// <summary>
/// Reads the bytes of <see cref="StoreSnapshot"/>, in blocks that are cut anywhere, and checks everything that it is
/// told.
/// </summary>
internal sealed class StoreSnapshotReader : IDisposable
{
    private readonly IEnumerator<ReadOnlyMemory<byte>> _blocks;
    private readonly byte[] _scratch = new byte[KvLimits.MaxKeyBytes];
    private readonly byte[] _key = new byte[KvLimits.MaxKeyBytes];
    private readonly List<KeyValue> _versions = [];
    private readonly List<object> _slots = [];
    private readonly List<object> _records = [];
    private readonly GateTable _gates;
    private ReadOnlyMemory<byte> _rest;
    private long _offset;
    private Revision _revision;

    public StoreSnapshotReader(IEnumerable<ReadOnlyMemory<byte>> blocks, GateTable gates)
    {
        _gates = gates;
        _blocks = blocks.GetEnumerator();
    }

    /// <summary>Reads all blocks to their end.</summary>
    public MvccStore ReadStore()
    {
        ReadOnlySpan<byte> header = Read(StoreSnapshot.HeaderBytes);
        Expect(BinaryPrimitives.ReadUInt64LittleEndian(header) == StoreSnapshot.Magic, "is no RaftKv store snapshot of a known version");
        long version = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        Expect(version is >= 0 and <= ClusterVersion.Max, "has no cluster version");
        _gates.Require(new ClusterVersion((int)version), "A snapshot");
        LogIndex appliedIndex = new(BinaryPrimitives.ReadInt64LittleEndian(header[16..]));
        _revision = new Revision(BinaryPrimitives.ReadInt64LittleEndian(header[24..]));
        Revision compacted = new(BinaryPrimitives.ReadInt64LittleEndian(header[32..]));
        Revision cursor = new(BinaryPrimitives.ReadInt64LittleEndian(header[40..]));
        int cursorSub = BinaryPrimitives.ReadInt32LittleEndian(header[48..]);
        int pending = BinaryPrimitives.ReadInt32LittleEndian(header[52..]);
        long versionCount = BinaryPrimitives.ReadInt64LittleEndian(header[56..]);
        long dataBytes = BinaryPrimitives.ReadInt64LittleEndian(header[64..]);
        ulong stateHash = BinaryPrimitives.ReadUInt64LittleEndian(header[72..]);
        long recordCount = BinaryPrimitives.ReadInt64LittleEndian(header[80..]);
        Expect(appliedIndex.Value >= 0, "has a negative applied index");
        Expect(_revision >= Revision.Initial, "has a revision below the first");
        Expect(compacted >= Revision.Zero && compacted <= _revision, "has a compacted revision out of range");
        Expect(cursor >= Revision.Zero && cursor <= compacted && cursorSub >= 0, "has a compaction cursor out of range");
        Expect(pending is 0 or 1, "has an unknown compaction state");

        while (ReadKey())
        {
        }

        while (ReadRecord())
        {
        }

        Expect(!TryRefill(), "goes on after its end");
        Expect(_records.Count == recordCount, "holds another number of system records than it says");
        SystemTree system = SystemTree.Load(_records);
        VersionTable table = VersionTable.Load(_slots);
        Expect(table.VersionCount == versionCount, "holds another number of versions than it says");
        Expect(table.DataBytes == dataBytes, "holds another number of bytes than it says");
        CompactionState compaction = new(compacted, pending == 1, cursor, cursorSub);
        ulong computed = StateHasher.OfState(unchecked(table.HashSum + system.HashSum), _revision, compaction);
        Expect(computed == stateHash, $"says state hash {stateHash:x16}, but its contents have {computed:x16}");
        table.LoadEvents(_slots, first: cursor);
        MvccStore store = new(table, system, _revision, compaction, appliedIndex, _gates);
        Expect(store.ClusterVersion.Value == version, "says another cluster version than its records");
        return store;
    }

    /// <inheritdoc/>
    public void Dispose() => _blocks.Dispose();

    /// <summary>Reads a key with its versions; false at the end mark.</summary>
    private bool ReadKey()
    {
        int keyLength = BinaryPrimitives.ReadUInt16LittleEndian(Read(sizeof(ushort)));
        if (keyLength == 0)
        {
            long keyCount = BinaryPrimitives.ReadInt64LittleEndian(Read(sizeof(long)));
            Expect(keyCount == _slots.Count, "holds another number of keys than it says");
            return false;
        }

        Span<byte> key = _key.AsSpan(0, keyLength);
        Read(keyLength).CopyTo(key);
        Expect(
            _slots.Count == 0 || KeyVersions.NewestOf(_slots[^1]).KeySpan.SequenceCompareTo(key) < 0, "has keys out of order");
        int versionCount = BinaryPrimitives.ReadInt32LittleEndian(Read(sizeof(int)));
        Expect(versionCount > 0, "has a key without versions");
        _versions.Clear();
        for (int i = 0; i < versionCount; i++)
        {
            _versions.Add(ReadVersion(key));
        }

        _slots.Add(KeyVersions.FromList(_versions));
        return true;
    }

    /// <summary>Reads a system record; false at the end mark.</summary>
    private bool ReadRecord()
    {
        int keyLength = BinaryPrimitives.ReadUInt16LittleEndian(Read(sizeof(ushort)));
        if (keyLength == 0)
        {
            long recordCount = BinaryPrimitives.ReadInt64LittleEndian(Read(sizeof(long)));
            Expect(recordCount == _records.Count, "holds another number of system records than it says");
            return false;
        }

        byte[] key = Read(keyLength).ToArray();
        Expect(
            _records.Count == 0 || ((KeyValue)_records[^1]).KeySpan.SequenceCompareTo(key) < 0, "has system records out of order");
        int valueLength = BinaryPrimitives.ReadInt32LittleEndian(Read(sizeof(int)));
        Expect(valueLength is >= 0 and <= KvLimits.MaxRecordBytes, "has a system record that is too long");
        byte[] value = new byte[valueLength];
        ReadInto(value);
        _records.Add(SystemTree.MakeRecord(key, value));
        return true;
    }

    private KeyValue ReadVersion(ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> header = Read(StoreSnapshot.VersionHeaderBytes);
        Revision created = new(BinaryPrimitives.ReadInt64LittleEndian(header));
        Revision modified = new(BinaryPrimitives.ReadInt64LittleEndian(header[8..]));
        long version = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        LeaseId lease = new(BinaryPrimitives.ReadInt64LittleEndian(header[24..]));
        int sub = BinaryPrimitives.ReadInt32LittleEndian(header[32..]);
        int valueLength = BinaryPrimitives.ReadInt32LittleEndian(header[36..]);
        byte reason = header[40];
        Expect(modified > Revision.Initial && modified <= _revision, "has a mod revision out of range");
        Expect(version == 0 ? created == Revision.Zero : created > Revision.Initial && created <= modified, "has a create revision out of range");
        Expect(version >= 0 && sub >= 0, "has a negative version");
        Expect(valueLength is >= 0 and <= KvLimits.MaxValueBytes, "has a value that is too long");
        Expect(version > 0 || valueLength == 0, "has a deletion with a value");
        byte maxReason = version == 0 ? (byte)DeleteReason.Revoked : (byte)0;
        Expect(reason <= maxReason, "has a reason that is none, or a reason without a deletion");
        Expect(_versions.Count == 0 || _versions[^1].ModRevision < modified, "has versions out of order");

        int length = key.Length + valueLength;
        VersionBytes bytes;
        if (length <= VersionBlocks.MaxBytes)
        {
            bytes = VersionBytes.Copy(key, Read(valueLength));
        }
        else
        {
            byte[] own = new byte[length];
            key.CopyTo(own);
            ReadInto(own.AsSpan(key.Length));
            bytes = VersionBytes.Share(own, 0, key.Length, valueLength);
        }

        return KeyValue.Of(bytes, created, modified, sub, version, lease, (DeleteReason)reason);
    }

    /// <summary>The next bytes; valid until the next read.</summary>
    private ReadOnlySpan<byte> Read(int count)
    {
        if (_rest.Length >= count)
        {
            ReadOnlySpan<byte> bytes = _rest.Span[..count];
            _rest = _rest[count..];
            _offset += count;
            return bytes;
        }

        Span<byte> scratch = _scratch.AsSpan(0, count);
        ReadInto(scratch);
        return scratch;
    }

    private void ReadInto(Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            Expect(TryRefill(), "ends too early");
            int count = Math.Min(target.Length, _rest.Length);
            _rest.Span[..count].CopyTo(target);
            _rest = _rest[count..];
            _offset += count;
            target = target[count..];
        }
    }

    /// <summary>Makes sure that some byte is there; false at the end.</summary>
    private bool TryRefill()
    {
        while (_rest.IsEmpty)
        {
            if (!_blocks.MoveNext())
            {
                return false;
            }

            _rest = _blocks.Current;
        }

        return true;
    }

    private void Expect(bool condition, string complaint)
    {
        if (!condition)
        {
            throw new FormatException($"The store snapshot {complaint} (at or before byte {_offset}).");
        }
    }
}
