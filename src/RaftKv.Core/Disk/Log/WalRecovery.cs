using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Disk.Log;

/// <summary>
/// Reads a WAL directory, changes nothing, and tells a torn write from corruption.
/// <para>
/// All bytes between two syncs are one numbered group, begun by a GroupStart record. The writer puts no byte of group g
/// + 1 on the disk before the sync of group g has returned. So, when reading stops after whole group g, the bytes there
/// belong to group g + 1, and:
/// a valid header of group g + 2 anywhere behind proves that g + 1 was synced, and the bad bytes are corruption;
/// without one, g + 1 was never acknowledged, in whatever order its sectors reached the disk, and it is cut as a whole.
/// </para>
/// </summary>
public sealed class WalRecovery
{
    private const string WhatToDo =
        "The node refuses to start, because it would forget what it acknowledged. Copy the directory for inspection, then remove the"
        + " member from the cluster, empty its data directory and add it as a new member.";

    private readonly IStorageDevice _device;
    private readonly ulong _clusterId;
    private readonly NodeId _node;
    private readonly Action<WalRecordSeen>? _observer;
    private readonly WalKept _kept;
    private readonly WalContents _contents = new();
    private readonly List<WalRecord> _openGroup = [];
    private byte[] _buffer = [];
    private uint _chain;
    private bool _isSealed;
    private bool _isLogStartFromHeader;
    private LogIndex _maxIndex;

    private WalRecovery(IStorageDevice device, ulong clusterId, NodeId node, WalKept kept, Action<WalRecordSeen>? observer)
    {
        _kept = kept;
        _device = device;
        _clusterId = clusterId;
        _node = node;
        _observer = observer;
    }

    /// <summary>
    /// Reads all segments. Null when there are none in use: a node that never ran. Throws
    /// <see cref="StorageCorruptException"/> with file and offset when the bytes are not what this node wrote and
    /// synced.
    /// </summary>
    /// <param name="observer">Is shown each record as it is read, those of a torn last group included; null for
    /// none.</param>
    /// <param name="leftovers">Files to delete when the result is null.</param>
    /// <param name="kept">Entries that a snapshot covers are held only up to this; null for all.</param>
    public static WalContents? Read(
        IStorageDevice device, ulong clusterId, NodeId node, out IReadOnlyList<string> leftovers, Action<WalRecordSeen>? observer = null,
        WalKept? kept = null)
    {
        var recovery = new WalRecovery(device, clusterId, node, kept ?? WalKept.All, observer);
        recovery.ReadAll();
        leftovers = recovery._contents.Leftovers;
        return recovery._contents.Segments.Count == 0 ? null : recovery._contents;
    }

    /// <summary>
    /// Cluster and node that the oldest readable segment names; for tools. Null when there is no readable header.
    /// </summary>
    public static (ulong ClusterId, NodeId Node)? FindOwner(IStorageDevice device)
    {
        Span<byte> bytes = stackalloc byte[WalFormat.SegmentHeaderBytes];
        foreach (string name in device.List())
        {
            if (WalFormat.TryParseSegmentName(name, out _))
            {
                using IStorageFile file = device.Open(name, isReadOnly: true);
                if (ReadFully(file, bytes) && WalSegmentHeader.TryRead(bytes, out WalSegmentHeader header, out _, out _))
                {
                    return (header.ClusterId, header.Node);
                }
            }
        }

        return null;
    }

    private void ReadAll()
    {
        List<ulong> sequences = FindRun();
        for (int i = 0; i < sequences.Count; i++)
        {
            ReadSegment(sequences[i], isFirst: i == 0, isLast: i == sequences.Count - 1);
            _isLogStartFromHeader |= _contents.ForgetCovered(_kept);
        }

        if (_isSealed && _contents.Segments[^1].Sequence == sequences[^1])
        {
            throw Corrupt(
                WalFormat.SegmentName(sequences[^1]), _contents.TailOffset,
                $"the segment is sealed, so {WalFormat.SegmentName(sequences[^1] + 1)} existed, and it is missing.");
        }

        _contents.IsLastSealed = _isSealed;
        _contents.TailChain = _chain;
    }

