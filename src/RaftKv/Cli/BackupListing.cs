using System.Globalization;
using RaftKv.Backups.Targets;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Storage;

namespace RaftKv.Cli;

/// <summary><c>raftkv backup list</c>: what is in a directory of backups or in an object store, by cluster, without a node.</summary>
internal static class BackupListing
{
    /// <summary>Prints it. Throws <see cref="DataDirectoryException"/> with a sentence when the place can't be looked at.</summary>
    public static async Task PrintAsync(string from, TextWriter output, CancellationToken cancellationToken)
    {
        (IBackupTarget target, string? file) = BackupTargets.Find(from);
        using (target)
        {
            if (file is not null)
            {
                throw new DataDirectoryException($"{from} is one backup; \"raftkv backup verify\" says what is in it.");
            }

            List<StoredFile> files = await ListAsync(target, cancellationToken).ConfigureAwait(false);
            RestoreCommand.Line(output, "place", target.Shown);
            ILookup<ulong, StoredFile> clusters = files.ToLookup(
                static stored => BackupName.ParseFile(stored.Name)?.ClusterId ?? ArchiveName.Parse(stored.Name)!.Value.ClusterId);
            foreach (IGrouping<ulong, StoredFile> cluster in clusters.OrderBy(static one => one.Key))
            {
                Print(output, cluster.Key, [.. cluster]);
            }

            if (files.Count == 0)
            {
                output.WriteLine("no backups");
            }
        }
    }

    private static async Task<List<StoredFile>> ListAsync(IBackupTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return await target.ListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new DataDirectoryException($"{target.Shown} can't be looked at: {failure.Message}", failure);
        }
    }

    private static void Print(TextWriter output, ulong cluster, List<StoredFile> files)
    {
        RestoreCommand.Line(output, "cluster", $"{cluster:x16}");
        foreach (StoredFile file in files.OrderBy(static file => file.Name, StringComparer.Ordinal))
        {
            if (file.IsWhole && BackupName.ParseFile(file.Name) is { } name)
            {
                RestoreCommand.Line(
                    output, "backup",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{name.Taken.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}  revision {name.Revision}  {file.Bytes} bytes  {file.Name}"));
            }
        }

        IEnumerable<string> whole = files.Where(static file => file.IsWhole).Select(static file => file.Name);
        PrintLog(output, [.. whole.Select(ArchiveName.Parse).OfType<ArchiveSpan>()]);
        if (files.Count(static file => !file.IsWhole) is > 0 and int unfinished)
        {
            RestoreCommand.Line(output, "unfinished", $"{unfinished} files, which count for nothing");
        }
    }

    // Runs of entries: where one ends and the next begins later, a restore stops.
    private static void PrintLog(TextWriter output, ArchiveSpan[] spans)
    {
        ArchiveSpan? run = null;
        foreach (ArchiveSpan span in spans.OrderBy(static span => span.First.Value))
        {
            if (run is { } before && span.First <= before.Last.Next)
            {
                run = before with { Last = span.Last > before.Last ? span.Last : before.Last };
                continue;
            }

            Say(output, run);
            run = span;
        }

        Say(output, run);
    }

    private static void Say(TextWriter output, ArchiveSpan? run)
    {
        if (run is { } entries)
        {
            RestoreCommand.Line(output, "log", $"entries {entries.First} to {entries.Last}");
        }
    }
}
