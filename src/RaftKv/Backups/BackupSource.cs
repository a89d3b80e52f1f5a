using System.Globalization;
using System.Security.Cryptography;
using RaftKv.Backups.Targets;
using RaftKv.Contract;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Storage;

namespace RaftKv.Backups;

/// <summary>A node's state that was written to a file here.</summary>
/// <param name="Revision">The newest in it; null when the node did not say.</param>
internal readonly record struct ReceivedState(WrittenBackup Written, long? Revision);

/// <summary>A node's state that was put into a place, under this address.</summary>
internal readonly record struct StoredState(string Location, WrittenBackup Written);

/// <summary>
/// Where a backup comes from: a file, a directory or an object store, the address of one, or a node, which is asked for its
/// state as it is now. It is read to its end and verified before anything is made of it.
/// </summary>
internal static class BackupSource
{
    /// <summary>What a node answers with its state under.</summary>
    public const string SnapshotPath = "/api/v1/snapshot";

    private const string DownloadName = "download" + TemporaryFiles.Suffix;
    private const int CopyBytes = 1024 * 1024;

    /// <summary>
    /// Loads a backup. Throws <see cref="StorageCorruptException"/> for one that is not whole and right, and
    /// <see cref="DataDirectoryException"/> with a sentence when it can't be had.
    /// </summary>
    /// <param name="from">A path, <c>file:</c>, <c>s3:</c>, <c>http:</c> or <c>https:</c>. Of a directory of backups, or a
    /// prefix, the newest one with the log behind it.</param>
    /// <param name="scratch">A directory for what is loaded over the network, which is deleted again.</param>
    /// <param name="point">How far to go along the log; null for just the file, or to the end of a directory.</param>
    /// <param name="http">Who asks over the network.</param>
    public static async Task<SavedState> LoadAsync(
        string from, string scratch, RestorePoint? point, HttpClient http, CancellationToken cancellationToken)
    {
        if (UrlOf(from) is not { } url)
        {
            return await LoadStoredAsync(from, scratch, point, cancellationToken).ConfigureAwait(false);
        }

        if (point is not null)
        {
            throw new DataDirectoryException(
                $"{from} is one state: --to-revision and --to-time need a place with backups and the log behind them.");
        }

        var device = new FileStorageDevice(scratch);
        if (device.List().Contains(DownloadName))
        {
            device.Delete(DownloadName);
        }

        string path = Path.Combine(scratch, DownloadName);
        try
        {
            await AskAsync(http, url, $"{url} could not be loaded", async (_, body) =>
            {
                await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
                await body.CopyToAsync(file, CopyBytes, cancellationToken).ConfigureAwait(false);
                return file.Length;
            }, cancellationToken).ConfigureAwait(false);
            return Load(path, url.ToString());
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>
    /// The address that something is loaded from; null for a file. A node's address without a path means its snapshot.
    /// </summary>
    public static Uri? UrlOf(string from)
    {
        if (!Uri.TryCreate(from, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            return null;
        }

        return url.AbsolutePath == "/" ? new Uri(url, SnapshotPath) : url;
    }

    private static async Task<SavedState> LoadStoredAsync(
        string from, string scratch, RestorePoint? point, CancellationToken cancellationToken)
    {
        (IBackupTarget target, string? file) = BackupTargets.Find(from);
        using (target)
        {
            try
            {
                return file is null || point is not null
                    ? await ArchiveSource.LoadAsync(target, file, point ?? RestorePoint.End, scratch, cancellationToken)
                        .ConfigureAwait(false)
                    : await LoadFileAsync(target, file, scratch, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException failure) when (target is S3Target)
            {
                throw new DataDirectoryException($"No backup can be had: {failure.Message}", failure);
            }
        }
    }

    /// <summary>
    /// Streams a node's state of now into a file, so that the file is whole under its name or not there; see
    /// <see cref="BackupWriter"/>. Throws <see cref="DataDirectoryException"/> when the node does not give it.
    /// </summary>
    public static async Task<ReceivedState> SaveAsync(Uri node, string path, HttpClient http, CancellationToken cancellationToken)
    {
        string directory = Path.GetDirectoryName(path)!;
        string name = Path.GetFileName(path);
        DataDirectory.CreateDirectory(directory);
        return await AskAsync(http, new Uri(node, SnapshotPath), $"No backup came from {node}", (answer, body) =>
        {
            WrittenBackup written = BackupWriter.Write(
                new FileStorageDevice(directory), name, name + TemporaryFiles.Suffix, PiecesOf(body), BackupWriter.VerifySnapshot);
            return Task.FromResult(new ReceivedState(written, RevisionIn(answer)));
        }, cancellationToken).ConfigureAwait(false);
    }

    // What is made of the answer as it comes; what breaks on the way is told behind the sentence.
    private static async Task<T> AskAsync<T>(
        HttpClient http, Uri url, string sentence, Func<HttpResponseMessage, Stream, Task<T>> make,
        CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await http
                .GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            Demand(url, answer);
            await using Stream body = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);

            // Danger: the body is read without await by who writes the file, and completions run on the thread that watches sockets
            // (Program.cs), which alone would notice the bytes that it waits for. See SavedApartTests, whose node sends them apart.
            await Task.Yield();
            return await make(answer, body).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            throw new DataDirectoryException($"{sentence}: {failure.Message}", failure);
        }
    }

    /// <summary>
    /// Puts a node's state of now into an object store. It passes through a file here, and is verified before it is sent; there it
    /// counts as a backup when it was read back, and not before. Throws as <see cref="SaveAsync"/>, and
    /// <see cref="IOException"/> with a sentence when the store does not take it.
    /// </summary>
    /// <param name="name">Its name in the store; null for one that says what it is, as a node would call it.</param>
    /// <param name="scratch">A directory for the file, which is deleted again.</param>
    public static async Task<StoredState> StoreAsync(
        Uri node, IBackupTarget target, string? name, string scratch, TimeProvider time, HttpClient http,
        CancellationToken cancellationToken)
    {
        string path = Path.Combine(scratch, DownloadName);
        try
        {
            ReceivedState received = await SaveAsync(node, path, http, cancellationToken).ConfigureAwait(false);
            string file = name ?? NameOf(path, received, time);
            await using var body = new FileStream(path, FileMode.Open, FileAccess.Read);
            WrittenBackup written = await target.WriteAsync(
                new BackupUpload(file, "save", PiecesOf(body), BackupWriter.VerifySnapshot, received.Written.Bytes), cancellationToken)
                .ConfigureAwait(false);
            return new StoredState(target.Locate(file), written);
        }
        finally
        {
            File.Delete(path);
            File.Delete(path + BackupWriter.DigestSuffix);
        }
    }

    private static string NameOf(string path, ReceivedState received, TimeProvider time)
    {
        using IStorageFile file = new FileStorageDevice(Path.GetDirectoryName(path)!).Open(Path.GetFileName(path), isReadOnly: true);
        _ = SnapshotFile.ReadInfo(file, path, out ulong cluster);
        return received.Revision is { } revision
            ? new BackupName(cluster, revision, time.GetUtcNow()).File
            : throw new DataDirectoryException(
                "The node did not say of which revision its state is: give the backup a name that ends in .snap.");
    }

    private static long? RevisionIn(HttpResponseMessage answer)
    {
        string? text = answer.Headers.TryGetValues(HeaderNames.Revision, out IEnumerable<string>? said) ? said.First() : null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long revision) ? revision : null;
    }

    private static void Demand(Uri url, HttpResponseMessage answer)
    {
        int status = (int)answer.StatusCode;
        if (!answer.IsSuccessStatusCode)
        {
            string advice = status switch
            {
                401 when url.AbsolutePath == SnapshotPath => " Say who you are, with --user or --token-file.",
                401 => " Credentials are for nodes only, and are not sent there.",
                403 => " The user has no right to take backups.",
                _ => "",
            };
            throw new DataDirectoryException($"{url} answered {status}: no backup can be had from there now.{advice}");
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> PiecesOf(Stream body)
    {
        byte[] piece = new byte[CopyBytes];
        int count;
        while ((count = body.Read(piece)) > 0)
        {
            yield return piece.AsMemory(0, count);
        }
    }

    /// <summary>
    /// Loads one file of a target. Throws as <see cref="IBackupTarget.FetchAsync"/> and for one that is not whole and right.
    /// </summary>
    internal static async Task<SavedState> LoadFileAsync(
        IBackupTarget target, string name, string scratch, CancellationToken cancellationToken)
    {
        using FetchedFile file = await target.FetchAsync(name, scratch, cancellationToken).ConfigureAwait(false);
        return Load(file.Path, target.Locate(name));
    }

    private static SavedState Load(string path, string shown)
    {
        var device = new FileStorageDevice(Path.GetDirectoryName(path)!);
        using IStorageFile file = device.Open(Path.GetFileName(path), isReadOnly: true);
        LoadedSnapshot loaded = SnapshotLoader.Load(file, shown);
        return new SavedState(loaded.ClusterId, loaded.Info, loaded.Store, loaded.FileBytes, DigestOf(path));
    }

    // Of the whole file, as sha256sum says: what a snapshot's footer holds leaves the footer out.
    private static string DigestOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
