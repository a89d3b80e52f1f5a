using System.Buffers.Binary;
using System.Security.Cryptography;
using RaftKv.Bolt;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Snapshot;
using RaftKv.Storage;

namespace RaftKv.Backups;

/// <summary>
/// A state from a snapshot of etcd's (<c>etcdctl snapshot save</c>, or the file <c>member/snap/db</c> of a stopped member): all
/// kept versions with their revisions, and the leases with their whole time. Members, users, roles and alarms are left.
/// </summary>
internal static class EtcdSnapshot
{
    private const int RevisionBytes = 17;
    private const int SectorBytes = 512;

    /// <summary>
    /// Loads a file. Throws <see cref="StorageCorruptException"/> for one that is no such snapshot or not whole, and
    /// <see cref="DataDirectoryException"/> when it is not there.
    /// </summary>
    public static SavedState Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new DataDirectoryException($"{path} does not exist. Give a snapshot that etcdctl saved.");
        }

        if (new FileInfo(path).Length > Array.MaxLength)
        {
            throw new DataDirectoryException($"{path} is larger than {Array.MaxLength} bytes, and is not read.");
        }

        byte[] file = File.ReadAllBytes(path);
        try
        {
            var bolt = new BoltReader(WithoutDigest(file));
            MvccStore store = Build(bolt);
            var members = new Membership([new NodeId(1)]);
            return new SavedState(
                0, new SnapshotInfo(new EntryId(Term.Zero, store.AppliedIndex), members), store, file.Length,
                Convert.ToHexStringLower(SHA256.HashData(file)));
        }
        catch (FormatException bad)
        {
            throw new StorageCorruptException(path, 0, $"no snapshot of etcd's: {bad.Message}");
        }
    }

    // etcdctl puts a digest behind the database, whose length is a multiple of a sector; a copied file has none.
    private static ReadOnlyMemory<byte> WithoutDigest(byte[] file)
    {
        if (file.Length % SectorBytes != SHA256.HashSizeInBytes)
        {
            return file;
        }

        ReadOnlyMemory<byte> database = file.AsMemory(..^SHA256.HashSizeInBytes);
        return SHA256.HashData(database.Span).AsSpan().SequenceEqual(file.AsSpan(^SHA256.HashSizeInBytes..))
            ? database
            : throw new FormatException("its SHA-256 is not the one at its end");
    }

    private static MvccStore Build(BoltReader bolt)
    {
        Revision compacted = Revision.Zero;
        Revision newest = Revision.Initial;
        foreach ((ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value) in bolt.Bucket("meta"u8.ToArray()))
        {
            if (key.Span.SequenceEqual("finishedCompactRev"u8) || key.Span.SequenceEqual("scheduledCompactRev"u8))
            {
                Revision revision = RevisionIn(value.Span, out _, out _);
                compacted = revision > compacted ? revision : compacted;
            }
        }

        newest = compacted > newest ? compacted : newest;
        List<ImportedVersion> versions = [];
        foreach ((ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value) in bolt.Bucket("key"u8.ToArray()))
        {
            Revision revision = RevisionIn(key.Span, out int sub, out bool isDeletion);
            versions.Add(VersionIn(value, revision, sub, isDeletion));
            newest = revision > newest ? revision : newest;
        }

        List<KeyValuePair<LeaseId, long>> leases = [];
        foreach ((ReadOnlyMemory<byte> _, ReadOnlyMemory<byte> value) in bolt.Bucket("lease"u8.ToArray()))
        {
            var lease = new ProtoFields(value);
            leases.Add(new(new LeaseId(lease.Number(1)), Math.Min(lease.Number(2), long.MaxValue / 1000) * 1000));
        }

        return StoreImport.Build(versions, leases, newest, compacted);
    }

    private static Revision RevisionIn(ReadOnlySpan<byte> key, out int sub, out bool isDeletion)
    {
        bool isSound = key.Length is RevisionBytes or RevisionBytes + 1 && key[8] == (byte)'_'
            && (key.Length == RevisionBytes || key[RevisionBytes] == (byte)'t');
        long place = isSound ? BinaryPrimitives.ReadInt64BigEndian(key[9..]) : -1;
        if (place is < 0 or > int.MaxValue)
        {
            throw new FormatException("a key of it is no revision");
        }

        sub = (int)place;
        isDeletion = key.Length > RevisionBytes;
        return new Revision(BinaryPrimitives.ReadInt64BigEndian(key));
    }

    // mvccpb.KeyValue: key 1, create revision 2, mod revision 3, version 4, value 5, lease 6.
    private static ImportedVersion VersionIn(ReadOnlyMemory<byte> value, Revision revision, int sub, bool isDeletion)
    {
        var pair = new ProtoFields(value);
        return isDeletion
            ? new ImportedVersion(pair.Bytes(1), default, Revision.Zero, revision, sub, 0, LeaseId.None)
            : new ImportedVersion(
                pair.Bytes(1), pair.Bytes(5), new Revision(pair.Number(2)), revision, sub, pair.Number(4), new LeaseId(pair.Number(6)));
    }
}
