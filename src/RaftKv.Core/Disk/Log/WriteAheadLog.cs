using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Disk.Log;

/// <summary>
/// Writes the log's segments. Batches gather in a buffer; <see cref="Sync"/> writes them as one group with one write
/// and makes them durable with one sync. Owned by one thread, but for <see cref="PrepareNextSegment"/>.
/// <para>
/// After each sync the start record of the next group is written, without a sync of its own: whoever finds it knows
/// that the group before was durable. So damage to the last group is told from a torn write also on a node that was
/// killed or is idle; only a power cut right after the sync can lose this trace, and then the group itself is still
/// complete.
/// </para>
/// </summary>
public sealed class WriteAheadLog : IDisposable
{
    private const int HeadroomBytes = WalFormat.SegmentHeaderBytes + WalFormat.RecordHeaderBytes;
    private const int InitialBufferBytes = 64 * 1024;

    // A buffer that a rare large group blew up is given back, so that memory stays bounded by the usual load.
    private const int KeptBufferBytes = 4 * 1024 * 1024;

    private readonly IStorageDevice _device;
    private readonly WalOptions _options;
    private readonly ulong _clusterId;
    private readonly NodeId _node;
    private readonly List<WalSegment> _segments = [];

    // Layout: room for a segment header, room for the group's start record, then the records that wait for the next
    // sync.
    private byte[] _buffer = new byte[InitialBufferBytes];
    private int _usedBytes;
    private int _lastRecordOffset;

    private IStorageFile? _file;
    private ulong _sequence;
    private uint _seed;
    private int _tail;
    private uint _chain;
    private ulong _group;

    // What the disk surely holds, and what it will hold after the next sync.
    private Position _synced;
    private Position _pending;
    private LogIndex _pendingMaxIndex;
    private long _lastBatchNumber;
    private bool _isFailed;

    private string? _spare;
    private long _spareNumber;

    private WriteAheadLog(IStorageDevice device, WalOptions options, ulong clusterId, NodeId node)
    {
        _device = device;
        _options = options;
        _clusterId = clusterId;
        _node = node;
    }

    /// <summary>Bytes appended and not yet synced. A host that merges batches syncs before this grows large.</summary>
    public int PendingBytes => _usedBytes;

    /// <summary>Segments in use, oldest first; tools and tests.</summary>
    public IReadOnlyList<WalSegment> Segments => _segments;

    /// <summary>
    /// True when the next roll would have to zero a new file: a good time for <see cref="PrepareNextSegment"/>. Any
    /// thread.
    /// </summary>
    public bool NeedsSpareSegment => System.Threading.Volatile.Read(ref _spare) is null;

    /// <summary>Begins a log on a disk that has none; durable on return.</summary>
    public static WriteAheadLog Create(IStorageDevice device, WalOptions options, ulong clusterId, NodeId node)
    {
        var log = new WriteAheadLog(device, options, clusterId, node);
        DeleteSpares(device);
        log.AppendAtOpen(logStart: null, default);
        log.Sync();
        return log;
    }

    /// <summary>
    /// Goes on after recovery: drops what recovery cut off, then writes and syncs a group with the state it found,
    /// which proves everything before it. <paramref name="logStart"/> restarts the log at a snapshot that the log does
    /// not reach.
    /// </summary>
    public static WriteAheadLog Resume(
        IStorageDevice device, WalOptions options, ulong clusterId, NodeId node, WalContents contents, EntryId? logStart,
        HardState hardState)
    {
        var log = new WriteAheadLog(device, options, clusterId, node);
        DeleteSpares(device);
        foreach (string leftover in contents.Leftovers)
        {
            device.Delete(leftover);
        }

        log._segments.AddRange(contents.Segments);
        log._sequence = contents.Segments[^1].Sequence;
        log._chain = contents.TailChain;
        log._group = contents.LastGroup;
        log._synced = new Position(contents.HardState, contents.LastEntry);
        log._pending = log._synced;
        log._file = device.Open(contents.Segments[^1].Name, isReadOnly: false);
        if (contents.IsLastSealed)
        {
            // The process may have been killed between the seal's write and its sync: nothing may follow a seal that
            // could still vanish.
            WalTail.RewriteLastGroup(log._file, contents);
            log._file.Sync();
            log._file.Dispose();
            log._file = null;
        }
        else
        {
            log.CutTail(contents);
        }

        log.AppendAtOpen(logStart, hardState);
        log.Sync();
        return log;
    }

