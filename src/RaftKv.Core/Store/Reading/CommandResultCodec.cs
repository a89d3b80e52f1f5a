using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Reading;

/// <summary>
/// Bytes of a <see cref="CommandResult"/>, as they are kept for repeats; docs/snapshot-format.md draws them. In the state
/// hash, so a change of anything here is a change of the replicated format.
/// </summary>
/// <remarks>
/// Left out are the value of a pair that was written, which the client sent itself, and of a failed guard's pair, which
/// no door tells. So the answer to a put is small, whatever was put.
/// </remarks>
public static class CommandResultCodec
{
    private const byte Version = 1;
    private const int PairHeaderBytes = sizeof(ushort) + sizeof(int) + (4 * sizeof(long)) + sizeof(int) + sizeof(byte);

    // As deep as txns may be nested.
    private const int MaxDepth = KvLimits.MaxTxnDepth;

    private enum ResultKind : byte
    {
        None = 0,
        Put = 1,
        DeleteRange = 2,
        Range = 3,
        Increment = 4,
        Txn = 5,
        LeaseGranted = 6,
        LeaseEnded = 7,
        Acquire = 8,
    }

    /// <summary>Exact length of the encoding.</summary>
    public static int SizeOf(CommandResult result) => 2 + sizeof(long) + SizeOf(result.Result) + SizeOfCurrent(result.Current);

    /// <summary>Encodes into a span of exactly <see cref="SizeOf(CommandResult)"/> bytes.</summary>
    public static void Encode(CommandResult result, Span<byte> target)
    {
        Writer writer = new(target);
        writer.Byte(Version);
        writer.Byte((byte)result.Status);
        writer.Int64(result.Revision.Value);
        WriteResult(ref writer, result.Result);
        WriteCurrent(ref writer, result.Current);
        Check.That(writer.Length == target.Length, "a result has the size that was counted", writer.Length, target.Length);
    }

    /// <summary>Decodes; false when the bytes are no result. Keeps nothing of the bytes.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, out CommandResult? result)
    {
        Reader reader = new(bytes.Span);
        result = null;
        if (reader.Byte() != Version)
        {
            return false;
        }

        CommandStatus status = (CommandStatus)reader.Byte();
        Revision revision = new(reader.Int64());
        OpResult? op = ReadResult(ref reader, depth: 0);
        KeyValue? current = ReadOptional(ref reader);
        if (reader.IsBad || !reader.IsAtEnd)
        {
            return false;
        }

        result = new CommandResult(status, revision, op, current);
        return true;
    }

    private static int SizeOf(OpResult? result) => sizeof(byte) + result switch
    {
        null => 0,
        PutResult put => SizeOfWritten(put.Written) + SizeOfOptional(put.Previous),
        DeleteRangeResult delete => sizeof(long) + SizeOf(delete.Previous),
        RangeResult range => 2 + sizeof(long) + SizeOf(range.Pairs),
        IncrementResult increment => sizeof(long) + SizeOf(increment.Written),
        TxnResult txn => sizeof(byte) + sizeof(int) + SizeOf(txn.Results),
        LeaseGrantedResult => 2 * sizeof(long),
        LeaseEndedResult => 2 * sizeof(long),
        AcquireResult acquire => SizeOfWritten(acquire.Entry) + sizeof(byte) + (2 * sizeof(int)),
        _ => Check.Unreachable<int>(result),
    };

    private static int SizeOf(IReadOnlyList<OpResult> results)
    {
        int size = 0;
        for (int i = 0; i < results.Count; i++)
        {
            size = Saturate(size + (long)SizeOf(results[i]));
        }

        return size;
    }

    private static int SizeOf(IReadOnlyList<KeyValue> pairs)
    {
        int size = sizeof(int);
        for (int i = 0; i < pairs.Count; i++)
        {
            size = Saturate(size + (long)SizeOf(pairs[i]));
        }

        return size;
    }

    // A result that is too large to keep only has to be seen to be so.
    private static int Saturate(long size) => (int)Math.Min(size, int.MaxValue / 4);

    private static int SizeOf(KeyValue pair) => PairHeaderBytes + pair.DataBytes;

    private static int SizeOfWritten(KeyValue pair) => PairHeaderBytes + pair.KeySpan.Length;

    private static int SizeOfCurrent(KeyValue? pair) => sizeof(byte) + (pair is null ? 0 : SizeOfWritten(pair));

    private static int SizeOfOptional(KeyValue? pair) => sizeof(byte) + (pair is null ? 0 : SizeOf(pair));

