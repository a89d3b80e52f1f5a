namespace RaftKv.Backups.Targets;

/// <summary>What files of a backup are called, and what stands in the file of a digest; the same in every target.</summary>
internal static class BackupFiles
{
    /// <summary>What every name begins with.</summary>
    public const string Prefix = "raftkv-";

    private const int DigestLength = 64;

    /// <summary>True for the name of a backup or of a piece of the log.</summary>
    public static bool IsOne(string name) => BackupName.ParseFile(name) is not null || ArchiveName.Parse(name) is not null;

    /// <summary>The digest in a line as <c>sha256sum</c> writes it; null for anything else.</summary>
    public static string? DigestIn(string line)
    {
        bool isOne = line.Length > DigestLength && line[DigestLength] == ' '
            && !line.AsSpan(0, DigestLength).ContainsAnyExcept("0123456789abcdef");
        return isOne ? line[..DigestLength] : null;
    }
}
