using System.Globalization;
using RaftKv.Core;
using RaftKv.Core.Disk.Log;

namespace RaftKv.Storage;

/// <summary>
/// Prints each record of a stopped node's write-ahead log as one line, and how the log ends. Changes nothing.
/// </summary>
public static class WalDump
{
    /// <summary>
    /// Dumps the log in a data directory; 0 when it is sound, 1 with a sentence on <paramref name="error"/> when not.
    /// </summary>
    public static int Run(string path, TextWriter output, TextWriter error) => OfflineTool.Guard(error, () =>
    {
        (FileStorageDevice device, ulong clusterId, NodeId node) = OfflineTool.Open(path);
        output.WriteLine($"# cluster {clusterId:x16} node {node}");
        WalContents? contents = WalRecovery.Read(device, clusterId, node, out _, seen => Print(output, seen));
        if (contents is null)
        {
            output.WriteLine("# no log");
            return;
        }

        string end = contents.TailReason ?? "sealed";
        output.WriteLine(
            $"# end: {contents.Segments[^1].Name} offset {contents.TailOffset} ({end}),"
            + $" group {contents.LastGroup}, last entry {contents.LastEntry}");
    });

    private static void Print(TextWriter output, WalRecordSeen seen)
    {
        WalRecord record = seen.Record;
        string groupEnd = record.IsGroupEnd ? " end" : "";
        string text = seen.Text.Length == 0 ? "" : " " + seen.Text;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{seen.File} {record.Offset} group={record.Group}{groupEnd} {record.Type}{text} chain={record.Chain:x8}"));
    }
}
