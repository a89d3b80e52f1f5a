using System.Globalization;

namespace RaftKv.Backups.Targets;

/// <summary>
/// The name of a backup in its directory, which says what it is: <c>raftkv-CLUSTER-REVISION-TIME.snap</c>, so that names of a
/// cluster sort by revision. The time is the clock of the node that took it, in UTC.
/// </summary>
/// <param name="Revision">The newest revision in it.</param>
internal readonly record struct BackupName(ulong ClusterId, long Revision, DateTimeOffset Taken)
{
    /// <summary>Ending of the file's name.</summary>
    public const string Suffix = ".snap";

    private const string Prefix = "raftkv-";
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>What names it in the API: the file's name without its ending.</summary>
    public string Id
    {
        get
        {
            string taken = Taken.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
            return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{ClusterId:x16}-{Revision:D19}-{taken}");
        }
    }

    /// <summary>The file's name.</summary>
    public string File => Id + Suffix;

    /// <summary>Reads an id; null for anything else.</summary>
    public static BackupName? Parse(string id)
    {
        string[] parts = id.Split('-');
        return parts.Length == 4 && parts[0] + "-" == Prefix
            && parts[1].Length == 16
            && ulong.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong cluster)
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long revision)
            && DateTimeOffset.TryParseExact(
                parts[3], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out DateTimeOffset taken)
            && new BackupName(cluster, revision, taken) is var name && name.Id == id
            ? name
            : null;
    }

    /// <summary>Reads a file's name; null for anything else.</summary>
    public static BackupName? ParseFile(string file) =>
        file.EndsWith(Suffix, StringComparison.Ordinal) ? Parse(file[..^Suffix.Length]) : null;
}