    /// <summary>Adds a batch to what the next <see cref="Sync"/> makes durable. No effect on the disk yet.</summary>
    public void Append(PersistBatch batch)
    {
        CheckUsable();
        Check.That(batch.Number == _lastBatchNumber + 1, "batches come without gaps", batch.Number, _lastBatchNumber);
        if (batch.LogStart is { } start)
        {
            AppendLogStart(start);
        }

        IReadOnlyList<LogEntry> entries = batch.Entries;
        MakeRoomFor(entries);
        for (int i = 0; i < entries.Count; i++)
        {
            AppendEntry(entries[i]);
        }

        if (batch.HardState is { } state)
        {
            AppendHardState(state);
        }

        _lastBatchNumber = batch.Number;
    }

    /// <summary>
    /// Writes and syncs everything appended, as one group; the number of the last batch that is now durable. On any
    /// failure the log is dead: nothing is tried again, and whether the group is durable is not known until the next
    /// start.
    /// </summary>
    public long Sync()
    {
        CheckUsable();
        if (_usedBytes == 0)
        {
            return _lastBatchNumber;
        }

        // A failed fsync may have dropped the dirty pages and left them marked clean, so a second fsync would lie.
        // Stays set on a throw.
        _isFailed = true;
        int groupBytes = WalFormat.RecordHeaderBytes + _usedBytes;
        bool isNewSegment = _file is null || _tail + (long)groupBytes + WalFormat.SealReserveBytes > _segments[^1].FileBytes;
        if (isNewSegment)
        {
            Roll(WalFormat.SegmentHeaderBytes + (long)groupBytes + WalFormat.SealReserveBytes);
        }

        FinishGroup();
        WriteGroup(isNewSegment);
        _file!.Sync();
        _synced = _pending;
        _segments[^1] = _segments[^1] with { MaxIndex = LogIndex.Max(_segments[^1].MaxIndex, _pendingMaxIndex) };
        _pendingMaxIndex = default;
        _usedBytes = 0;
        if (_buffer.Length > KeptBufferBytes)
        {
            _buffer = new byte[InitialBufferBytes];
        }

        MarkSynced();
        _isFailed = false;
        return _lastBatchNumber;
    }

    /// <summary>
    /// Deletes, or keeps for later use, the oldest segments whose entries all lie at or before both limits. The current
    /// segment stays, and the log that stays starts at or before the snapshot.
    /// </summary>
    /// <param name="upToInclusive">Entries up to here are not asked for again.</param>
    /// <param name="snapshotIndex">Last entry of the newest durable snapshot.</param>
    public void Compact(LogIndex upToInclusive, LogIndex snapshotIndex)
    {
        CheckUsable();
        LogIndex limit = LogIndex.Min(upToInclusive, snapshotIndex);
        int count = 0;
        _isFailed = true;
        while (count + 1 < _segments.Count
            && _segments[count].MaxIndex <= limit
            && _segments[count + 1].Base.Index <= snapshotIndex)
        {
            Retire(_segments[count]);
            count++;
        }

        _segments.RemoveRange(0, count);
        _isFailed = false;
    }

    /// <summary>
    /// Creates the next segment's file ahead, so that a roll costs no zeroing. From any thread, also while the owner
    /// appends and syncs;
    /// by one thread at a time. Does nothing when a file is ready. Optional: a roll without it creates the file itself.
    /// </summary>
    public void PrepareNextSegment()
    {
        if (!NeedsSpareSegment)
        {
            return;
        }

        string name = CreateSpare(_options.SegmentBytes);
        if (System.Threading.Interlocked.CompareExchange(ref _spare, name, null) is not null)
        {
            _device.Delete(name);
        }
    }

    /// <summary>Ends the log in order: what was appended is synced, and so is the trace that proves it.</summary>
    public void Close()
    {
        Sync();
        _file?.Sync();
    }

    /// <summary>Lets go of the file, without a sync.</summary>
    public void Dispose() => _file?.Dispose();

    /// <summary>
    /// A spare file of the process before may be half zeroed; which one is whole is not known any more.
    /// </summary>
    private static void DeleteSpares(IStorageDevice device)
    {
        foreach (string name in device.List())
        {
            if (WalFormat.IsSpareName(name))
            {
                device.Delete(name);
            }
        }
    }

    private void CheckUsable()
    {
        if (_isFailed)
        {
            throw new StorageFailedException("The write-ahead log failed before and is not used again; the node must stop.");
        }
    }

    private void AppendAtOpen(EntryId? logStart, HardState hardState)
    {
        if (logStart is { } start)
        {
            AppendLogStart(start);
        }

        AppendHardState(hardState);
    }

