using System.Buffers.Binary;

namespace RaftKv.Core.Store;

/// <summary>
/// Writes a command; with an empty target it only counts and checks, so that the array can have the exact size.
/// </summary>
internal ref struct KvCommandWriter
{
    private readonly Span<byte> _target;
    private int _opCount;

    public KvCommandWriter(Span<byte> target)
    {
        _target = target;
    }

    /// <summary>Bytes written or counted so far.</summary>
    public int Length { get; private set; }

    public void WriteCommand(KvCommand command)
    {
        WriteByte(KvCommandCodec.FormatVersion);
        switch (command)
        {
            case MutateCommand mutate:
                WriteByte((byte)CommandKind.Mutate);
                WriteByte(mutate.Guard is null ? (byte)0 : (byte)1);
                if (mutate.Guard is not null)
                {
                    WriteCompare(mutate.Guard);
                }

                WriteOp(mutate.Op, depth: 0);
                break;
            case CompactCommand compact:
                WriteByte((byte)CommandKind.Compact);
                WriteRevision(compact.Revision);
                break;
            case SetClusterKeyCommand set:
                WriteByte((byte)CommandKind.SetClusterKey);
                WriteClusterKey(set.Key.Span);
                break;
            default:
                Check.Unreachable<int>(command);
                break;
        }
    }

    private void WriteClusterKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != KvLimits.ClusterKeyBytes)
        {
            throw new ArgumentException($"A cluster key has {key.Length} bytes; it must have {KvLimits.ClusterKeyBytes}.");
        }

        WriteBytes(key);
    }

    private void WriteOp(KvOp op, int depth)
    {
        CountOp();
        switch (op)
        {
            case PutOp put:
                WritePut(put);
                break;
            case DeleteRangeOp delete:
                WriteByte((byte)OpKind.DeleteRange);
                WriteByte(delete.WantsPrevious ? (byte)1 : (byte)0);
                WriteKeys(delete.Keys);
                break;
            case RangeOp range:
                WriteRange(range.Request);
                break;
            case IncrementOp increment:
                WriteByte((byte)OpKind.Increment);
                WriteKey(increment.Key.Span);
                WriteInt64(increment.By);
                break;
            case TxnOp txn:
                WriteTxn(txn, depth + 1);
                break;
            default:
                Check.Unreachable<int>(op);
                break;
        }
    }

    private void WritePut(PutOp put)
    {
        if (put.Value.Length > KvLimits.MaxValueBytes)
        {
            throw new ArgumentException($"The value has {put.Value.Length} bytes; at most {KvLimits.MaxValueBytes} are allowed.");
        }

        PutFlags flags = (put.WantsPrevious ? PutFlags.WantsPrevious : 0)
            | (put.KeepsValue ? PutFlags.KeepsValue : 0)
            | (put.KeepsLease ? PutFlags.KeepsLease : 0);
        WriteByte((byte)OpKind.Put);
        WriteByte((byte)flags);
        WriteInt64(put.Lease.Value);
        WriteKeyLength(put.Key.Length);
        WriteInt32(put.Value.Length);
        WriteBytes(put.Key.Span);
        WriteBytes(put.Value.Span);
    }

    private void WriteRange(RangeRequest request)
    {
        bool isFiltered = request.MinModRevision != default || request.MaxModRevision != default
            || request.MinCreateRevision != default || request.MaxCreateRevision != default;
        RangeFlags flags = (request.IsKeysOnly ? RangeFlags.KeysOnly : 0)
            | (request.IsCountOnly ? RangeFlags.CountOnly : 0)
            | (request.IsDescending ? RangeFlags.Descending : 0)
            | (isFiltered ? RangeFlags.Filtered : 0);
        WriteByte((byte)OpKind.Range);
        WriteByte((byte)flags);
        WriteEnum((byte)request.SortBy, (byte)SortTarget.Value, "sort target");
        WriteRevision(request.Revision);
        WriteInt32(Math.Max(request.Limit, 0));
        if (isFiltered)
        {
            WriteRevision(request.MinModRevision);
            WriteRevision(request.MaxModRevision);
            WriteRevision(request.MinCreateRevision);
            WriteRevision(request.MaxCreateRevision);
        }

        WriteKeys(request.Keys);
    }

    private void WriteTxn(TxnOp txn, int depth)
    {
        if (depth > KvLimits.MaxTxnDepth)
        {
            throw new ArgumentException($"Txns are nested more than {KvLimits.MaxTxnDepth} deep.");
        }

        WriteByte((byte)OpKind.Txn);
        WriteCount(txn.Compares.Count);
        WriteCount(txn.Then.Count);
        WriteCount(txn.Else.Count);
        for (int i = 0; i < txn.Compares.Count; i++)
        {
            CountOp();
            WriteCompare(txn.Compares[i]);
        }

        for (int i = 0; i < txn.Then.Count; i++)
        {
            WriteOp(txn.Then[i], depth);
        }

        for (int i = 0; i < txn.Else.Count; i++)
        {
            WriteOp(txn.Else[i], depth);
        }
    }

    private void WriteCompare(Compare compare)
    {
        WriteEnum((byte)compare.Target, (byte)CompareTarget.Lease, "compare target");
        WriteEnum((byte)compare.Operator, (byte)CompareOperator.NotEqual, "compare operator");
        WriteKeys(compare.Keys);
        if (compare.Target == CompareTarget.Value)
        {
            WriteInt32(compare.Value.Length);
            WriteBytes(compare.Value.Span);
        }
        else
        {
            WriteInt64(compare.Number);
        }
    }

    private void WriteKeys(KeyRange keys)
    {
        WriteEnum((byte)keys.Kind, (byte)KeyRangeKind.From, "kind of key range");
        if (keys.Kind == KeyRangeKind.Single)
        {
            WriteKey(keys.Start.Span);
            return;
        }

        WriteBound(keys.Start.Span);
        if (keys.Kind == KeyRangeKind.Between)
        {
            WriteBound(keys.End.Span);
        }
    }

    private void WriteKey(ReadOnlySpan<byte> key)
    {
        WriteKeyLength(key.Length);
        WriteBytes(key);
    }

    private void WriteKeyLength(int length)
    {
        if (length is < 1 or > KvLimits.MaxKeyBytes)
        {
            throw new ArgumentException($"A key has {length} bytes; keys have 1 to {KvLimits.MaxKeyBytes}.");
        }

        WriteUInt16((ushort)length);
    }

    private void WriteBound(ReadOnlySpan<byte> bound)
    {
        if (bound.Length > KvLimits.MaxKeyBytes)
        {
            throw new ArgumentException($"A bound of a key range has {bound.Length} bytes; at most {KvLimits.MaxKeyBytes} are allowed.");
        }

        WriteUInt16((ushort)bound.Length);
        WriteBytes(bound);
    }

    private void WriteEnum(byte value, byte max, string name)
    {
        if (value > max)
        {
            throw new ArgumentException($"{value} is no {name}.");
        }

        WriteByte(value);
    }

    private void WriteRevision(Revision revision)
    {
        if (revision.Value < 0)
        {
            throw new ArgumentException($"Revision {revision} is negative.");
        }

        WriteInt64(revision.Value);
    }

    private void WriteCount(int count)
    {
        if (count > KvLimits.MaxOps)
        {
            throw new ArgumentException($"A list of a txn has {count} members; at most {KvLimits.MaxOps} are allowed.");
        }

        WriteUInt16((ushort)count);
    }

    private void CountOp()
    {
        if (++_opCount > KvLimits.MaxOps)
        {
            throw new ArgumentException($"The command has more than {KvLimits.MaxOps} operations and compares.");
        }
    }

    private void WriteByte(byte value)
    {
        if (!_target.IsEmpty)
        {
            _target[Length] = value;
        }

        Length++;
    }

    private void WriteUInt16(ushort value)
    {
        if (!_target.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_target[Length..], value);
        }

        Length += sizeof(ushort);
    }

    private void WriteInt32(int value)
    {
        if (!_target.IsEmpty)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_target[Length..], value);
        }

        Length += sizeof(int);
    }

    private void WriteInt64(long value)
    {
        if (!_target.IsEmpty)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_target[Length..], value);
        }

        Length += sizeof(long);
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (!_target.IsEmpty)
        {
            bytes.CopyTo(_target[Length..]);
        }

        Length = checked(Length + bytes.Length);
    }
}
