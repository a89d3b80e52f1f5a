using RaftKv.Core.Store.Gates;

namespace RaftKv.Core.Store.Commands;

/// <summary>
/// Writes a command; with an empty target it only counts and checks, so that the array can have the exact size.
/// </summary>
internal ref partial struct KvCommandWriter
{
    private readonly Span<byte> _target;
    private int _opCount;
    private ClusterVersion _needed = ClusterVersion.Base;

    public KvCommandWriter(Span<byte> target)
    {
        _target = target;
    }

    /// <summary>Bytes written or counted so far.</summary>
    public int Length { get; private set; }

    public void WriteCommand(KvCommand command)
    {
        WriteByte((byte)ClusterVersion.Base.Value);
        CommandKind kind = CommandRules.KindOf(command);
        WrapperParts parts = CommandRules.PartsOf(command);
        if (parts != WrapperParts.None)
        {
            WriteWrapper(command, kind, parts);
        }

        WriteByte((byte)kind);
        Needs(CommandRules.GateOf(kind));
        WriteBody(command);
        if (!_target.IsEmpty)
        {
            _target[0] = (byte)_needed.Value;
        }
    }

    /// <summary>What is written next came with this gate, or with none; the reader calls its own at the same place.</summary>
    private void Needs(FeatureGate? gate)
    {
        _needed = gate is { } known ? ClusterVersion.Higher(_needed, GateTable.ThisBuild.SinceOf(known)) : _needed;
    }

    private void WriteWrapper(KvCommand command, CommandKind kind, WrapperParts parts)
    {
        if (!CommandRules.MayBeWrapped(kind) || command.Fences.Count > KvLimits.MaxFences)
        {
            throw new ArgumentException($"A {kind} command with {command.Fences.Count} fences can't be written.");
        }

        WriteByte((byte)CommandKind.Wrapped);
        WriteByte((byte)parts);
        if (command.Fences.Count > 0)
        {
            WriteByte((byte)command.Fences.Count);
            for (int i = 0; i < command.Fences.Count; i++)
            {
                Fence fence = command.Fences[i];
                WriteLockName(fence.Kind, fence.Name.Span);
                WriteInt64In(fence.Token.Value, 1, long.MaxValue, "fencing token");
            }
        }

        if (command.Idempotency is { } idempotency)
        {
            WriteKeyed(idempotency);
        }

        if (command.Session is { } session)
        {
            WriteSession(session, command.Idempotency is not null);
        }

        if (!command.Principal.IsEmpty)
        {
            WriteShort(command.Principal.Span, KvLimits.MaxPrincipalBytes, "principal");
        }
    }

    private void WriteKeyed(CommandKey idempotency)
    {
        if (idempotency.PayloadHash.Length != KvLimits.PayloadHashBytes)
        {
            throw new ArgumentException($"A payload hash has {idempotency.PayloadHash.Length} bytes; it must have 16.");
        }

        WriteShort(idempotency.Key.Span, KvLimits.MaxIdempotencyKeyBytes, "idempotency key");
        WriteBytes(idempotency.PayloadHash.Span);
    }

    private void WriteSession(SessionStamp stamp, bool hasKey)
    {
        if (CommandRules.WhatIsWrongWith(stamp, hasKey) is { } problem)
        {
            throw new ArgumentException(problem);
        }

        Needs(FeatureGate.ClientSessions);
        WriteInt64(stamp.Id.Value);
        WriteInt64(stamp.Sequence);
        WriteInt64(stamp.AcknowledgedUpTo);
        WriteBytes(stamp.PayloadHash.Span);
    }

    private void WriteShort(ReadOnlySpan<byte> bytes, int maxBytes, string name)
    {
        if (bytes.Length < 1 || bytes.Length > maxBytes)
        {
            throw new ArgumentException($"The {name} has {bytes.Length} bytes; it must have 1 to {maxBytes}.");
        }

        WriteByte((byte)bytes.Length);
        WriteBytes(bytes);
    }

    private void WriteLimits(OnceLimits limits)
    {
        if (limits.WhatIsWrong() is { } problem)
        {
            throw new ArgumentException(problem);
        }

        WriteBytes(limits.ToBytes());
    }

    private void WriteBody(KvCommand command)
    {
        switch (command)
        {
            case MutateCommand mutate:
                WriteByte(mutate.Guard is null ? (byte)0 : (byte)1);
                if (mutate.Guard is not null)
                {
                    WriteCompare(mutate.Guard);
                }

                WriteOp(mutate.Op, depth: 0);
                break;
            case CompactCommand compact:
                WriteRevision(compact.Revision);
                break;
            case SetClusterKeyCommand set:
                WriteClusterKey(set.Key.Span);
                break;
            case GrantLeaseCommand grant:
                WriteInt64In(grant.Id.Value, 1, long.MaxValue, "lease id");
                WriteInt64In(grant.TtlMs, KvLimits.MinTtlMs, KvLimits.MaxTtlMs, "TTL in milliseconds");
                break;
            case RevokeLeaseCommand revoke:
                WriteInt64In(revoke.Id.Value, 1, long.MaxValue, "lease id");
                break;
            case ExpireLeaseCommand expire:
                WriteInt64In(expire.Id.Value, 1, long.MaxValue, "lease id");
                WriteInt64In(expire.Term.Value, 1, long.MaxValue, "term");
                break;
            case AdvanceTimeCommand advance:
                WriteInt64In(advance.DeltaMs, 1, KvLimits.MaxAdvanceMs, "step of the cluster time");
                break;
            case SetGuardCommand set:
                WriteGuardPrefix(set.Prefix.Span);
                WriteByte(set.Lock is null ? (byte)0 : (byte)1);
                if (set.Lock is not null)
                {
                    WriteLockName(set.Lock.Kind, set.Lock.Name.Span);
                }

                break;
            case RemoveGuardCommand remove:
                WriteGuardPrefix(remove.Prefix.Span);
                break;
            case OpenSessionCommand open:
                WriteInt64In(open.Id.Value, 1, long.MaxValue, "client session's id");
                break;
            case CloseSessionCommand close:
                WriteInt64In(close.Id.Value, 1, long.MaxValue, "client session's id");
                break;
            case SetOnceLimitsCommand set:
                WriteLimits(set.Limits);
                break;
            case SetClusterVersionCommand raise:
                WriteByte((byte)raise.Version.Value);
                break;
            case CompactSliceCommand:
                break;
            case ChangeAccessCommand access:
                WriteAccess(access.Change);
                break;
            default:
                WriteSpace(command);
                break;
        }
    }

    private void WriteGuardPrefix(ReadOnlySpan<byte> prefix)
    {
        if (prefix.Length is < 1 or > KvLimits.MaxGuardPrefixBytes)
        {
            throw new ArgumentException($"A guarded prefix has {prefix.Length} bytes; it must have 1 to {KvLimits.MaxGuardPrefixBytes}.");
        }

        WriteUInt16((ushort)prefix.Length);
        WriteBytes(prefix);
    }

    private void WriteLockName(LockKind kind, ReadOnlySpan<byte> name)
    {
        if (!LockKeys.IsName(name))
        {
            throw new ArgumentException($"A name has 1 to {KvLimits.MaxLockNameBytes} bytes, none of them zero.");
        }

        WriteEnum((byte)kind, (byte)LockKind.Election, "kind of lock");
        WriteUInt16((ushort)name.Length);
        WriteBytes(name);
    }

    private void WriteAcquire(AcquireOp acquire, int depth)
    {
        if (depth > 0 || CommandRules.WhatIsWrongWith(acquire) is not null)
        {
            throw new ArgumentException(CommandRules.WhatIsWrongWith(acquire) ?? "An acquire can't stand in a txn.");
        }

        WriteByte((byte)OpKind.Acquire);
        WriteLockName(acquire.Kind, acquire.Name.Span);
        WriteByte((byte)acquire.Mode);
        WriteByte(acquire.IsTry ? (byte)1 : (byte)0);
        WriteInt32(acquire.Limit);
        WriteInt32(acquire.MaxQueue);
        WriteInt64(acquire.Lease.Value);
        WriteInt64(acquire.TtlMs);
        WriteInt32(acquire.Value.Length);
        WriteBytes(acquire.Value.Span);
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
            case AcquireOp acquire:
                WriteAcquire(acquire, depth);
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

        if (!put.Lease.IsNone && (put.Lease.Value < 0 || put.Key.Length > KvLimits.MaxLeasedKeyBytes))
        {
            throw new ArgumentException(
                $"Lease id {put.Lease.Value} is below 0, or its key of {put.Key.Length} bytes above {KvLimits.MaxLeasedKeyBytes}.");
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

    private void WriteInt64In(long value, long min, long max, string name)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"{value} is no {name}: {min} to {max}.");
        }

        WriteInt64(value);
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
}