    private void AppendLogStart(EntryId start)
    {
        Span<byte> bytes = Reserve(WalRecord.SizeOf(2 * sizeof(long)));
        Added(WalRecord.WriteLogStart(bytes, start));
        _pending = _pending with { LastEntry = start };
        _pendingMaxIndex = LogIndex.Max(_pendingMaxIndex, start.Index);
    }

    private void AppendEntry(LogEntry entry)
    {
        Check.That(entry.Index.Value > 0, "entries count from 1");
        Check.That(
            entry.Index <= _pending.LastEntry.Index.Next, "entries come without gaps", entry.Index.Value, _pending.LastEntry.Index.Value);
        Span<byte> bytes = Reserve(WalRecord.SizeOf(WalRecord.PayloadBytesOf(entry)));
        Added(WalRecord.WriteEntry(bytes, entry));
        _pending = _pending with { LastEntry = entry.Id };
        _pendingMaxIndex = LogIndex.Max(_pendingMaxIndex, entry.Index);
    }

    private void AppendHardState(HardState state)
    {
        // A term never goes back (Raft 5.1); a vote once given in a term is not changed by a later record of that term.
        HardState before = _pending.HardState;
        Check.That(state.Term >= before.Term, "the durable term never goes back", state.Term.Value, before.Term.Value);
        Check.That(
            state.Term > before.Term || before.VotedFor.IsNone || state.VotedFor == before.VotedFor, "one vote in a term");
        Span<byte> bytes = Reserve(WalRecord.SizeOf(WalRecord.HardStateBytes));
        Added(WalRecord.WriteHardState(bytes, state));
        _pending = _pending with { HardState = state };
    }

    /// <summary>
    /// Grows the buffer once for a large batch, to what it needs: growing by doubling would hold up to three times that.
    /// </summary>
    private void MakeRoomFor(IReadOnlyList<LogEntry> entries)
    {
        long needed = HeadroomBytes + (long)_usedBytes + WalFormat.PageBytes + WalRecord.SizeOf(WalRecord.HardStateBytes);
        for (int i = 0; i < entries.Count; i++)
        {
            needed += WalRecord.SizeOf(WalRecord.PayloadBytesOf(entries[i]));
        }

        if (needed > KeptBufferBytes && needed > _buffer.Length && needed <= WalOptions.MaxSegmentBytes)
        {
            Array.Resize(ref _buffer, (int)needed);
        }
    }

