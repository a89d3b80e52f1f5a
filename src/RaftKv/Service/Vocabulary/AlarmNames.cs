using RaftKv.Core;
using RaftKv.Core.Store.Quotas;

namespace RaftKv.Service.Vocabulary;

/// <summary>Words for alarms; the kinds are etcd's.</summary>
internal static class AlarmNames
{
    /// <summary>NOSPACE or CORRUPT.</summary>
    public static string Of(AlarmKind kind) => kind switch
    {
        AlarmKind.NoSpace => "NOSPACE",
        AlarmKind.Corrupt => "CORRUPT",
        _ => Check.Unreachable<string>(kind),
    };

    /// <summary>quota, disk or hand.</summary>
    public static string Of(AlarmCause cause) => cause switch
    {
        AlarmCause.Quota => "quota",
        AlarmCause.Disk => "disk",
        AlarmCause.Hand => "hand",
        _ => Check.Unreachable<string>(cause),
    };

    /// <summary>The kind of a word, in any case; null when it is none.</summary>
    public static AlarmKind? Parse(ReadOnlySpan<char> word) =>
        word.Equals("NOSPACE", StringComparison.OrdinalIgnoreCase) ? AlarmKind.NoSpace
        : word.Equals("CORRUPT", StringComparison.OrdinalIgnoreCase) ? AlarmKind.Corrupt
        : null;
}
