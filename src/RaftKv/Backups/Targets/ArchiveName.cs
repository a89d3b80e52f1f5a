using System.Globalization;
using RaftKv.Core;
using RaftKv.Core.Disk.Snapshots;

namespace RaftKv.Backups.Targets;

/// <summary>
/// The name of a piece of the log in a directory of backups: <c>raftkv-CLUSTER-log-FIRST-LAST.rlog</c>, so that names of a
/// cluster sort by index.
/// </summary>
internal static class ArchiveName
{
    /// <summary>Ending of the file's name.</summary>
    public const string Suffix = ".rlog";

    private const string Prefix = "raftkv-";

    /// <summary>The file's name.</summary>
    public static string Of(ArchiveSpan span) => string.Create(
        CultureInfo.InvariantCulture, $"{Prefix}{span.ClusterId:x16}-log-{span.First.Value:D19}-{span.Last.Value:D19}{Suffix}");

    /// <summary>Reads a file's name; null for anything else.</summary>
    public static ArchiveSpan? Parse(string file)
    {
        string[] parts = file.EndsWith(Suffix, StringComparison.Ordinal) ? file[..^Suffix.Length].Split('-') : [];
        return parts.Length == 5 && parts[1].Length == 16
            && ulong.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong cluster)
            && long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out long first)
            && long.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out long last)
            && new ArchiveSpan(cluster, new LogIndex(first), new LogIndex(last)) is var span && Of(span) == file
            ? span
            : null;
    }
}
