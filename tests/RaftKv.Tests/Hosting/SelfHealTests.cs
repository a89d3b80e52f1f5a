using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// Damaged files on real processes: the node sets them aside and comes back as a new member, while others write; nothing
/// acknowledged is lost, or it says in a sentence why it can't.
/// </summary>
public sealed class SelfHealTests : IAsyncLifetime
{
    private const int CorruptionExit = 4;
    private const int KeyCount = 300;
    private readonly ThreeNodes _cluster = new("--snapshot-entries", "100", "--trailing-entries", "20");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [Theory]
    [InlineData("wal-*.log")]
    [InlineData("snapshot-*.snap")]
    public async Task A_node_with_a_damaged_file_comes_back_as_a_new_member_while_others_write(string pattern)
    {
        await _cluster.StartAllAsync();
        await WriteAsync("before", KeyCount);
        IReadOnlyDictionary<string, string> before = await _cluster.VotersAsync(0, 3);
        await _cluster.KillAsync(1);
        Flip(1, pattern);
        string digest = DigestOf(_cluster.DataOf(1));

        _cluster.Start(1);
        Task<List<string>> writing = WriteUntilAsync(_cluster.ReadyAsync(1));
        await _cluster.ReadyAsync(1);
        List<string> meanwhile = await writing;
        IReadOnlyDictionary<string, string> after = await _cluster.VotersAsync(0, 3);

        Assert.Contains("comes back as", _cluster[1].Output);
        Assert.NotEqual(before["n2"], after["n2"]);
        Assert.Equal((before["n1"], before["n3"]), (after["n1"], after["n3"]));
        string kept = Assert.Single(Directory.GetDirectories(_cluster.DataOf(1), "damaged-*"));
        Assert.Equal(digest, DigestOf(kept));
        await DemandLoudAsync(Path.GetFileName(kept));

        // The new directory counts: with another voter gone it is half of the majority, and has all there was.
        await _cluster.KillAsync(2);
        await _cluster.MustCreateAsync(1, "after");
        foreach (string key in meanwhile.Append("before/0").Append($"before/{KeyCount - 1}"))
        {
            await _cluster.MustFindAsync(1, key);
        }

        // It starts again as what it is now, and heals no second time.
        await _cluster.KillAsync(1);
        _cluster.Start(1);
        await _cluster.ReadyAsync(1);
        Assert.DoesNotContain("comes back as", _cluster[1].Output);
    }

    [Fact]
    public async Task With_two_of_three_damaged_neither_starts_and_each_says_why()
    {
        await _cluster.StartAllAsync();
        await WriteAsync("before", KeyCount);
        for (int i = 0; i < 3; i++)
        {
            await _cluster.KillAsync(i);
        }

        foreach (int node in (int[])[1, 2])
        {
            Flip(node, "wal-*.log");
        }

        string[] digests = [DigestOf(_cluster.DataOf(1)), DigestOf(_cluster.DataOf(2))];
        for (int i = 0; i < 3; i++)
        {
            _cluster.Start(i);
        }

        foreach (int node in (int[])[1, 2])
        {
            Assert.Equal(CorruptionExit, await _cluster[node].WaitForExitAsync());
            Assert.Contains("Of 3 members the data of n2, n3 is damaged, and the rest is no majority", _cluster[node].Output);
            Assert.Equal(digests[node - 1], DigestOf(_cluster.DataOf(node)));
        }
    }

    [Fact]
    public async Task Switched_off_it_refuses_with_file_and_offset_and_changes_nothing()
    {
        await _cluster.StartAllAsync();
        await WriteAsync("before", KeyCount);
        await _cluster.KillAsync(1);
        string file = Flip(1, "wal-*.log");
        string digest = DigestOf(_cluster.DataOf(1));

        _cluster.Start(1, "--self-heal", "off");

        Assert.Equal(CorruptionExit, await _cluster[1].WaitForExitAsync());
        Assert.Contains($"{Path.GetFileName(file)} at offset", _cluster[1].Output);
        Assert.Equal(digest, DigestOf(_cluster.DataOf(1)));
        Assert.Empty(Directory.GetDirectories(_cluster.DataOf(1), "damaged-*"));

        // The same node, asked to, heals after all.
        await _cluster.KillAsync(1);
        _cluster.Start(1);
        await _cluster.ReadyAsync(1);
        Assert.Contains("comes back as", _cluster[1].Output);
    }

