using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Service.Vocabulary;

/// <summary>Words for alarms; the kinds are etcd's.</summary>
internal static class AlarmNames
{
    /// <summary>NOSPACE or CORRUPT.</summary>
    public static string Of(AlarmKind kind) => kind switch
    {
        AlarmKind.NoSpace => AlarmKinds.NoSpace,
        AlarmKind.Corrupt => AlarmKinds.Corrupt,
        _ => Check.Unreachable<string>(kind),
    };

    /// <summary>quota, disk or hand.</summary>
    public static string Of(AlarmCause cause) => cause switch
    {
        AlarmCause.Quota => AlarmCauses.Quota,
        AlarmCause.Disk => AlarmCauses.Disk,
        AlarmCause.Hand => AlarmCauses.Hand,
        _ => Check.Unreachable<string>(cause),
    };

    /// <summary>The kind of a word, in any case; null when it is none.</summary>
    public static AlarmKind? Parse(ReadOnlySpan<char> word) =>
        word.Equals(AlarmKinds.NoSpace, StringComparison.OrdinalIgnoreCase) ? AlarmKind.NoSpace
        : word.Equals(AlarmKinds.Corrupt, StringComparison.OrdinalIgnoreCase) ? AlarmKind.Corrupt
        : null;
}
