using RaftKv.Storage;

namespace RaftKv.Backups.Targets;

/// <summary>Targets by what people write: <c>file:DIR</c>, a path, or <c>s3://BUCKET/PREFIX</c>.</summary>
internal static class BackupTargets
{
    /// <summary>What is wrong with the text as a target; null when nothing is. What may be a secret is not repeated.</summary>
    public static string? ProblemOf(string text)
    {
        if (S3Address.IsMeant(text))
        {
            return S3Address.Parse(text, out string problem) is null ? problem : null;
        }

        return IsOther(text) || text.Length == 0
            ? $"\"{text}\" is no directory; it should look like file:/var/backups/raftkv or s3://BUCKET/PREFIX."
            : null;
    }

    /// <summary>A target in one word for a setting that is shown; only for a text without a problem.</summary>
    public static string ShownOf(string text) =>
        S3Address.IsMeant(text) ? S3Address.Parse(text, out _)!.ToString() : $"file:{FileOf(text)}";

    /// <summary>
    /// The full path of a file or directory on this machine, named with or without <c>file:</c>. Throws
    /// <see cref="DataDirectoryException"/> for a place in an object store, or another address.
    /// </summary>
    public static string FileOf(string text) => S3Address.IsMeant(text) || IsOther(text)
        ? throw new DataDirectoryException("A file on this machine is wanted here, and no address.")
        : Path.GetFullPath(Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.IsFile ? url.LocalPath
            : text.StartsWith("file:", StringComparison.Ordinal) ? text["file:".Length..]
            : text);

    /// <summary>
    /// The target that a restore is made from, and the file in it; null for the file when it is the whole of a target. Throws
    /// <see cref="DataDirectoryException"/> with a sentence for what is none.
    /// </summary>
    public static (IBackupTarget Target, string? File) Find(string text)
    {
        if (S3Address.IsMeant(text))
        {
            return StoreOf(text);
        }

        string path = FileOf(text);
        if (Directory.Exists(path))
        {
            return (new DirectoryTarget(path), null);
        }

        return File.Exists(path)
            ? (new DirectoryTarget(Path.GetDirectoryName(path)!), Path.GetFileName(path))
            : throw new DataDirectoryException($"{text} does not exist. Give a backup file, or a node's address.");
    }

    /// <summary>
    /// The place in an object store that a backup is to be put into, and its name there; null for the name when none is given. Throws
    /// <see cref="DataDirectoryException"/> with a sentence for what is none.
    /// </summary>
    public static (S3Target Target, string? File) StoreOf(string text)
    {
        S3Address address = S3Address.Parse(text, out string problem)
            ?? throw new DataDirectoryException(char.ToUpperInvariant(problem[0]) + problem[1..]);
        (S3Address place, string name) = address.Split();
        bool isFile = name.EndsWith(BackupName.Suffix, StringComparison.Ordinal);
        return (new S3Target(isFile ? place : address, S3Limits.Usual), isFile ? name : null);
    }

    /// <summary>Opens one; only for a text without a problem. Nothing is asked of it yet.</summary>
    public static IBackupTarget Open(string text) =>
        S3Address.IsMeant(text) ? new S3Target(S3Address.Parse(text, out _)!, S3Limits.Usual) : new DirectoryTarget(FileOf(text));

    private static bool IsOther(string text) =>
        text.Contains("://", StringComparison.Ordinal) && !text.StartsWith("file:", StringComparison.Ordinal);
}