    private static void WriteResult(ref Writer writer, OpResult? result)
    {
        switch (result)
        {
            case null:
                writer.Byte((byte)ResultKind.None);
                break;
            case PutResult put:
                writer.Byte((byte)ResultKind.Put);
                WritePair(ref writer, put.Written, put.Written.KeySpan, value: default);
                WriteOptional(ref writer, put.Previous);
                break;
            case DeleteRangeResult delete:
                writer.Byte((byte)ResultKind.DeleteRange);
                writer.Int64(delete.DeletedCount);
                WritePairs(ref writer, delete.Previous);
                break;
            case RangeResult range:
                writer.Byte((byte)ResultKind.Range);
                writer.Byte((byte)range.Status);
                writer.Byte(range.HasMore ? (byte)1 : (byte)0);
                writer.Int64(range.Count);
                WritePairs(ref writer, range.Pairs);
                break;
            case IncrementResult increment:
                writer.Byte((byte)ResultKind.Increment);
                writer.Int64(increment.Value);
                WritePair(ref writer, increment.Written);
                break;
            case TxnResult txn:
                WriteTxn(ref writer, txn);
                break;
            default:
                WriteCoordination(ref writer, result);
                break;
        }
    }

    private static void WriteTxn(ref Writer writer, TxnResult txn)
    {
        writer.Byte((byte)ResultKind.Txn);
        writer.Byte(txn.IsSucceeded ? (byte)1 : (byte)0);
        writer.Int32(txn.Results.Count);
        for (int i = 0; i < txn.Results.Count; i++)
        {
            WriteResult(ref writer, txn.Results[i]);
        }
    }

    private static void WriteCoordination(ref Writer writer, OpResult result)
    {
        switch (result)
        {
            case LeaseGrantedResult granted:
                writer.Byte((byte)ResultKind.LeaseGranted);
                writer.Int64(granted.Id.Value);
                writer.Int64(granted.TtlMs);
                break;
            case LeaseEndedResult ended:
                writer.Byte((byte)ResultKind.LeaseEnded);
                writer.Int64(ended.Id.Value);
                writer.Int64(ended.DeletedCount);
                break;
            case AcquireResult acquire:
                writer.Byte((byte)ResultKind.Acquire);
                WritePair(ref writer, acquire.Entry, acquire.Entry.KeySpan, value: default);
                writer.Byte(acquire.IsHolder ? (byte)1 : (byte)0);
                writer.Int32(acquire.Position);
                writer.Int32(acquire.HolderCount);
                break;
            default:
                Check.Unreachable<int>(result);
                break;
        }
    }

    private static void WriteCurrent(ref Writer writer, KeyValue? pair)
    {
        writer.Byte(pair is null ? (byte)0 : (byte)1);
        if (pair is not null)
        {
            WritePair(ref writer, pair, pair.KeySpan, value: default);
        }
    }

    private static void WriteOptional(ref Writer writer, KeyValue? pair)
    {
        writer.Byte(pair is null ? (byte)0 : (byte)1);
        if (pair is not null)
        {
            WritePair(ref writer, pair);
        }
    }

    private static void WritePairs(ref Writer writer, IReadOnlyList<KeyValue> pairs)
    {
        writer.Int32(pairs.Count);
        for (int i = 0; i < pairs.Count; i++)
        {
            WritePair(ref writer, pairs[i]);
        }
    }

    private static void WritePair(ref Writer writer, KeyValue pair) => WritePair(ref writer, pair, pair.KeySpan, pair.ValueSpan);

    private static void WritePair(ref Writer writer, KeyValue pair, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        writer.UInt16((ushort)key.Length);
        writer.Int32(value.Length);
        writer.Int64(pair.CreateRevision.Value);
        writer.Int64(pair.ModRevision.Value);
        writer.Int64(pair.Version);
        writer.Int64(pair.Lease.Value);
        writer.Int32(pair.Sub);
        writer.Byte((byte)pair.DeleteReason);
        writer.Bytes(key);
        writer.Bytes(value);
    }