    /// <summary>The unbroken run of segments up to the last one; what lies before a gap was deleted and came back with
    /// a crash, or else the caller finds that the log starts too late.</summary>
    private List<ulong> FindRun()
    {
        var sequences = new List<ulong>();
        foreach (string name in _device.List())
        {
            if (WalFormat.TryParseSegmentName(name, out ulong sequence))
            {
                if (sequences.Count > 0 && sequence != sequences[^1] + 1)
                {
                    _contents.MissingSequence = sequence - 1;
                    foreach (ulong old in sequences)
                    {
                        _contents.Leftovers.Add(WalFormat.SegmentName(old));
                    }

                    sequences.Clear();
                }

                sequences.Add(sequence);
            }
        }

        return sequences;
    }

    private void ReadSegment(ulong sequence, bool isFirst, bool isLast)
    {
        string name = WalFormat.SegmentName(sequence);
        ReadOnlySpan<byte> bytes = Load(name);
        if (!WalSegmentHeader.TryRead(bytes, out WalSegmentHeader header, out uint version, out string problem))
        {
            if (version > WalFormat.Version)
            {
                throw Corrupt(name, 0, $"{problem}. Start a newer version of the program.", isAdviceGiven: true);
            }

            AcceptUnused(name, bytes, sequence, isFirst, isLast, problem);
            return;
        }

        CheckOwner(name, header);
        if (header.Sequence != sequence)
        {
            // A file that is used again still has its old header until the first group of its new life is written.
            AcceptUnused(name, bytes, sequence, isFirst, isLast, $"header of segment {header.Sequence}");
            return;
        }

        CheckHeader(name, header, bytes.Length, isFirst);
        if (isFirst)
        {
            _contents.HardState = header.HardState;
            _contents.LogStart = header.Base;
            _contents.LastGroup = header.FirstGroup - 1;
            _isLogStartFromHeader = true;
        }

        _maxIndex = header.Base.Index;
        _isSealed = false;
        bytes = bytes[..(int)header.FileBytes];
        int tail = ReadRecords(name, bytes, sequence, header.PreviousChain, out string? reason);
        if (tail == 0)
        {
            _isSealed = !isFirst;
            AcceptUnused(name, bytes, sequence, isFirst, isLast, reason!);
            return;
        }

        if (reason is not null)
        {
            CheckTail(name, bytes, sequence, tail, reason);
        }

        _contents.TailOffset = tail;
        _contents.TailReason = reason;
        _contents.Segments.Add(new WalSegment(sequence, bytes.Length, header.Base, _maxIndex));
    }

    private void CheckOwner(string name, WalSegmentHeader header)
    {
        if (header.ClusterId != _clusterId || header.Node != _node)
        {
            throw Corrupt(
                name, 0,
                $"written by node {header.Node} of cluster {header.ClusterId:x16}, and this is node {_node} of cluster {_clusterId:x16}."
                + " Start the node with its own data directory.",
                isAdviceGiven: true);
        }
    }

    private void CheckHeader(string name, WalSegmentHeader header, int fileBytes, bool isFirst)
    {
        if (header.FileBytes < WalFormat.SegmentHeaderBytes || header.FileBytes > fileBytes)
        {
            throw Corrupt(name, fileBytes, $"the file has {fileBytes} bytes and was made with {header.FileBytes}: it was cut.");
        }

        if (isFirst)
        {
            return;
        }

        if (!_isSealed)
        {
            throw Corrupt(
                _contents.Segments[^1].Name, _contents.TailOffset,
                $"{_contents.TailReason}, no seal, but {name} was begun after everything here was synced.");
        }

        if (header.PreviousChain != _chain || header.FirstGroup != _contents.LastGroup + 1)
        {
            throw Corrupt(
                name, 0,
                $"continues group {header.FirstGroup - 1} with chain {header.PreviousChain:x8}, but the segment before ends at group"
                + $" {_contents.LastGroup} with chain {_chain:x8}: the segments are not of one history.");
        }

        if (header.HardState != _contents.HardState || header.Base != _contents.LastEntry)
        {
            throw Corrupt(name, 64, $"header says {header.HardState} after entry {header.Base}, the log before it says"
                + $" {_contents.HardState} after {_contents.LastEntry}.");
        }
    }

