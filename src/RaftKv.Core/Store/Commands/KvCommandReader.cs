using System.Buffers.Binary;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Core.Store.Commands;

/// <summary>
/// Reads a command from bytes that may be anything. Never throws: the first thing that is wrong makes every later read
/// fail, and the whole command null. Allocates no more than a small multiple of the input.
/// </summary>
internal partial struct KvCommandReader
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private int _position;
    private int _opCount;
    private bool _isBad;
    private ClusterVersion _needed = ClusterVersion.Base;

    public KvCommandReader(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        _isBad = bytes.Length > KvLimits.MaxCommandBytes;
    }

    private readonly int Remaining => _bytes.Length - _position;

    /// <summary>The command, or null when the bytes are none.</summary>
    public KvCommand? ReadCommand()
    {
        byte version = ReadByte();
        byte kind = ReadByte();
        if (_isBad)
        {
            return null;
        }

        KvCommand? command = (CommandKind)kind == CommandKind.Wrapped ? ReadWrapped() : ReadBody((CommandKind)kind);
        return _isBad || Remaining != 0 || version != _needed.Value ? null : command;
    }

    /// <summary>
    /// Reads a put without a guard, the commonest command, without making objects for it. False when the bytes are
    /// anything else, bad bytes included: then <see cref="ReadCommand"/> of a new reader decides.
    /// </summary>
    public static bool TryReadPlainPut(ReadOnlyMemory<byte> bytes, out PutParts put)
    {
        KvCommandReader reader = new(bytes);
        bool isPlainPut = reader.ReadByte() == ClusterVersion.Base.Value
            && reader.ReadByte() == (byte)CommandKind.Mutate
            && reader.ReadByte() == 0
            && reader.ReadByte() == (byte)OpKind.Put;
        put = isPlainPut ? reader.ReadPutParts() : default;
        return isPlainPut && !reader._isBad && reader.Remaining == 0;
    }

    // What is read next came with this gate, or with none; the writer calls its own at the same place.
    private void Needs(FeatureGate? gate)
    {
        _needed = gate is { } known ? ClusterVersion.Higher(_needed, GateTable.ThisBuild.SinceOf(known)) : _needed;
    }

    private KvCommand? ReadBody(CommandKind kind)
    {
        Needs(CommandRules.GateOf(kind));
        return ReadBodyOf(kind);
    }

    private KvCommand? ReadBodyOf(CommandKind kind) => kind switch
    {
        CommandKind.Mutate => ReadMutate(),
        CommandKind.Compact => new CompactCommand(ReadRevision()),
        CommandKind.SetClusterKey => new SetClusterKeyCommand(ReadBytes(KvLimits.ClusterKeyBytes)),
        CommandKind.GrantLease => new GrantLeaseCommand(ReadLease(), ReadInt64In(KvLimits.MinTtlMs, KvLimits.MaxTtlMs)),
        CommandKind.RevokeLease => new RevokeLeaseCommand(ReadLease()),
        CommandKind.ExpireLease => new ExpireLeaseCommand(ReadLease(), new Term(ReadInt64In(1, long.MaxValue))),
        CommandKind.AdvanceTime => new AdvanceTimeCommand(ReadInt64In(1, KvLimits.MaxAdvanceMs)),
        CommandKind.SetGuard => ReadSetGuard(),
        CommandKind.RemoveGuard => new RemoveGuardCommand(ReadGuardPrefix()),
        CommandKind.OpenSession => new OpenSessionCommand(ReadSessionId()),
        CommandKind.CloseSession => new CloseSessionCommand(ReadSessionId()),
        CommandKind.SetOnceLimits => ReadOnceLimits(),
        CommandKind.SetClusterVersion => ReadSetClusterVersion(),
        CommandKind.CompactSlice => new CompactSliceCommand(),
        CommandKind.SetQuota => ReadSetQuota(),
        CommandKind.RemoveQuota => new RemoveQuotaCommand(ReadQuotaPrefix()),
        CommandKind.SetStoreQuota => new SetStoreQuotaCommand(ReadInt64In(1, KvLimits.NoQuota), ReadByteUpTo(1) == 1),
        CommandKind.ReportBudget => new ReportBudgetCommand(ReadNode(), ReadInt64In(0, long.MaxValue)),
        CommandKind.RaiseAlarm => new RaiseAlarmCommand(ReadAlarmKind(), ReadNode(), (AlarmCause)ReadByteUpTo((byte)AlarmCause.Hand)),
        CommandKind.ClearAlarm => new ClearAlarmCommand(ReadAlarmKind(), ReadNode(), ReadOnlyCause()),
        CommandKind.ChangeAccess => ReadAccessChange() is { } change ? new ChangeAccessCommand(change) : null,
        _ => null,
    };

    private KvCommand? ReadWrapped()
    {
        // A command has one encoding: nothing wraps nothing. And what nodes propose themselves is never wrapped.
        WrapperParts parts = (WrapperParts)ReadByteUpTo((byte)WrapperParts.All);
        _isBad |= parts == WrapperParts.None;
        Fence[] fences = (parts & WrapperParts.Fences) != 0 ? ReadFences() : [];
        CommandKey? key = (parts & WrapperParts.Key) != 0
            ? new CommandKey(ReadShort(), ReadBytes(KvLimits.PayloadHashBytes))
            : null;
        SessionStamp? session = (parts & WrapperParts.Session) != 0 ? ReadSession(hasKey: key is not null) : null;
        ReadOnlyMemory<byte> principal = (parts & WrapperParts.Principal) != 0 ? ReadShort() : default;
        CommandKind kind = (CommandKind)ReadByte();
        _isBad |= !CommandRules.MayBeWrapped(kind);
        KvCommand? command = _isBad ? null : ReadBody(kind);
        return command is null ? null : command with { Fences = fences, Idempotency = key, Session = session, Principal = principal };
    }

    private Fence[] ReadFences()
    {
        int count = ReadByteUpTo(KvLimits.MaxFences);
        _isBad |= count == 0;
        Fence[] fences = new Fence[count];
        for (int i = 0; i < count && !_isBad; i++)
        {
            LockName name = ReadLockName();
            fences[i] = new Fence(name.Kind, name.Name, new Revision(ReadInt64In(1, long.MaxValue)));
        }

        return fences;
    }

    private SessionStamp ReadSession(bool hasKey)
    {
        Needs(FeatureGate.ClientSessions);
        SessionStamp stamp = new(
            ReadSessionId(), ReadInt64(), ReadInt64(), hasKey ? default : ReadBytes(KvLimits.PayloadHashBytes));
        _isBad |= CommandRules.WhatIsWrongWith(stamp, hasKey) is not null;
        return stamp;
    }

    private ClientSessionId ReadSessionId() => new(ReadInt64In(1, long.MaxValue));

    private SetOnceLimitsCommand? ReadOnceLimits()
    {
        ReadOnlyMemory<byte> bytes = ReadBytes(OnceLimits.EncodedBytes);
        OnceLimits? limits = _isBad ? null : OnceLimits.Read(bytes.Span);
        _isBad |= limits?.WhatIsWrong() is not null;
        return limits is null ? null : new SetOnceLimitsCommand(limits);
    }

    private ReadOnlyMemory<byte> ReadShort()
    {
        int length = ReadByte();
        _isBad |= length == 0;
        return ReadBytes(length);
    }

    private SetGuardCommand ReadSetGuard()
    {
        ReadOnlyMemory<byte> prefix = ReadGuardPrefix();
        return new SetGuardCommand(prefix, ReadByteUpTo(1) == 1 ? ReadLockName() : null);
    }

    private SetClusterVersionCommand ReadSetClusterVersion()
    {
        byte version = ReadByte();
        _isBad |= version == 0;
        return new SetClusterVersionCommand(new ClusterVersion(version));
    }

    private ReadOnlyMemory<byte> ReadGuardPrefix()
    {
        int length = ReadUInt16();
        _isBad |= length is 0 or > KvLimits.MaxGuardPrefixBytes;
        return ReadBytes(length);
    }

    private SetQuotaCommand ReadSetQuota()
    {
        ReadOnlyMemory<byte> prefix = ReadQuotaPrefix();
        QuotaTerms terms = new(ReadInt64In(0, KvLimits.NoQuota), ReadInt64In(0, KvLimits.NoQuota));
        _isBad |= terms is { MaxKeys: KvLimits.NoQuota, MaxBytes: KvLimits.NoQuota };
        return new SetQuotaCommand(prefix, terms);
    }

    private ReadOnlyMemory<byte> ReadQuotaPrefix()
    {
        int length = ReadUInt16();
        _isBad |= length is 0 or > KvLimits.MaxQuotaPrefixBytes;
        return ReadBytes(length);
    }

    private NodeId ReadNode() => new((ulong)ReadInt64());

    private AlarmKind ReadAlarmKind()
    {
        AlarmKind kind = (AlarmKind)ReadByteUpTo((byte)AlarmKind.Corrupt);
        _isBad |= kind == 0;
        return kind;
    }

    private AlarmCause? ReadOnlyCause()
    {
        byte cause = ReadByteUpTo((byte)AlarmCause.Hand + 1);
        return cause == 0 ? null : (AlarmCause)(cause - 1);
    }

    private LockName ReadLockName()
    {
        LockKind kind = (LockKind)ReadByteUpTo((byte)LockKind.Election);
        ReadOnlyMemory<byte> name = ReadBytes(ReadUInt16());
        _isBad |= !LockKeys.IsName(name.Span);
        return new LockName(kind, name);
    }

    private AcquireOp ReadAcquire()
    {
        LockName name = ReadLockName();
        LockMode mode = (LockMode)ReadByteUpTo((byte)LockMode.Counted);
        bool isTry = ReadByteUpTo(1) == 1;
        int limit = ReadInt32();
        int maxQueue = ReadInt32();
        LeaseId lease = ReadLease();
        long ttlMs = ReadInt64();
        ReadOnlyMemory<byte> value = ReadBytes(ReadInt32());
        AcquireOp acquire = new(name.Kind, name.Name, mode, lease, value, limit, isTry, ttlMs, maxQueue);
        _isBad |= CommandRules.WhatIsWrongWith(acquire) is not null;
        return acquire;
    }

    private MutateCommand? ReadMutate()
    {
        byte hasGuard = ReadByteUpTo(1);
        Compare? guard = hasGuard == 1 ? ReadCompare() : null;
        KvOp? op = ReadOp(depth: 0);
        return op is null ? null : new MutateCommand(op, guard);
    }

    private KvOp? ReadOp(int depth)
    {
        CountOp();
        byte kind = ReadByte();
        if (_isBad)
        {
            return null;
        }

        switch ((OpKind)kind)
        {
            case OpKind.Put:
                PutParts put = ReadPutParts();
                return new PutOp(
                    put.Key, put.Value, put.Lease, put.Flags.HasFlag(PutFlags.WantsPrevious), put.Flags.HasFlag(PutFlags.KeepsValue),
                    put.Flags.HasFlag(PutFlags.KeepsLease));
            case OpKind.DeleteRange:
                byte wantsPrevious = ReadByteUpTo(1);
                return new DeleteRangeOp(ReadKeys(), wantsPrevious == 1);
            case OpKind.Range:
                return new RangeOp(ReadRange());
            case OpKind.Increment:
                ReadOnlyMemory<byte> key = ReadKey();
                return new IncrementOp(key, ReadInt64());
            case OpKind.Txn:
                return ReadTxn(depth + 1);
            case OpKind.Acquire when depth == 0:
                return ReadAcquire();
            default:
                _isBad = true;
                return null;
        }
    }

    private PutParts ReadPutParts()
    {
        PutFlags flags = (PutFlags)ReadByteUpTo((byte)PutFlags.All);
        LeaseId lease = new(ReadInt64());
        int keyLength = ReadUInt16();
        int valueLength = ReadInt32();
        _isBad |= keyLength == 0 || valueLength is < 0 or > KvLimits.MaxValueBytes;
        _isBad |= !lease.IsNone && (lease.Value < 0 || keyLength > KvLimits.MaxLeasedKeyBytes);
        ReadOnlyMemory<byte> key = ReadBytes(keyLength);
        return new PutParts(key, ReadBytes(valueLength), lease, flags);
    }

    private RangeRequest ReadRange()
    {
        RangeFlags flags = (RangeFlags)ReadByteUpTo((byte)RangeFlags.All);
        SortTarget sortBy = (SortTarget)ReadByteUpTo((byte)SortTarget.Value);
        Revision revision = ReadRevision();
        int limit = ReadInt32();
        _isBad |= limit < 0;
        bool isFiltered = (flags & RangeFlags.Filtered) != 0;
        Revision minMod = isFiltered ? ReadRevision() : default;
        Revision maxMod = isFiltered ? ReadRevision() : default;
        Revision minCreate = isFiltered ? ReadRevision() : default;
        Revision maxCreate = isFiltered ? ReadRevision() : default;

        // A command has one encoding: filters that filter nothing are not written.
        _isBad |= isFiltered && minMod == default && maxMod == default && minCreate == default && maxCreate == default;
        return new RangeRequest
        {
            Keys = ReadKeys(),
            Revision = revision,
            Limit = limit,
            IsKeysOnly = (flags & RangeFlags.KeysOnly) != 0,
            IsCountOnly = (flags & RangeFlags.CountOnly) != 0,
            IsDescending = (flags & RangeFlags.Descending) != 0,
            SortBy = sortBy,
            MinModRevision = minMod,
            MaxModRevision = maxMod,
            MinCreateRevision = minCreate,
            MaxCreateRevision = maxCreate,
        };
    }

    private TxnOp? ReadTxn(int depth)
    {
        int compareCount = ReadUInt16();
        int thenCount = ReadUInt16();
        int elseCount = ReadUInt16();

        // Each member takes more than one byte, so counts that the rest can't hold are refused before anything is
        // allocated for them.
        _isBad |= depth > KvLimits.MaxTxnDepth || compareCount + thenCount + elseCount > Remaining;
        if (_isBad)
        {
            return null;
        }

        List<Compare> compares = new(compareCount);
        for (int i = 0; i < compareCount && !_isBad; i++)
        {
            CountOp();
            compares.Add(ReadCompare());
        }

        List<KvOp> thenOps = ReadOps(thenCount, depth);
        List<KvOp> elseOps = ReadOps(elseCount, depth);
        return _isBad ? null : new TxnOp(compares, thenOps, elseOps);
    }

    private List<KvOp> ReadOps(int count, int depth)
    {
        List<KvOp> ops = _isBad ? [] : new(count);
        for (int i = 0; i < count && !_isBad; i++)
        {
            if (ReadOp(depth) is { } op)
            {
                ops.Add(op);
            }
        }

        return ops;
    }

    private Compare ReadCompare()
    {
        CompareTarget target = (CompareTarget)ReadByteUpTo((byte)CompareTarget.Lease);
        CompareOperator comparison = (CompareOperator)ReadByteUpTo((byte)CompareOperator.NotEqual);
        KeyRange keys = ReadKeys();
        if (target != CompareTarget.Value)
        {
            return new Compare(keys, target, comparison, ReadInt64(), default);
        }

        int length = ReadInt32();
        return new Compare(keys, target, comparison, 0, ReadBytes(length));
    }

    private KeyRange ReadKeys()
    {
        KeyRangeKind kind = (KeyRangeKind)ReadByteUpTo((byte)KeyRangeKind.From);
        if (kind == KeyRangeKind.Single)
        {
            return KeyRange.Single(ReadKey());
        }

        ReadOnlyMemory<byte> start = ReadBytes(ReadUInt16());
        return kind == KeyRangeKind.From ? KeyRange.From(start) : KeyRange.Between(start, ReadBytes(ReadUInt16()));
    }

    private ReadOnlyMemory<byte> ReadKey()
    {
        int length = ReadUInt16();
        _isBad |= length == 0;
        return ReadBytes(length);
    }

    private LeaseId ReadLease() => new(ReadInt64In(1, long.MaxValue));

    private long ReadInt64In(long min, long max)
    {
        long value = ReadInt64();
        _isBad |= value < min || value > max;
        return value;
    }

    private Revision ReadRevision()
    {
        long value = ReadInt64();
        _isBad |= value < 0;
        return new Revision(value);
    }

    private void CountOp() => _isBad |= ++_opCount > KvLimits.MaxOps;

    private byte ReadByteUpTo(byte max)
    {
        byte value = ReadByte();
        _isBad |= value > max;
        return value;
    }

    private byte ReadByte()
    {
        ReadOnlySpan<byte> bytes = Take(sizeof(byte));
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    private ushort ReadUInt16()
    {
        ReadOnlySpan<byte> bytes = Take(sizeof(ushort));
        return bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    private int ReadInt32()
    {
        ReadOnlySpan<byte> bytes = Take(sizeof(int));
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    private long ReadInt64()
    {
        ReadOnlySpan<byte> bytes = Take(sizeof(long));
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    private ReadOnlyMemory<byte> ReadBytes(int count)
    {
        if (_isBad || count < 0 || count > Remaining)
        {
            _isBad = true;
            return default;
        }

        ReadOnlyMemory<byte> bytes = _bytes.Slice(_position, count);
        _position += count;
        return bytes;
    }

    /// <summary>The next bytes; empty when there are too few, and then the reader is bad.</summary>
    private ReadOnlySpan<byte> Take(int count) => ReadBytes(count).Span;
}

/// <summary>What a put says, without an object for it.</summary>
internal readonly record struct PutParts(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, LeaseId Lease, PutFlags Flags);
