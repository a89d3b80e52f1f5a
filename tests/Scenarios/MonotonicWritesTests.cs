using System.Text;
using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>One user's writes take effect in the order in which they were made. docs/scenarios/monotonic-writes.md.</summary>
public sealed class MonotonicWritesTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private const int WriteCount = 60;

    [Fact]
    public async Task Acknowledged_writes_through_changing_nodes_take_effect_in_their_order()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string key = cluster.NewPrefix("passwords") + "ada";

        for (int i = 1; i <= WriteCount; i++)
        {
            await nodes[i % 3].PutAsync(key, Numbers.Text(i));
        }

        HistoryResult history = await nodes[0].HistoryAsync(key);
        Assert.Equal(
            Enumerable.Range(1, WriteCount).Select(static i => (long)i),
            history.Versions.Reverse().Select(static entry => entry.Amount()));
    }

    [Fact]
    public async Task Wrong_a_second_write_that_does_not_wait_for_the_first_is_overwritten_by_it()
    {
        string key = cluster.NewPrefix("passwords") + "ada";
        RaftKvClient user = cluster.NewUser();
        await user.PutAsync(key, "old");

        await using LaggingReplica lag = await cluster.MuteAFollowerAsync();
        RaftKvClient slow = cluster.NewUser(lag.Behind);
        AcceptedOperation first = await slow.PutAcceptedAsync(key, Bytes("leaked"));
        await lag.NewUserOfMajority().PutAsync(key, "safe");
        await lag.HealAsync();

        // The first write was accepted and still on its way. It arrives now, after the second.
        Assert.Equal(OperationState.Applied, (await EndOfAsync(slow, first)).State);
        Assert.Equal("leaked", await user.GetStringAsync(key));
    }

    [Fact]
    public async Task A_late_write_that_names_the_revision_it_was_made_on_does_not_undo_the_later_one()
    {
        string key = cluster.NewPrefix("passwords") + "ada";
        RaftKvClient user = cluster.NewUser();
        var onlyOnOld = new WriteOptions { Precondition = Precondition.AtRevision((await user.PutAsync(key, "old")).ModRevision) };

        await using LaggingReplica lag = await cluster.MuteAFollowerAsync();
        RaftKvClient slow = cluster.NewUser(lag.Behind);
        AcceptedOperation first = await slow.PutAcceptedAsync(key, Bytes("leaked"), onlyOnOld);
        await lag.NewUserOfMajority().PutAsync(key, "safe", onlyOnOld);
        await lag.HealAsync();

        Assert.Equal(OperationState.NotApplied, (await EndOfAsync(slow, first)).State);
        Assert.Equal("safe", await user.GetStringAsync(key));
    }

    private static async Task<OperationInfo> EndOfAsync(RaftKvClient client, AcceptedOperation operation)
    {
        OperationInfo info = await client.GetOperationAsync(operation.Id);
        while (info.State == OperationState.Pending)
        {
            // A pause between looks; what is awaited is an event, and no time is asserted.
            await Task.Delay(20);
            info = await client.GetOperationAsync(operation.Id);
        }

        return info;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
