using System.Text;
using System.Text.Json.Serialization;
using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.Tests.Client;

/// <summary>The client against three real nodes: both sides read the contract in the same way.</summary>
public sealed partial class RealClusterTests(RealClusterFixture cluster) : IClassFixture<RealClusterFixture>
{
    [Fact]
    public async Task Every_key_is_stored_under_its_own_bytes()
    {
        await using RaftKvClient client = cluster.Client();
        List<RaftKvKey> keys = [.. KeyEncodingTests.NastyTexts.Select(static text => (RaftKvKey)text)];
        keys.AddRange(Enumerable.Range(0, 256).Select(static value => (RaftKvKey)new[] { (byte)value }));
        keys.Add(Enumerable.Range(0, 256).Select(static value => (byte)value).ToArray());
        keys = [.. keys.Distinct()];
        await client.DeleteAllAsync();
        foreach (RaftKvKey key in keys)
        {
            Assert.True((await client.PutAsync(key, key.Bytes)).IsCreated, $"{key} was there before.");
        }

        foreach (RaftKvKey key in keys)
        {
            KeyValueEntry? entry = await client.GetAsync(key);
            Assert.Equal((key, Convert.ToHexString(key.Bytes.Span)), (entry!.Key, Convert.ToHexString(entry.Value.Span)));
            Assert.Equal(entry.ModRevision, (await client.GetRawAsync(key))!.ModRevision);
        }

        Assert.Equal(keys.Count, (await client.CountAsync(RaftKvRange.All)).Count);
        List<RaftKvKey> walked = [];
        await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.All, new RangeOptions { PageSize = 7 }))
        {
            walked.Add(entry.Key);
        }

        Assert.Equal(keys.Count, walked.Count);
        Assert.Empty(keys.Except(walked));
        await client.DeleteAllAsync();
        foreach (RaftKvKey key in keys)
        {
            Assert.Equal(5, (await client.IncrementAsync(key, 5)).Value);
            Assert.Equal(1, (await client.DeleteAsync(key)).DeletedCount);
        }
    }

    [Fact]
    public async Task The_longest_keys_are_written_walked_and_deleted()
    {
        await using RaftKvClient client = cluster.Client();
        byte[] prefix = [.. Enumerable.Repeat((byte)'L', RaftKvKey.MaxBytes - 1)];
        RaftKvKey[] keys = [(byte[])[.. prefix, (byte)'a'], (byte[])[.. prefix, (byte)'b'], (byte[])[.. prefix, 0xFF]];
        foreach (RaftKvKey key in keys)
        {
            await client.PutAsync(key, "v");
        }

        List<RaftKvKey> walked = [];
        await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.Prefix(prefix), new RangeOptions { PageSize = 1 }))
        {
            walked.Add(entry.Key);
        }

        Assert.Equal(keys, walked);
        Assert.Equal(3, (await client.DeletePrefixAsync(prefix)).DeletedCount);
    }

    [Fact]
    public async Task Compare_and_set_and_old_revisions_and_histories_agree()
    {
        await using RaftKvClient client = cluster.Client();
        PutResult first = await client.PutAsync("cas/1", "x");

        CompareAndSetResult refused = await client.TryCompareAndSetAsync("cas/1", Precondition.Missing, "y");
        CompareAndSetResult taken = await client.TryCompareAndSetAsync("cas/1", Precondition.AtRevision(first.ModRevision), "y");
        var e = await Assert.ThrowsAsync<RaftKvPreconditionException>(
            () => client.CompareAndSetAsync("cas/1", Precondition.AtRevision(first.ModRevision), "z"));
        await client.DeleteAsync("cas/1");

        Assert.Equal((false, first.ModRevision), (refused.Succeeded, refused.CurrentRevision));
        Assert.Equal((true, taken.ModRevision), (taken.Succeeded, e.CurrentRevision));
        Assert.Equal("x", await client.GetStringAsync("cas/1", new ReadOptions { Revision = first.ModRevision }));
        HistoryResult history = await client.HistoryAsync("cas/1");
        Assert.Equal([(true, ""), (false, "y"), (false, "x")], history.Versions.Select(static entry => (entry.IsDeletion, entry.GetString())));
    }

    [Fact]
    public async Task A_txn_with_everything_in_it_is_understood()
    {
        await using RaftKvClient client = cluster.Client();
        PutResult put = await client.PutAsync("txn/1", "x");

        TxnResult result = await client.Txn()
            .When(
                Key("txn/1").ModRevision == put.ModRevision, Key("txn/1").CreateRevision > 1, Key("txn/1").Version < 2, Key("txn/1").Value == "x",
                Key("txn/1").Value != new byte[] { 0xFF }, Key("txn/1").LeaseIs(null), Key("txn/2").IsMissing)
            .Then(
                Op.Put("txn/2", "2"),
                Op.Get(RaftKvRange.Prefix("txn/")),
                Op.Delete("txn/1"),
                Op.Txn(new TxnBuilder().When(Key("txn/1").Exists).Then(Op.Put("txn/b", new byte[] { 0xFF }))),
                Op.Increment("txn/n", 4))
            .Else(Op.Get("txn/1"))
            .CommitAsync();

        Assert.True(result.Succeeded);
        Assert.Equal(new TxnPutResult(result.Revision), result.Responses[0]);
        Assert.Equal(["x", "2"], Assert.IsType<TxnGetResult>(result.Responses[1]).Entries.Select(static entry => entry.GetString()));
        Assert.Equal(new TxnDeleteResult(1), result.Responses[2]);
        Assert.True(Assert.IsType<TxnNestedResult>(result.Responses[3]).Succeeded);
        Assert.Equal(new TxnIncrementResult(4), result.Responses[4]);
        Assert.Equal([0xFF], (await client.GetAsync("txn/b"))!.Value.ToArray());
    }

    [Fact]
    public async Task Updates_of_six_writers_are_all_kept()
    {
        await using RaftKvClient client = cluster.Client();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            for (int round = 0; round < 5; round++)
            {
                await client.UpdateAsync("hits", static count => count + 1, RealClusterJson.Default.Int32);
            }
        }));

        Assert.Equal(30, await client.GetAsync("hits", RealClusterJson.Default.Int32));
    }

    [Fact]
    public async Task Answers_say_who_served_what()
    {
        await using RaftKvClient client = cluster.Client();
        await client.PutAsync("who", "x");
        HashSet<string> names = [];
        foreach (Uri endpoint in cluster.Endpoints)
        {
            GetResult linearizable = await client.TryGetAsync("who", new ReadOptions { Endpoint = endpoint });
            GetResult eventual = await client.TryGetAsync("who", new ReadOptions { Endpoint = endpoint, Level = ReadLevel.Eventual });
            NodeStatus status = await client.StatusAsync(endpoint);

            names.Add(linearizable.Metadata.ServedBy!);
            Assert.Equal((ReadLevel.Linearizable, 0L), (linearizable.Metadata.Consistency, linearizable.Metadata.StalenessMs));
            Assert.Equal(ReadLevel.Eventual, eventual.Metadata.Consistency);
            Assert.Equal("x", linearizable.Entry?.GetString());
            Assert.Equal((linearizable.Metadata.ServedBy, linearizable.Metadata.Role), (status.Name, status.Role));
            Assert.NotNull(status.Leader);
        }

        ClusterInfo members = await client.ClusterAsync();
        Assert.Equal(names.Order(), members.Members.Select(static member => member.Name).Order());
        Assert.All(members.Members, static member => Assert.True(member.IsVoter));
        Assert.NotNull(client.SessionToken);
    }

    [Fact]
    public async Task Refusals_come_out_as_their_own_exceptions()
    {
        await using RaftKvClient client = cluster.Client();
        await client.PutAsync("text", "no number");

        var notNumber = await Assert.ThrowsAsync<RaftKvRequestException>(() => client.IncrementAsync("text"));
        var tooLarge = await Assert.ThrowsAsync<RaftKvRequestException>(() => client.PutAsync("large", new byte[2 << 20]));
        var future = await Assert.ThrowsAsync<RaftKvRequestException>(() => client.GetAsync("text", new ReadOptions { Revision = long.MaxValue }));

        Assert.Equal((409, Outcome.NotApplied), (notNumber.Status, notNumber.Outcome));
        Assert.Equal((413, Outcome.NotApplied), (tooLarge.Status, tooLarge.Outcome));
        Assert.Equal(400, future.Status);
    }

    [Fact]
    public async Task An_accepted_write_is_looked_up_until_it_is_applied()
    {
        await using RaftKvClient client = cluster.Client();
        AcceptedOperation accepted = await client.PutAcceptedAsync("accepted", Encoding.UTF8.GetBytes("1"));

        // A linearizable read through the node that took the write sees it once it is applied there; the state follows
        // at once.
        OperationInfo operation = await client.GetOperationAsync(accepted.Id);
        while (operation.State == OperationState.Pending)
        {
            await client.GetAsync("accepted");
            operation = await client.GetOperationAsync(accepted.Id);
        }

        Assert.Equal(OperationState.Applied, operation.State);
        Assert.Equal("1", await client.GetStringAsync("accepted"));
    }

    [JsonSerializable(typeof(int))]
    internal sealed partial class RealClusterJson : JsonSerializerContext;
}