    private static OpResult? ReadResult(ref Reader reader, int depth)
    {
        ResultKind kind = (ResultKind)reader.Byte();
        switch (kind)
        {
            case ResultKind.None:
                return null;
            case ResultKind.Put:
                KeyValue? written = ReadPair(ref reader);
                return new PutResult(written!, ReadOptional(ref reader));
            case ResultKind.DeleteRange:
                return new DeleteRangeResult(reader.Int64(), ReadPairs(ref reader));
            case ResultKind.Range:
                ReadStatus status = (ReadStatus)reader.Byte();
                bool hasMore = reader.Byte() == 1;
                long count = reader.Int64();
                return new RangeResult(status, ReadPairs(ref reader), hasMore, count);
            case ResultKind.Increment:
                return new IncrementResult(reader.Int64(), ReadPair(ref reader)!);
            case ResultKind.Txn:
                return ReadTxn(ref reader, depth + 1);
            case ResultKind.LeaseGranted:
                return new LeaseGrantedResult(new LeaseId(reader.Int64()), reader.Int64());
            case ResultKind.LeaseEnded:
                return new LeaseEndedResult(new LeaseId(reader.Int64()), reader.Int64());
            case ResultKind.Acquire:
                KeyValue? entry = ReadPair(ref reader);
                return new AcquireResult(entry!, reader.Byte() == 1, reader.Int32(), reader.Int32());
            default:
                reader.Fail();
                return null;
        }
    }

    private static TxnResult? ReadTxn(ref Reader reader, int depth)
    {
        bool isSucceeded = reader.Byte() == 1;
        int count = reader.Count(minItemBytes: 1);
        if (depth > MaxDepth)
        {
            reader.Fail();
        }

        List<OpResult> results = new(reader.IsBad ? 0 : count);
        for (int i = 0; i < count && !reader.IsBad; i++)
        {
            if (ReadResult(ref reader, depth) is { } result)
            {
                results.Add(result);
            }
            else
            {
                reader.Fail();
            }
        }

        return reader.IsBad ? null : new TxnResult(isSucceeded, results);
    }

    private static KeyValue? ReadOptional(ref Reader reader) => reader.Byte() == 1 ? ReadPair(ref reader) : null;

    private static List<KeyValue> ReadPairs(ref Reader reader)
    {
        int count = reader.Count(PairHeaderBytes);
        List<KeyValue> pairs = new(count);
        for (int i = 0; i < count && ReadPair(ref reader) is { } pair; i++)
        {
            pairs.Add(pair);
        }

        return pairs;
    }

    private static KeyValue? ReadPair(ref Reader reader)
    {
        int keyLength = reader.UInt16();
        int valueLength = reader.Int32();
        Revision created = new(reader.Int64());
        Revision modified = new(reader.Int64());
        long version = reader.Int64();
        LeaseId lease = new(reader.Int64());
        int sub = reader.Int32();
        DeleteReason reason = (DeleteReason)reader.Byte();
        ReadOnlySpan<byte> key = reader.Bytes(keyLength);
        ReadOnlySpan<byte> value = reader.Bytes(valueLength);
        if (reader.IsBad || keyLength == 0 || (version != 0 && reason != DeleteReason.Deleted))
        {
            reader.Fail();
            return null;
        }

        return KeyValue.Of(VersionBytes.Copy(key, value), created, modified, sub, version, lease, reason);
    }

    private ref struct Writer(Span<byte> target)
    {
        private readonly Span<byte> _target = target;

        public int Length { get; private set; }

        public void Byte(byte value) => _target[Length++] = value;

        public void UInt16(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_target[Length..], value);
            Length += sizeof(ushort);
        }

        public void Int32(int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_target[Length..], value);
            Length += sizeof(int);
        }

        public void Int64(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_target[Length..], value);
            Length += sizeof(long);
        }

        public void Bytes(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_target[Length..]);
            Length += bytes.Length;
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> source)
    {
        private ReadOnlySpan<byte> _rest = source;

        public bool IsBad { get; private set; }

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public void Fail() => IsBad = true;

        public byte Byte() => Bytes(1) is { IsEmpty: false } field ? field[0] : (byte)0;

        public ushort UInt16() =>
            Bytes(sizeof(ushort)) is { IsEmpty: false } field ? BinaryPrimitives.ReadUInt16LittleEndian(field) : (ushort)0;

        public int Int32() => Bytes(sizeof(int)) is { IsEmpty: false } field ? BinaryPrimitives.ReadInt32LittleEndian(field) : 0;

        public long Int64() => Bytes(sizeof(long)) is { IsEmpty: false } field ? BinaryPrimitives.ReadInt64LittleEndian(field) : 0;

        public int Count(int minItemBytes)
        {
            int count = Int32();
            if (count < 0 || count > _rest.Length / minItemBytes)
            {
                IsBad = true;
                return 0;
            }

            return count;
        }

        public ReadOnlySpan<byte> Bytes(int count)
        {
            if (IsBad || count < 0 || count > _rest.Length)
            {
                IsBad = true;
                return default;
            }

            ReadOnlySpan<byte> field = _rest[..count];
            _rest = _rest[count..];
            return field;
        }
    }
}
