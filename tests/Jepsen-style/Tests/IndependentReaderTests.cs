using System.Globalization;
using System.Text.RegularExpressions;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// tools/waldump.py, which knows the formats from the documents alone, reads what a real node wrote, and finds what was
/// changed in it. Without python3 there is nothing to run it with.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class IndependentReaderTests
{
    private const int TxnCount = 12_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_reader_from_the_documents_reads_a_real_data_directory_and_finds_damage()
    {
        if (Programs.Find("python3") is null)
        {
            Console.WriteLine("waldump.py is not tested: python3 is not installed.");
            return;
        }

        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(1, directory.Path, HasProxies: false));
        await cluster.StartAsync(Patience);
        ServerProcess node = cluster.Nodes[0];
        await BulkWriter.WriteAsync(cluster.Nodes, TxnCount);

        // What a node tells of itself may be older than its answers: it is waited for.
        long lastIndex = 0;
        await LocalCluster.WaitUntilAsync(node, Patience, "a snapshot, and all writes in the log", async session =>
        {
            NodeStatus status = NodeStatus.Of(await session.GetAsync("/api/v1/status"));
            lastIndex = status.LastIndex;
            return status.SnapshotIndex > 0 && lastIndex >= TxnCount;
        });
        node.Kill();

        (int code, string output) = Read(node.DataDirectory);
        Assert.True(code == 0, output);

        // At least: the last writes and the leader's clock may have brought some more.
        string last = Regex.Match(output, "last index (?<index>[0-9]+) ").Groups["index"].Value;
        Assert.InRange(long.Parse(last, CultureInfo.InvariantCulture), lastIndex, lastIndex + 100);
        Assert.Contains(".snap: whole", output, StringComparison.Ordinal);

        string raft = Path.Combine(node.DataDirectory, "raft");
        string segment = Directory.GetFiles(raft, "wal-*.log").Order(StringComparer.Ordinal).Last();
        string snapshot = Directory.GetFiles(raft, "snapshot-*.snap").Order(StringComparer.Ordinal).Last();
        AssertDamageIsFound(node.DataDirectory, segment, LogSegment.EndOfRecords(segment) / 2);
        AssertDamageIsFound(node.DataDirectory, segment, 70);
        AssertDamageIsFound(node.DataDirectory, snapshot, new FileInfo(snapshot).Length / 2);
        AssertDamageIsFound(node.DataDirectory, snapshot, new FileInfo(snapshot).Length - 1);

        // The end of the last group is torn, with the mark behind it: cut, and no damage.
        AssertTornIsCut(node.DataDirectory, segment);
        Assert.Equal(2, Read(directory.Path).ExitCode);
        directory.Forget();
    }

    private static (int ExitCode, string Output) Read(string directory) =>
        Programs.Run("python3", Path.Combine(Root(), "tools", "waldump.py"), directory);

    private static void AssertDamageIsFound(string directory, string file, long offset)
    {
        Flip(file, offset);
        (int code, string output) = Read(directory);
        Flip(file, offset);
        Assert.True(code == 1, $"{file} at {offset}: {output}");
        Assert.Matches($"CORRUPT: {Regex.Escape(Path.GetFileName(file))}: offset \\d+", output);
        Assert.Equal(0, Read(directory).ExitCode);
    }

    private static void AssertTornIsCut(string directory, string segment)
    {
        long end = LogSegment.EndOfRecords(segment);
        using (FileStream stream = File.Open(segment, FileMode.Open, FileAccess.ReadWrite))
        {
            stream.Position = end - 72;
            stream.Write(new byte[72]);
        }

        (int code, string output) = Read(directory);
        Assert.True(code == 0, output);
        Assert.Contains("torn group", output, StringComparison.Ordinal);
    }

    private static void Flip(string file, long offset)
    {
        using FileStream stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = offset;
        int value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ 0x10));
    }

    private static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "RaftKv.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No RaftKv.sln above {AppContext.BaseDirectory}.");
    }
}
