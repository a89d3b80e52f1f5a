using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Sessions, levels and receipts against three real nodes.</summary>
public sealed class RealSessionTests(RealClusterFixture cluster) : IClassFixture<RealClusterFixture>
{
    [Theory]
    [InlineData(ReadLevel.Session)]
    [InlineData(ReadLevel.Causal)]
    [InlineData(ReadLevel.Sequential)]
    [InlineData(ReadLevel.ReadYourWrites)]
    public async Task A_session_reads_its_writes_on_whatever_node(ReadLevel level)
    {
        await using RaftKvClient client = cluster.Client();
        RaftKvSession session = client.BeginSession(level);
        for (int i = 0; i < 60; i++)
        {
            await session.PutAsync($"rs/{level}", $"{i}");
            GetResult read = await session.TryGetAsync($"rs/{level}", new ReadOptions { Endpoint = cluster.Endpoints[i % 3] });
            Assert.Equal($"{i}", read.Entry?.GetString());
            Assert.Equal(level, read.Metadata.Consistency);
        }

        Assert.DoesNotContain(',', session.Token!);
    }

    [Fact]
    public async Task Calls_at_once_leave_a_token_that_covers_them_all()
    {
        await using RaftKvClient client = cluster.Client();
        RaftKvSession session = client.BeginSession();
        await Parallel.ForAsync(0, 60, async (i, ct) =>
        {
            await session.PutAsync($"rp/{i}", "x", cancellationToken: ct);
            await session.GetAsync($"rp/{i}", ReadLevel.Eventual, ct);
        });
        RaftKvSession elsewhere = cluster.Client().BeginSession(token: session.Token);

        foreach (Uri endpoint in cluster.Endpoints)
        {
            CountResult count = await elsewhere.CountAsync(RaftKvRange.Prefix("rp/"), new ReadOptions { Endpoint = endpoint });
            Assert.Equal(60, count.Count);
        }
    }

    [Fact]
    public async Task Every_level_is_served_and_named_and_bounded_by_what_it_says()
    {
        await using RaftKvClient client = cluster.Client();
        await client.PutAsync("rl", "x");
        foreach (ReadLevel level in Enum.GetValues<ReadLevel>())
        {
            GetResult read = await client.TryGetAsync("rl", new ReadOptions
            {
                Level = level,
                MaxStaleness = level == ReadLevel.Bounded ? TimeSpan.FromSeconds(2) : null,
                MaxLag = level == ReadLevel.Bounded ? 100 : null,
            });
            Assert.Equal(level, read.Metadata.Consistency);
            Assert.True(level != ReadLevel.Bounded || read.Metadata.StalenessMs is >= 0 and <= 2_000, $"{read.Metadata.StalenessMs}");
        }
    }

    [Fact]
    public async Task A_token_of_elsewhere_and_a_revision_to_come_are_their_own_exceptions()
    {
        await using RaftKvClient client = cluster.Client();
        RaftKvSession session = client.BeginSession(token: "AAAA");

        await Assert.ThrowsAsync<RaftKvSessionMismatchException>(() => session.PutAsync("rt", "1"));
        session.Reset();
        await session.PutAsync("rt", "1");
        Assert.Equal("1", await session.GetStringAsync("rt"));
    }

    [Fact]
    public async Task A_receipt_is_valid_at_every_node_until_it_is_changed()
    {
        await using RaftKvClient client = cluster.Client();
        await client.PutAsync("rr", "1");
        GetResult read = await client.TryGetAsync("rr", new ReadOptions { WantsReceipt = true, Level = ReadLevel.Eventual });
        string receipt = read.Metadata.Receipt!;

        ReceiptCheck good = await client.VerifyReceiptAsync(receipt);
        ReceiptCheck changed = await client.VerifyReceiptAsync((receipt[0] == 'A' ? 'B' : 'A') + receipt[1..]);

        Assert.True(good.IsValid, good.Reason);
        Assert.Equal(read.Metadata.Revision, good.Receipt!.Value.GetProperty("revision").GetInt64());
        Assert.False(changed.IsValid);
        Assert.NotEmpty(changed.Reason!);
    }
}