    private Span<byte> Reserve(int recordBytes)
    {
        // Room for the padding of the write comes on top.
        long needed = HeadroomBytes + (long)_usedBytes + recordBytes + WalFormat.PageBytes;
        Check.That(
            needed <= WalOptions.MaxSegmentBytes, "a sync group stays below the largest segment", needed, WalOptions.MaxSegmentBytes);
        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Max(needed, 2L * _buffer.Length));
        }

        return _buffer.AsSpan(HeadroomBytes + _usedBytes, recordBytes);
    }

    private void Added(int recordBytes)
    {
        _lastRecordOffset = HeadroomBytes + _usedBytes;
        _usedBytes += recordBytes;
    }

    /// <summary>
    /// Begins the next segment. Each step is durable before the next one starts, so a crash between any two is
    /// understood.
    /// </summary>
    private void Roll(long neededBytes)
    {
        // 1. The next file exists under its final name, at full length.
        ulong next = _sequence + 1;
        long fileBytes = TakeSegmentFile(WalFormat.SegmentName(next), neededBytes);

        // 2. The old segment says that it ends. From here on a missing next file is noticed.
        if (_file is not null)
        {
            WriteSeal();
            _file.Dispose();
        }

        // 3. The header is written together with the first group.
        _file = _device.Open(WalFormat.SegmentName(next), isReadOnly: false);
        _sequence = next;
        _seed = WalRecord.SegmentSeed(_clusterId, _node, next);
        var header = new WalSegmentHeader(
            _clusterId, _node, next, fileBytes, _group + 1, _chain, _synced.HardState, _synced.LastEntry);
        header.Write(_buffer);
        _chain = WalSegmentHeader.ChainStart(_chain, _buffer);
        _tail = WalFormat.SegmentHeaderBytes;
        _segments.Add(new WalSegment(next, fileBytes, _synced.LastEntry, _synced.LastEntry.Index));
    }

    private long TakeSegmentFile(string name, long neededBytes)
    {
        long fileBytes = _options.SegmentBytes;
        string? spare = null;
        if (neededBytes <= fileBytes)
        {
            spare = System.Threading.Interlocked.Exchange(ref _spare, null);
        }
        else
        {
            fileBytes = WalFormat.AlignToPage(neededBytes);
        }

        spare ??= CreateSpare(fileBytes);
        _device.Rename(spare, name);
        _device.SyncDirectory();
        return fileBytes;
    }

    private string CreateSpare(long fileBytes)
    {
        string name = WalFormat.SpareName(System.Threading.Interlocked.Increment(ref _spareNumber));
        using IStorageFile file = _device.Create(name, fileBytes);
        file.Sync();
        return name;
    }

    private void WriteSeal()
    {
        Span<byte> bytes = stackalloc byte[WalFormat.SealReserveBytes];
        WalRecord.WriteBare(bytes, WalRecordType.GroupStart);
        WalRecord.WriteBare(bytes[WalFormat.RecordHeaderBytes..], WalRecordType.Seal);
        WalRecord start = WalRecord.Finish(bytes, Place(_tail), _chain, isGroupEnd: false);
        WalRecord seal = WalRecord.Finish(
            bytes[WalFormat.RecordHeaderBytes..], Place(_tail + WalFormat.RecordHeaderBytes), start.Chain, isGroupEnd: true);
        _file!.Write(_tail, bytes);
        _file.Sync();
        _chain = seal.Chain;
        _group++;
    }

    /// <summary>Stamps place, chain and checksums on the waiting records.</summary>
    private void FinishGroup()
    {
        int offset = WalFormat.SegmentHeaderBytes;
        int end = HeadroomBytes + _usedBytes;
        int shift = _tail - WalFormat.SegmentHeaderBytes;
        uint chain = _chain;
        WalRecord.WriteBare(_buffer.AsSpan(offset), WalRecordType.GroupStart);
        while (offset < end)
        {
            WalRecord record = WalRecord.Finish(_buffer.AsSpan(offset), Place(offset + shift), chain, offset == _lastRecordOffset);
            chain = record.Chain;
            offset += record.TotalBytes;
        }

        Check.That(offset == end, "records fill the group", offset, end);
        _chain = chain;
        _group++;
    }

    private void WriteGroup(bool isNewSegment)
    {
        int from = isNewSegment ? 0 : WalFormat.SegmentHeaderBytes;
        int fileOffset = isNewSegment ? 0 : _tail;
        int length = HeadroomBytes + _usedBytes - from;
        _tail = fileOffset + length;

        // Whole pages: a page of a file that is used again is not in memory, and writing a part of it would read it
        // first.
        long paddedEnd = Math.Min(WalFormat.AlignToPage(_tail), _segments[^1].FileBytes);
        int padding = (int)(paddedEnd - _tail);
        _buffer.AsSpan(from + length, padding).Clear();
        _file!.Write(fileOffset, _buffer.AsSpan(from, length + padding));
    }

    private void MarkSynced()
    {
        Span<byte> bytes = stackalloc byte[WalFormat.RecordHeaderBytes];
        WalRecord.WriteBare(bytes, WalRecordType.GroupStart);
        WalRecord.Finish(bytes, Place(_tail), _chain, isGroupEnd: false);
        _file!.Write(_tail, bytes);
    }

    private WalPlace Place(int offset) => new(_sequence, _seed, _group + 1, offset);

    private void CutTail(WalContents contents)
    {
        _seed = WalRecord.SegmentSeed(_clusterId, _node, _sequence);
        _tail = contents.TailOffset;
        WalTail.RewriteLastGroup(_file!, contents);
        WalTail.ZeroFrom(_file!, _tail, _segments[^1].FileBytes);

        // Also when nothing was cut: a process that was killed leaves its last group in the kernel's memory only. Were
        // the next group begun before that is durable, a power cut could keep the next one and lose it, which reads as
        // corruption.
        _file!.Sync();
    }

    private void Retire(WalSegment segment)
    {
        // Not synced: a crash may bring the file back under its old name, unchanged, and recovery reads it or finds a
        // gap behind it. It is overwritten only after a roll has renamed it and synced the directory.
        if (_options.IsRecycling && segment.FileBytes == _options.SegmentBytes && NeedsSpareSegment)
        {
            string name = WalFormat.SpareName(System.Threading.Interlocked.Increment(ref _spareNumber));
            _device.Rename(segment.Name, name);
            if (System.Threading.Interlocked.CompareExchange(ref _spare, name, null) is not null)
            {
                _device.Delete(name);
            }
        }
        else
        {
            _device.Delete(segment.Name);
        }
    }

    private readonly record struct Position(HardState HardState, EntryId LastEntry);
}
