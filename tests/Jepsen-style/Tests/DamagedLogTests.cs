using System.Globalization;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Bytes on the disk that the node did not write: it says where, and does not start; a torn end is no such thing.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class DamagedLogTests
{
    private const int KeyCount = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_flipped_bit_in_the_log_stops_the_node_with_file_and_offset()
    {
        using var directory = new TemporaryDirectory();
        using LocalCluster cluster = await FilledAndKilledAsync(directory.Path);
        ServerProcess node = cluster.Nodes[0];
        string segment = NewestSegment(node);
        long end = EndOfRecords(segment);
        Flip(segment, end / 2);

        node.Start();
        int? exitCode = await node.WaitForExitAsync(Patience);

        string log = node.ReadLog();
        Assert.True(exitCode is not null and not 0, $"exit code {exitCode}\n{log}");
        Assert.Contains(Path.GetFileName(segment), log, StringComparison.Ordinal);
        Assert.Matches(@"offset \d+", log);
        directory.Forget();
    }

    [Fact]
    public async Task A_torn_last_record_is_cut_off_and_the_node_starts()
    {
        using var directory = new TemporaryDirectory();
        using LocalCluster cluster = await FilledAndKilledAsync(directory.Path);
        ServerProcess node = cluster.Nodes[0];
        string segment = NewestSegment(node);
        Tear(segment, EndOfRecords(segment));

        node.Start();
        await cluster.WaitUntilReadyAsync(Patience);

        // The last write may have been the torn one: this disk lied to it. Everything before it is there.
        using var session = new NodeSession(node.Name, node.ClientPort, Patience);
        for (int key = 0; key < KeyCount - 1; key++)
        {
            HttpAnswer answer = await session.GetAsync(Target(key) + "?raw");
            Assert.Equal($"200 {key}", $"{answer.Status} {answer.Text}");
        }

        HttpAnswer write = await session.SendAsync("PUT", Target(KeyCount), [], "x"u8.ToArray());
        Assert.Equal(201, write.Status);
        directory.Forget();
    }

    /// <summary>A cluster of one whose log holds some writes, after kill -9.</summary>
    private static async Task<LocalCluster> FilledAndKilledAsync(string directory)
    {
        var cluster = new LocalCluster(new ClusterOptions(1, directory, HasProxies: false));
        await cluster.StartAsync(Patience);
        ServerProcess node = cluster.Nodes[0];
        using var session = new NodeSession(node.Name, node.ClientPort, Patience);
        for (int key = 0; key < KeyCount; key++)
        {
            byte[] value = System.Text.Encoding.ASCII.GetBytes(key.ToString(CultureInfo.InvariantCulture));
            HttpAnswer answer = await session.SendAsync("PUT", Target(key), [], value);
            Assert.Equal(201, answer.Status);
        }

        node.Kill();
        return cluster;
    }

    private static string Target(int key) => string.Create(CultureInfo.InvariantCulture, $"/api/v1/kv/damage/{key}");

    private static string NewestSegment(ServerProcess node) =>
        Directory.EnumerateFiles(node.DataDirectory, "wal-*.log", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last();

    /// <summary>
    /// Where the segment's last byte other than zero is: segments are preallocated and filled with zeros.
    /// </summary>
    private static long EndOfRecords(string segment)
    {
        byte[] bytes = File.ReadAllBytes(segment);
        int end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        Assert.True(end > 4096, $"{segment} holds hardly any records ({end} bytes).");
        return end;
    }

    private static void Flip(string file, long offset)
    {
        using FileStream stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = offset;
        int value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ 0x10));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>
    /// What a power cut leaves of a write that was under way: its beginning, and zeros where the rest would be.
    /// </summary>
    private static void Tear(string file, long end)
    {
        using FileStream stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = end - 20;
        stream.Write(new byte[20]);
        stream.Flush(flushToDisk: true);
    }
}
