using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Replica.CoordinationScript;

namespace RaftKv.Core.Tests.Replica;

/// <summary>
/// Locks and keyed commands over several nodes, over changes of leader, restarts and snapshots: K1 to K5 and A3 of
/// CORRECTNESS.md.
/// </summary>
public sealed class LockClusterTests
{
    private const long Ttl = 1_000;

    [Fact]
    public void K1_K2_and_K3_a_lock_passes_from_a_dead_owner_to_the_next_and_the_old_token_writes_nothing()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        Revision old = Token(cluster.Lock(2, "m", lease: 7, Ttl));
        Revision next = Token(cluster.Lock(3, "m", lease: 8, 60_000));
        Assert.True(cluster.IsHolder(1, "m", old));
        Assert.Equal(CommandStatus.Ok, Write(cluster, 2, old).Status);
        Assert.Equal(CommandStatus.FenceLost, Write(cluster, 3, next).Status);

        // The owner is cut off with its node; its lease runs out, and the one who waited holds.
        cluster.Isolate(2);
        long late = cluster[2].Propose(Fenced(old));
        cluster.TickOnly(TicksOf(Ttl) + 1, 1, 3);
        Assert.True(cluster.IsHolder(3, "m", next));
        Assert.True(next > old);
        Assert.Equal(CommandStatus.Ok, Write(cluster, 3, next).Status);

        // What the old owner had sent off in time arrives now, and is refused by the state itself.
        cluster.Network.Heal();
        cluster.Tick(30);
        Assert.Equal(CommandStatus.FenceLost, cluster[2].Answers[late].Result!.Status);
    }

    [Fact]
    public void K1_and_K4_a_change_of_leader_neither_frees_a_lock_nor_gives_it_twice()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        Revision token = Token(cluster.Lock(1, "m", lease: 7, Ttl));
        cluster.Tick(90);
        cluster.Isolate(1);
        cluster.Elect(2);
        Assert.Equal(CommandStatus.LockHeld, cluster.Lock(2, "m", lease: 8, Ttl, isTry: true).Status);
        Assert.False(cluster.Lives(2, 8));
        Assert.Equal(Ttl, cluster.KeepAlive(3, 7)!.Value.TtlMs);
        cluster.TickOnly(TicksOf(Ttl) - 10, 2, 3);
        Assert.True(cluster.IsHolder(3, "m", token));
        cluster.TickOnly(12, 2, 3);
        Revision next = Token(cluster.Lock(2, "m", lease: 8, Ttl, isTry: true));
        Assert.True(next > token);
    }

    [Fact]
    public void K2_tokens_grow_also_for_a_node_that_gets_everything_by_snapshot()
    {
        ReplicaTestCluster cluster = new(3, options: given => given with { SnapshotEntries = 8, TrailingEntries = 2 });
        cluster.Elect(1);
        cluster.Isolate(3);
        Revision last = default;
        for (int i = 0; i < 20; i++)
        {
            Revision token = Token(cluster.Lock(1, "m", lease: 100 + i, 60_000));
            Assert.True(token > last);
            last = token;
            if (i < 19)
            {
                cluster.Run(1, new RevokeLeaseCommand(new LeaseId(100 + i)));
            }
        }

        cluster.Network.Heal();
        cluster.Tick(100);
        Assert.True(cluster[3].Raft.Snapshot.Index > LogIndex.Zero);
        Assert.True(cluster.IsHolder(3, "m", last));

        // It leads now, and has the deadlines and the queue that it needs.
        cluster.Isolate(1);
        cluster.Elect(3);
        Assert.Equal(60_000, cluster.KeepAlive(3, 119)!.Value.TtlMs);
        cluster.Run(3, new RevokeLeaseCommand(new LeaseId(119)));
        Assert.True(Token(cluster.Lock(2, "m", lease: 8, Ttl)) > last);
    }

    [Fact]
    public void K5_a_waiter_whose_lease_ends_while_it_waits_never_holds()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        Revision first = Token(cluster.Lock(1, "m", lease: 7, 60_000));
        Revision second = Token(cluster.Lock(2, "m", lease: 8, Ttl));
        Revision third = Token(cluster.Lock(3, "m", lease: 9, 60_000));
        cluster.Tick(TicksOf(Ttl) + 1);
        Assert.True(cluster.IsHolder(2, "m", first));
        cluster.Run(1, new RevokeLeaseCommand(new LeaseId(7)));
        Assert.False(cluster.IsHolder(2, "m", second));
        Assert.True(cluster.IsHolder(2, "m", third));
    }

    [Fact]
    public void A3_a_command_that_is_sent_again_to_another_leader_runs_once_and_both_get_the_first_answer()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        MutateCommand add = new(new IncrementOp("n"u8.ToArray(), 5))
        {
            Idempotency = new CommandKey("key"u8.ToArray(), new byte[KvLimits.PayloadHashBytes]),
        };

        // It commits, but the origin never hears of it: unknown to the client, who tries another node.
        cluster.Network.Drops = static message => message is Heartbeat or CommitNotice or AppendRequest { Entries.Count: 0 };
        long first = cluster[1].Propose(add);
        cluster.Network.Drops = static message => message is AppendResponse;
        cluster.Settle();
        Assert.False(cluster[1].Answers.ContainsKey(first));
        cluster.Network.Drops = static _ => false;
        cluster.Isolate(1);
        cluster.Elect(2);
        CommandResult second = cluster.Run(2, add);
        CommandResult third = cluster.Run(3, add);
        Assert.Equal((CommandStatus.Ok, true, 5), (second.Status, second.IsReplayed, ((IncrementResult)second.Result!).Value));
        Assert.Equal((second.Revision, true), (third.Revision, third.IsReplayed));
        cluster.Network.Heal();
        cluster.Tick(30);
        Assert.All([1, 2, 3], node => Assert.Equal("5", System.Text.Encoding.UTF8.GetString(cluster.Get(node, "n")!.Value.Span)));
    }

    [Fact]
    public void A3_a_restart_of_everyone_forgets_no_first_answer()
    {
        ReplicaTestCluster cluster = new(3, options: given => given with { SnapshotEntries = 4, TrailingEntries = 1 });
        cluster.Elect(1);
        MutateCommand put = new(new PutOp("a"u8.ToArray(), "1"u8.ToArray()))
        {
            Idempotency = new CommandKey("key"u8.ToArray(), new byte[KvLimits.PayloadHashBytes]),
        };
        CommandResult first = cluster.Run(2, put);
        for (int i = 0; i < 10; i++)
        {
            cluster.Write(1);
        }

        foreach (ReplicaTestNode node in cluster.Nodes)
        {
            node.Restart();
        }

        cluster.Elect(3);
        CommandResult again = cluster.Run(3, put);
        Assert.Equal((first.Revision, true), (again.Revision, again.IsReplayed));
        Assert.Equal(((PutResult)first.Result!).Written.ModRevision, ((PutResult)again.Result!).Written.ModRevision);
    }

    private static Revision Token(CommandResult result) => Assert.IsType<AcquireResult>(result.Result).Token;

    private static MutateCommand Fenced(Revision token) => new(new PutOp("data"u8.ToArray(), default))
    {
        Fences = [new Fence(LockKind.Lock, "m"u8.ToArray(), token)],
    };

    private static CommandResult Write(ReplicaTestCluster cluster, int node, Revision token) => cluster.Run(node, Fenced(token));

    private static ReplicaTestCluster Led(int by)
    {
        var cluster = new ReplicaTestCluster(3);
        cluster.Elect(by);
        cluster.Settle();
        return cluster;
    }
}
