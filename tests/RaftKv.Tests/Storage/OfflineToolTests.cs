using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Storage;

namespace RaftKv.Tests.Storage;

/// <summary>wal dump, snapshot inspect and check, on sound and on damaged directories.</summary>
public sealed class OfflineToolTests
{
    private static readonly DirectoryIdentity Identity = new(
        "n1", new NodeId(0x11), 0xC1, ["n1=http://127.0.0.1:2380"], FoundingStage.Founded,
        new FoundingRoll([new FoundingSeat("n1", new NodeId(0x11))]), default, HasLog: false);

    [Fact]
    public void A_sound_directory_is_dumped_inspected_and_checked_without_a_change()
    {
        using var temporary = new TemporaryDirectory();
        string snapshot = Fill(temporary.Path);
        Dictionary<string, byte[]> before = Contents(temporary.Path);

        (int dumpCode, string dump, _) = Run(WalDump.Run, temporary.Path);
        (int inspectCode, string inspect, _) = Run(SnapshotInspect.Run, snapshot);
        (int checkCode, string check, string errors) = Run(DataCheck.Run, temporary.Path);

        Assert.Equal((0, 0, 0, ""), (dumpCode, inspectCode, checkCode, errors));
        Assert.Contains("Entry index=3 term=1 kind=Command payloadBytes=", dump, StringComparison.Ordinal);
        Assert.Contains("HardState term=1 votedFor=0000000000000011 commit=3", dump, StringComparison.Ordinal);
        Assert.Contains("last entry 1/3", dump, StringComparison.Ordinal);
        Assert.Contains("revision    4", inspect, StringComparison.Ordinal);
        Assert.Contains("entries 1..3", check, StringComparison.Ordinal);
        Assert.Contains("sound", check, StringComparison.Ordinal);
        Assert.Equal(before.Keys, Contents(temporary.Path).Keys);
        Assert.All(Contents(temporary.Path), file => Assert.Equal(before[file.Key], file.Value));
    }

    [Fact]
    public void The_digest_is_the_one_that_sha256sum_gives_for_all_but_the_last_32_bytes()
    {
        using var temporary = new TemporaryDirectory();
        string snapshot = Fill(temporary.Path);
        byte[] bytes = File.ReadAllBytes(snapshot);

        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes.AsSpan(..^32)));

        Assert.Contains(digest, Run(SnapshotInspect.Run, snapshot).Output, StringComparison.Ordinal);
        Assert.Equal(digest, Convert.ToHexStringLower(bytes.AsSpan(^32..)));
    }

    [Fact]
    public void Damage_is_code_1_and_a_sentence_with_file_and_offset()
    {
        using var temporary = new TemporaryDirectory();
        string snapshot = Fill(temporary.Path);
        string segment = System.IO.Path.Combine(temporary.Path, "raft", WalFormat.SegmentName(1));
        byte[] bytes = File.ReadAllBytes(segment);
        bytes[300] ^= 1;
        File.WriteAllBytes(segment, bytes);
        byte[] snapshotBytes = File.ReadAllBytes(snapshot);
        snapshotBytes[100] ^= 1;

        (int dumpCode, _, string dumpError) = Run(WalDump.Run, temporary.Path);
        (int checkCode, _, string checkError) = Run(DataCheck.Run, temporary.Path);
        File.WriteAllBytes(snapshot, snapshotBytes);
        (int inspectCode, _, string inspectError) = Run(SnapshotInspect.Run, snapshot);

        Assert.Equal((1, 1, 1), (dumpCode, checkCode, inspectCode));
        Assert.StartsWith($"{WalFormat.SegmentName(1)} at offset ", dumpError, StringComparison.Ordinal);
        Assert.Equal(dumpError, checkError);
        Assert.Contains("checksum", inspectError, StringComparison.Ordinal);
    }

    [Fact]
    public void A_running_node_or_a_missing_path_is_refused()
    {
        using var temporary = new TemporaryDirectory();
        Fill(temporary.Path);
        using (DataDirectory.Open(temporary.Path, Identity, nonce: 1))
        {
            (int code, _, string error) = Run(DataCheck.Run, temporary.Path);
            Assert.Equal(1, code);
            Assert.Contains("in use", error, StringComparison.Ordinal);
        }

        Assert.Contains("does not exist", Run(WalDump.Run, temporary.File("nowhere")).Error, StringComparison.Ordinal);
        Assert.Contains("does not exist", Run(SnapshotInspect.Run, temporary.File("nothing.snap")).Error, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Run(Func<string, TextWriter, TextWriter, int> tool, string path)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = tool(path, output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Three writes and a snapshot of them; the snapshot's path.</summary>
    private static string Fill(string path)
    {
        using DataDirectory directory = DataDirectory.Open(path, Identity, nonce: 1);
        var options = new WalOptions { SegmentBytes = 64 * 1024 };
        (ReplicaDisk disk, RecoveredState recovered) = ReplicaDisk.Open(
            new FileStorageDevice(directory.RaftPath), options, Identity.ClusterId, Identity.NodeId);
        MvccStore store = recovered.Store;
        var entries = new List<LogEntry>();
        for (int i = 1; i <= 3; i++)
        {
            byte[] command = KvCommandCodec.Encode(new MutateCommand(new PutOp(new[] { (byte)i }, "value"u8.ToArray())));
            entries.Add(new LogEntry(new EntryId(new Term(1), new LogIndex(i)), EntryKind.Command, command));
            store.Apply(new LogIndex(i), command);
        }

        disk.Append(new PersistBatch(1, null, entries, new HardState(new Term(1), Identity.NodeId, new LogIndex(3))));
        disk.Sync();
        var info = new SnapshotInfo(entries[^1].Id, new Membership([Identity.NodeId]));
        disk.WriteSnapshot(info, store.Publish());
        disk.Close();
        return System.IO.Path.Combine(directory.RaftPath, SnapshotFormat.FileName(info.LastEntry));
    }

    private static Dictionary<string, byte[]> Contents(string path) =>
        Directory.GetFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToDictionary(f => f, File.ReadAllBytes);
}