    /// <summary>
    /// Reads records to the seal or to the first that is none; the end of the last whole group, 0 when there is none.
    /// </summary>
    private int ReadRecords(string name, ReadOnlySpan<byte> bytes, ulong sequence, uint previousChain, out string? reason)
    {
        uint seed = WalRecord.SegmentSeed(_clusterId, _node, sequence);
        uint chain = WalSegmentHeader.ChainStart(previousChain, bytes);
        int offset = WalFormat.SegmentHeaderBytes;
        int tail = 0;
        _openGroup.Clear();
        while (TryReadRecord(bytes, offset, sequence, seed, chain, out WalRecord record, out reason))
        {
            _observer?.Invoke(WalRecordSeen.From(name, bytes, record));
            _openGroup.Add(record);
            offset += record.TotalBytes;
            chain = record.Chain;
            if (record.IsGroupEnd)
            {
                ApplyGroup(name, bytes);
                int start = _openGroup[0].Offset;
                _contents.LastGroupOffset = start == WalFormat.SegmentHeaderBytes ? 0 : start;
                _openGroup.Clear();
                _contents.LastGroup = record.Group;
                _chain = chain;
                tail = offset;
                if (_isSealed)
                {
                    reason = null;
                    return tail;
                }
            }
        }

        return tail;
    }

    private bool TryReadRecord(
        ReadOnlySpan<byte> bytes, int offset, ulong sequence, uint seed, uint chain, out WalRecord record, out string? reason)
    {
        if (!WalRecord.TryReadHeader(bytes, offset, sequence, seed, out record))
        {
            reason = offset + WalFormat.RecordHeaderBytes > bytes.Length
                ? "the segment is full"
                : $"no record header at {offset}" + (IsZero(bytes.Slice(offset, WalFormat.RecordHeaderBytes)) ? " (zeros)" : "");
            return false;
        }

        if (record.PayloadBytes > WalFormat.MaxPayloadBytes || offset + (long)record.TotalBytes > bytes.Length)
        {
            reason = $"the record at {offset} says {record.PayloadBytes} payload bytes, more than the segment holds";
            return false;
        }

        uint computed = WalRecord.ChainOver(bytes.Slice(offset, record.TotalBytes), chain);
        if (computed != record.Chain)
        {
            reason = $"the record at {offset} has chain {record.Chain:x8}, its bytes give {computed:x8}";
            return false;
        }

        bool isStart = record.Type == WalRecordType.GroupStart;
        if (isStart != (_openGroup.Count == 0) || record.Group != _contents.LastGroup + 1)
        {
            reason = $"the record at {offset} ({record.Type}, group {record.Group}) is out of its place";
            return false;
        }

        reason = null;
        return true;
    }

    private void ApplyGroup(string name, ReadOnlySpan<byte> bytes)
    {
        foreach (WalRecord record in _openGroup)
        {
            ReadOnlySpan<byte> payload = bytes.Slice(record.PayloadOffset, record.PayloadBytes);
            bool isKnown = record.Type switch
            {
                WalRecordType.GroupStart => payload.IsEmpty,
                WalRecordType.Entry => WalRecord.TryReadEntry(payload, out LogEntry entry) && ApplyEntry(name, record, entry),
                WalRecordType.HardState => WalRecord.TryReadHardState(payload, out HardState state) && ApplyHardState(state),
                WalRecordType.LogStart => WalRecord.TryReadLogStart(payload, out EntryId start) && ApplyLogStart(start),
                WalRecordType.Seal => payload.IsEmpty && record.IsGroupEnd && (_isSealed = true),
                _ => false,
            };
            if (!isKnown)
            {
                throw Corrupt(
                    name, record.Offset, $"the record of type {record.Type} is intact, but no program of this version writes it.");
            }
        }
    }

    private bool ApplyEntry(string name, WalRecord record, LogEntry entry)
    {
        List<LogEntry> entries = _contents.Entries;
        EntryId start = _contents.LogStart;
        _maxIndex = LogIndex.Max(_maxIndex, entry.Index);
        if (entry.Index > _contents.LastEntry.Index.Next)
        {
            throw Corrupt(
                name, record.Offset, $"entry {entry.Id} follows {_contents.LastEntry}: the entries between are missing.");
        }

        if (entry.Index > start.Index)
        {
            entries.RemoveRange((int)(entry.Index - start.Index.Next), entries.Count - (int)(entry.Index - start.Index.Next));
            entries.Add(entry);
            return true;
        }

        if (!_isLogStartFromHeader)
        {
            throw Corrupt(name, record.Offset, $"entry {entry.Id} is at or before the log's start {start}.");
        }

        // The suffix that this entry cuts off began in a segment that is deleted by now, so the entry before it is not
        // known here. It was deleted because a snapshot covers it, and the snapshot covers this entry too: the log may
        // as well start after this one.
        entries.Clear();
        _contents.LogStart = entry.Id;
        return true;
    }

