using RaftKv.Client;
using RaftKv.Scenarios.Support;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>
/// A post, a reply, a reply to the reply: however old a view is, it has no gap. docs/scenarios/consistent-prefix.md.
/// </summary>
public sealed class ConsistentPrefixTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private const int ThreadCount = 40;
    private static readonly string[] Messages = ["1-post", "2-reply", "3-reply-to-reply"];

    [Fact]
    public async Task A_replica_that_lags_shows_the_beginning_of_the_thread_and_no_gap()
    {
        string thread = cluster.NewPrefix("thread");
        RaftKvClient reader = cluster.NewUser();
        await reader.PutAsync(thread + Messages[0], "who has the key?");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient writer = lag.NewUserOfMajority();
        await writer.PutAsync(thread + Messages[1], "I have");
        await writer.PutAsync(thread + Messages[2], "then bring it");

        Assert.Equal(Messages[..1], await ReadAsync(reader, thread, At(lag.Behind, ReadLevel.ConsistentPrefix)));
        Assert.Equal(Messages, await ReadAsync(reader, thread, At(lag.Ahead, ReadLevel.Linearizable)));
        await lag.HealAsync();
        Assert.Equal(Messages, await ReadAsync(reader, thread, At(lag.Behind, ReadLevel.ConsistentPrefix)));
    }

    [Fact]
    public async Task Threads_read_on_all_nodes_while_they_are_written_are_always_a_prefix()
    {
        string threads = cluster.NewPrefix("threads");
        RaftKvClient writer = cluster.NewUser();
        RaftKvClient reader = cluster.NewUser();
        string Thread(int number) => $"{threads}{number:D2}/";
        TaskCompletionSource isRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task writing = Task.Run(async () =>
        {
            for (int number = 0; number < ThreadCount; number++)
            {
                // The last one waits until somebody has read the others, however slow that is.
                await (number == ThreadCount - 1 ? isRead.Task : Task.CompletedTask);
                foreach (string message in Messages)
                {
                    await writer.PutAsync(Thread(number) + message, "…");
                }
            }
        });

        int viewCount = 0;
        bool isLast;
        do
        {
            // One more round after the last write, so that the whole is seen once.
            isLast = writing.IsCompleted;
            Node node = cluster.Nodes[viewCount++ % 3];
            List<string> view = await ReadAsync(reader, threads, At(node, ReadLevel.ConsistentPrefix));
            string[] all = [.. Enumerable.Range(0, ThreadCount).SelectMany(number => Messages.Select(message => $"{number:D2}/{message}"))];
            Assert.Equal(all[..view.Count], view);
            if (viewCount > 3)
            {
                isRead.TrySetResult();
            }
        }
        while (!isLast);

        await writing;
    }

    [Fact]
    public async Task Wrong_messages_read_one_by_one_on_changing_replicas_have_a_gap()
    {
        string thread = cluster.NewPrefix("thread");
        RaftKvClient reader = cluster.NewUser();
        await reader.PutAsync(thread + Messages[0], "who has the key?");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient writer = lag.NewUserOfMajority();
        await writer.PutAsync(thread + Messages[1], "I have");
        await writer.PutAsync(thread + Messages[2], "then bring it");
        List<string> seen = [];
        foreach ((string message, Node node) in Messages.Zip([lag.Ahead, lag.Behind, lag.Ahead]))
        {
            await writer.GetAsync(thread + message, At(lag.Ahead, ReadLevel.Linearizable));
            if (await reader.GetAsync(thread + message, At(node, ReadLevel.Eventual)) is not null)
            {
                seen.Add(message);
            }
        }

        // A reply to a reply that is not there. Each single answer was a prefix; together they are none.
        Assert.Equal(["1-post", "3-reply-to-reply"], seen);
    }

    private static async Task<List<string>> ReadAsync(RaftKvClient client, string prefix, ReadOptions options) =>
        await client.RangeAsync(RaftKvRange.Prefix(prefix), options: options)
            .Select(entry => entry.Key.ToString()[prefix.Length..]).ToListAsync();
}
