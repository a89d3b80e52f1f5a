using System.Globalization;
using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Store;

namespace RaftKv.Storage;

/// <summary>Verifies one snapshot file to its last byte and prints what it holds. Changes nothing.</summary>
public static class SnapshotInspect
{
    /// <summary>Inspects a file; 0 when it is sound, 1 with a sentence on <paramref name="error"/> when not.</summary>
    public static int Run(string path, TextWriter output, TextWriter error) => OfflineTool.Guard(error, () =>
    {
        string full = Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new DataDirectoryException($"{full} does not exist. Give a snapshot file.");
        }

        var device = new FileStorageDevice(Path.GetDirectoryName(full) ?? full);
        using IStorageFile file = device.Open(Path.GetFileName(full), isReadOnly: true);
        Print(output, SnapshotLoader.Load(file, full));
    });

    internal static void Print(TextWriter output, LoadedSnapshot snapshot)
    {
        StoreView view = snapshot.Store.View;
        Membership members = snapshot.Info.Membership;
        Line(output, "cluster", $"{snapshot.ClusterId:x16}");
        Line(output, "last entry", $"{snapshot.Info.LastEntry.Index} (term {snapshot.Info.LastEntry.Term})");
        Line(output, "voters", string.Join(' ', members.Voters));
        if (members.IsJoint)
        {
            Line(output, "outgoing", string.Join(' ', members.OutgoingVoters));
        }

        if (members.Learners.Count > 0)
        {
            Line(output, "learners", string.Join(' ', members.Learners));
        }

        Line(output, "file", string.Create(CultureInfo.InvariantCulture, $"{snapshot.FileBytes} bytes, {snapshot.BlockCount} blocks"));
        Line(output, "sha-256", snapshot.Sha256);
        Line(output, "revision", $"{view.Revision} (compacted {view.CompactedRevision})");
        Line(
            output, "keys",
            string.Create(CultureInfo.InvariantCulture, $"{view.KeyCount} live, {view.DataBytes} bytes with all kept versions"));
        Line(output, "state hash", $"{view.StateHash:x16}");
    }

    private static void Line(TextWriter output, string name, string value) => output.WriteLine($"{name,-12}{value}");
}
