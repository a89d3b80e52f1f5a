using RaftKv.Backups.Targets;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Storage;

namespace RaftKv.Backups;

/// <summary>What a restore is to do.</summary>
/// <param name="From">A file, or an address.</param>
/// <param name="DataDirectory">A new directory.</param>
/// <param name="Begin">The first revision; null for one that follows from the time.</param>
/// <param name="KeepsLeases">Leases and locks live on.</param>
/// <param name="Point">How far to go along the archived log; null for just the backup, or to the end of a directory.</param>
internal sealed record RestoreOrder(string From, string DataDirectory, Revision? Begin, bool KeepsLeases, RestorePoint? Point = null)
{
    /// <summary>It is a file of etcd's.</summary>
    public bool IsEtcd { get; init; }
}

/// <summary>What a restore, or a recovery, has done.</summary>
/// <param name="Saved">What it began with.</param>
/// <param name="Terms">How the new cluster begins.</param>
/// <param name="EndedLeases">Leases that ended with it.</param>
internal sealed record RestoreReport(string Path, SavedState Saved, Revision SavedRevision, RestoreTerms Terms, long EndedLeases);

/// <summary>
/// Makes a data directory of a backup, offline. The directory founds a cluster of its own when it is started: alone, or with
/// others that were restored from the same. docs/adr/0011-restore-is-a-founding.md has the reasons.
/// </summary>
internal static class RestoreJob
{
    private static readonly DateTimeOffset _start2026 = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Does it. Throws <see cref="DataDirectoryException"/> with a sentence, and
    /// <see cref="Core.Disk.Device.StorageCorruptException"/> for a backup that is not whole and right; the directory is then
    /// what it was before, or no node's.
    /// </summary>
    /// <param name="http">Who asks for a backup that comes over the network.</param>
    /// <param name="instance">Drawn for the new directory.</param>
    public static async Task<RestoreReport> RunAsync(
        RestoreOrder order, HttpClient http, NodeId instance, TimeProvider time, CancellationToken cancellationToken)
    {
        using RestoreTarget target = RestoreTarget.OpenEmpty(order.DataDirectory);
        SavedState saved;
        try
        {
            target.Begin(instance);
            saved = order.IsEtcd
                ? EtcdSnapshot.Load(BackupTargets.FileOf(order.From))
                : await BackupSource.LoadAsync(order.From, target.Path, order.Point, http, cancellationToken).ConfigureAwait(false);
        }
        catch (DataDirectoryException)
        {
            // There is no backup. One that is damaged leaves a directory that says so, on which no node starts.
            target.Abandon();
            throw;
        }

        RestoreTerms terms = TermsOf(saved, order.Begin, order.KeepsLeases, time);
        RestoreReport report = ReportOf(target, saved, terms);
        string digest = RestoredImage.Write(target.Root, saved.ClusterId, saved.Info, saved.Store.RestoreAs(terms));
        target.Become(DirectoryIdentity.New("", instance, []) with { Restored = digest });
        return report;
    }

    /// <summary>How a cluster begins that is made of a state. Throws when the revision that was asked for is too near.</summary>
    internal static RestoreTerms TermsOf(SavedState saved, Revision? begin, bool keepsLeases, TimeProvider time)
    {
        Revision newest = saved.Store.View.Revision;
        var terms = new RestoreTerms(
            begin ?? RestoreTerms.BeginAt(newest, (long)(time.GetUtcNow() - _start2026).TotalSeconds), keepsLeases);
        return terms.IsPast(newest)
            ? terms
            : throw new DataDirectoryException(
                $"--begin-revision {terms.Begin} is too near to the backup's revision {newest}: what came after it is not known. Give"
                + $" {newest.Value + RestoreTerms.MinGap} or more.");
    }

    /// <summary>Taken before the state is changed.</summary>
    internal static RestoreReport ReportOf(RestoreTarget target, SavedState saved, RestoreTerms terms) => new(
        target.Path, saved, saved.Store.View.Revision, terms, terms.KeepsLeases ? 0 : saved.Store.View.LeaseCount);
}