    [Fact]
    public async Task A_log_that_is_gone_is_damage_too_and_the_only_member_can_not_heal()
    {
        await _cluster.StartAllAsync();
        await WriteAsync("before", 10);
        await _cluster.KillAsync(1);
        Directory.Delete(Path.Combine(_cluster.DataOf(1), "raft"), recursive: true);

        _cluster.Start(1);
        await _cluster.ReadyAsync(1);

        Assert.Contains("comes back as", _cluster[1].Output);
        string alone = Path.Combine(_cluster.Directory, "alone");
        string[] arguments =
        [
            "serve", "--name", "alone", "--data-dir", alone, "--client", $"http://127.0.0.1:{PortPool.Take()}", "--peer",
            $"http://127.0.0.1:{PortPool.Take()}",
        ];
        await using (ServerProcess first = ServerProcess.Start(arguments))
        {
            await first.WaitForOutputAsync("is ready");
        }

        Directory.Delete(Path.Combine(alone, "raft"), recursive: true);
        await using ServerProcess again = ServerProcess.Start(arguments);
        Assert.Equal(CorruptionExit, await again.WaitForExitAsync());
        Assert.Contains("It is the only member", again.Output);
    }

    private async Task DemandLoudAsync(string kept)
    {
        using JsonDocument status = JsonDocument.Parse(await _cluster.Http.GetStringAsync(_cluster.Url(1, "/api/v1/status")));
        JsonElement alarm = Assert.Single(
            status.RootElement.GetProperty("alarms").EnumerateArray(), static alarm => alarm.GetProperty("kind").GetString() == "healed");
        Assert.Equal(("n2", kept), (alarm.GetProperty("node").GetString(), alarm.GetProperty("kept").GetString()));
        string metrics = await _cluster.Http.GetStringAsync(_cluster.Url(1, "/metrics"));
        Assert.Contains("raftkv_self_heals_total 1", metrics);
        Assert.Contains("raftkv_alarm{kind=\"healed\",node=\"n2\"", metrics);
    }

    private async Task WriteAsync(string prefix, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await _cluster.MustCreateAsync(0, $"{prefix}/{i}");
        }
    }

    // Through the two that are whole, until the third is ready: the keys that were acknowledged.
    private async Task<List<string>> WriteUntilAsync(Task end)
    {
        var acknowledged = new List<string>();
        for (int i = 0; !end.IsCompleted; i++)
        {
            string key = $"meanwhile/{i}";
            if (await _cluster.PutAsync(i % 2 == 0 ? 0 : 2, key) == HttpStatusCode.Created)
            {
                acknowledged.Add(key);
            }
        }

        return acknowledged;
    }

    // In the first half of what is written, where it can't be taken for a torn end.
    private string Flip(int node, string pattern)
    {
        string file = Directory.GetFiles(Path.Combine(_cluster.DataOf(node), "raft"), pattern).Order(StringComparer.Ordinal).Last();
        byte[] bytes = File.ReadAllBytes(file);
        long end = file.EndsWith(".log", StringComparison.Ordinal) ? LogSegment.EndOfRecords(file) : bytes.Length;
        bytes[end / 3] ^= 0x10;
        File.WriteAllBytes(file, bytes);
        return file;
    }

    private static string DigestOf(string directory)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] files = Directory.GetFiles(Path.Combine(directory, "raft"));
        foreach (string file in files.Where(static f => !f.EndsWith(".tmp", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
