namespace RaftKv.Core.Store.Commands;

/// <summary>The first byte after the version. The values are in the log.</summary>
internal enum CommandKind : byte
{
    Mutate = 1,
    Compact = 2,
    SetClusterKey = 3,
    GrantLease = 4,
    RevokeLease = 5,
    ExpireLease = 6,
    AdvanceTime = 7,
    SetGuard = 8,
    RemoveGuard = 9,
    OpenSession = 10,
    CloseSession = 11,
    SetOnceLimits = 12,
    SetClusterVersion = 13,
    CompactSlice = 14,
    SetQuota = 32,
    RemoveQuota = 33,
    SetStoreQuota = 34,
    ReportBudget = 35,
    RaiseAlarm = 36,
    ClearAlarm = 37,
    ChangeAccess = 48,

    /// <summary>At least one of <see cref="WrapperParts"/>, and then one of the others.</summary>
    Wrapped = 16,
}

/// <summary>What a wrapper says about the command in it; in the log.</summary>
[Flags]
internal enum WrapperParts : byte
{
    None = 0,
    Fences = 1,
    Key = 2,
    Session = 4,
    Principal = 8,
    All = 15,
}

/// <summary>The first byte of an operation. The values are in the log.</summary>
internal enum OpKind : byte
{
    Put = 1,
    DeleteRange = 2,
    Range = 3,
    Increment = 4,
    Txn = 5,
    Acquire = 6,
}

/// <summary>Flags of a put; in the log.</summary>
[Flags]
internal enum PutFlags : byte
{
    None = 0,
    WantsPrevious = 1,
    KeepsValue = 2,
    KeepsLease = 4,
    All = 7,
}

/// <summary>Flags of a range; in the log.</summary>
[Flags]
internal enum RangeFlags : byte
{
    None = 0,
    KeysOnly = 1,
    CountOnly = 2,
    Descending = 4,
    Filtered = 8,
    All = 15,
}