    private bool ApplyHardState(HardState state)
    {
        _contents.HardState = state;
        return true;
    }

    private bool ApplyLogStart(EntryId start)
    {
        _contents.Entries.Clear();
        _contents.LogStart = start;
        _isLogStartFromHeader = false;
        _maxIndex = LogIndex.Max(_maxIndex, start.Index);
        return true;
    }

    /// <summary>Reading stopped after a whole group: is that the end, or damage?</summary>
    private void CheckTail(string name, ReadOnlySpan<byte> bytes, ulong sequence, int tail, string reason)
    {
        (ulong group, int offset) = HighestGroup(bytes, tail, sequence);
        if (group >= _contents.LastGroup + 2)
        {
            throw Corrupt(
                name, tail,
                $"{reason}, but group {group} at {offset} was begun after everything before it was synced: this is no torn write."
                + $" Entries after {_contents.LastEntry} are affected.");
        }
    }

    /// <summary>
    /// The last file may hold nothing of its own: prepared ahead, or its first group torn. Any other may not.
    /// </summary>
    private void AcceptUnused(string name, ReadOnlySpan<byte> bytes, ulong sequence, bool isFirst, bool isLast, string reason)
    {
        if (!isLast)
        {
            throw Corrupt(name, 0, $"{reason}, but later segments follow.");
        }

        if (isFirst && sequence != 1)
        {
            throw Corrupt(name, 0, $"{reason}, and no segment before it.");
        }

        // Not sealed before: nothing at all may have been written here. Sealed, or the very first: at most one group,
        // never synced.
        ulong allowed = isFirst || _isSealed ? _contents.LastGroup + 1 : 0;
        (ulong group, int offset) = HighestGroup(bytes, 0, sequence);
        if (group > allowed)
        {
            throw Corrupt(
                name, 0,
                $"{reason}, but group {group} at {offset} was begun after everything before it was synced: this is no torn write.");
        }

        if (!_isSealed)
        {
            _contents.Leftovers.Add(name);
        }
    }

    private (ulong Group, int Offset) HighestGroup(ReadOnlySpan<byte> bytes, int from, ulong sequence)
    {
        uint seed = WalRecord.SegmentSeed(_clusterId, _node, sequence);
        ulong highest = 0;
        int where = 0;
        for (int offset = from; offset + WalFormat.RecordHeaderBytes <= bytes.Length; offset += WalFormat.AlignmentBytes)
        {
            if (WalRecord.TryReadHeader(bytes, offset, sequence, seed, out WalRecord record) && record.Group > highest)
            {
                highest = record.Group;
                where = offset;
            }
        }

        return (highest, where);
    }

    private ReadOnlySpan<byte> Load(string name)
    {
        using IStorageFile file = _device.Open(name, isReadOnly: true);
        if (file.Length > int.MaxValue)
        {
            throw Corrupt(name, 0, $"the file has {file.Length} bytes; no segment is that long.");
        }

        if (_buffer.Length < file.Length)
        {
            _buffer = new byte[file.Length];
        }

        Span<byte> bytes = _buffer.AsSpan(0, (int)file.Length);
        if (!ReadFully(file, bytes))
        {
            throw new StorageFailedException($"read of {name}: the file ended before its length of {bytes.Length} bytes");
        }

        return bytes;
    }

    private static bool ReadFully(IStorageFile file, Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length)
        {
            int count = file.Read(done, buffer[done..]);
            if (count == 0)
            {
                return false;
            }

            done += count;
        }

        return true;
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0) < 0;

    private static StorageCorruptException Corrupt(string file, long offset, string message, bool isAdviceGiven = false) =>
        new(file, offset, isAdviceGiven ? message : $"{message} {WhatToDo}");
}
