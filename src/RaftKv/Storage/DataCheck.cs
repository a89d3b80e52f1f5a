using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Snapshots;

namespace RaftKv.Storage;

/// <summary>
/// Verifies everything in a stopped node's data directory as a start would, and all of its snapshots, and prints a
/// summary. Changes nothing.
/// </summary>
public static class DataCheck
{
    /// <summary>
    /// Checks a data directory; 0 when a node can start on it, 1 with a sentence on <paramref name="error"/> when not.
    /// </summary>
    public static int Run(string path, TextWriter output, TextWriter error) => OfflineTool.Guard(error, () =>
    {
        (FileStorageDevice device, ulong clusterId, NodeId node) = OfflineTool.Open(path);
        long recordCount = 0;
        DiskInspection found = DiskInspection.Run(device, clusterId, node, _ => recordCount++);
        output.WriteLine($"directory   {device.Directory}");
        output.WriteLine($"owner       node {node} of cluster {clusterId:x16}");
        foreach (LoadedSnapshot snapshot in found.Snapshots)
        {
            output.WriteLine(
                $"snapshot    {snapshot.Info.LastEntry}: {snapshot.FileBytes} bytes, revision {snapshot.Store.View.Revision},"
                + $" {snapshot.Store.View.KeyCount} keys, sha-256 {snapshot.Sha256}");
        }

        PrintLog(output, found, recordCount);
        output.WriteLine("sound");
    });

    private static void PrintLog(TextWriter output, DiskInspection found, long recordCount)
    {
        if (found.Log is not { } log)
        {
            output.WriteLine("log         none: this node has never run");
            return;
        }

        output.WriteLine(
            $"log         {log.Segments.Count} segments, {recordCount} records,"
            + $" entries {found.LogStart.Index.Next}..{found.LastEntry.Index}");
        output.WriteLine(
            $"hard state  term {found.HardState.Term}, voted for {found.HardState.VotedFor}, commit {found.HardState.CommitIndex}");
        output.WriteLine($"tail        {log.Segments[^1].Name} offset {log.TailOffset}: {log.TailReason ?? "sealed"}");
    }
}
