namespace RaftKv.Core.Store.Commands;

/// <summary>Kinds of alarms; the numbers are etcd's, and in the log.</summary>
public enum AlarmKind : byte
{
    /// <summary>There is no room: what would need some is refused.</summary>
    NoSpace = 1,

    /// <summary>Somebody found the data damaged: nothing is written until he says that it is sound.</summary>
    Corrupt = 2,
}

/// <summary>Who raised an alarm, and so who takes it back. The values are in the log.</summary>
public enum AlarmCause : byte
{
    /// <summary>The store itself, when the quota was reached; it clears it when there is room again.</summary>
    Quota = 0,

    /// <summary>A leader, for a member whose disk is nearly full; it clears it when that disk has room again.</summary>
    Disk = 1,

    /// <summary>A client; only a client clears it.</summary>
    Hand = 2,
}
