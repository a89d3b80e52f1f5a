using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Raft.Words;
using static RaftKv.Core.Tests.Replica.CoordinationScript;

namespace RaftKv.Core.Tests.Replica;

/// <summary>Leases over several nodes: E1 to E5 of CORRECTNESS.md, trap 8, and what happens to lost questions.</summary>
public sealed class LeaseClusterTests
{
    private const long Ttl = 1_000;
    private const int TtlTicks = 100;

    [Fact]
    public void E1_and_E4_a_lease_ends_after_its_time_and_not_before_and_takes_its_keys_in_one_revision()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(2, lease: 7, Ttl);
        cluster.Put(3, "a", 7);
        cluster.Put(3, "b", 7);
        Revision before = cluster[1].Replica.View.Revision;

        cluster.Tick(TtlTicks);
        Assert.All([1, 2, 3], node => Assert.True(cluster.Lives(node, 7)));
        cluster.Tick(TicksOf(Ttl) - TtlTicks);
        Assert.All([1, 2, 3], node => Assert.False(cluster.Lives(node, 7)));
        Assert.All([1, 2, 3], node => Assert.Equal(before.Next, cluster[node].Replica.View.Revision));
        Assert.All(["a", "b"], key => Assert.Equal(
            (true, DeleteReason.Expired, 7, before.Next.Value),
            (cluster.Newest(2, key).IsTombstone, cluster.Newest(2, key).DeleteReason, cluster.Newest(2, key).Lease.Value,
            cluster.Newest(2, key).ModRevision.Value)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void E1_a_keepalive_through_any_node_gives_the_full_time_again(int node)
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        for (int i = 0; i < 5; i++)
        {
            cluster.Tick(TtlTicks - 5);
            Assert.Equal(new LeaseTime(new LeaseId(7), true, Ttl, Ttl), cluster.KeepAlive(node, 7));
        }

        cluster.Tick(TtlTicks);
        Assert.True(cluster.Lives(node, 7));
        cluster.Tick(TicksOf(Ttl) - TtlTicks);
        Assert.False(cluster.Lives(node, 7));
        Assert.Equal(new LeaseTime(new LeaseId(7), false, 0, 0), cluster.KeepAlive(node, 7));
    }

    [Fact]
    public void The_time_that_is_left_falls_and_asking_for_it_renews_nothing()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        cluster.Tick(60);
        Assert.Equal(new LeaseTime(new LeaseId(7), true, Ttl, 400), cluster.TimeOf(3, 7));
        cluster.Tick(TicksOf(Ttl) - 60);
        Assert.False(cluster.Lives(1, 7));
    }

    [Fact]
    public void A_lease_that_nobody_granted_and_one_that_was_revoked_do_not_live()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        Assert.Equal(CommandStatus.Ok, cluster.Run(2, new RevokeLeaseCommand(new LeaseId(7))).Status);
        Assert.False(cluster.KeepAlive(2, 7)!.Value.Lives);
        Assert.False(cluster.TimeOf(3, 8)!.Value.Lives);
    }

    [Fact]
    public void E2_a_keepalive_that_was_asked_before_a_revocation_but_confirmed_after_it_finds_no_lease()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);

        // The round's answers are kept back until the revocation is acknowledged.
        cluster.Network.Holds = static message => message is HeartbeatResponse { ReadRound: > 0 };
        long asked = cluster[1].AskLeases(true, 7);
        cluster.Settle();
        Assert.False(cluster[1].LeaseAnswers.ContainsKey(asked));
        Assert.Equal(CommandStatus.Ok, cluster.Run(2, new RevokeLeaseCommand(new LeaseId(7))).Status);
        cluster.Network.Release();
        cluster.Settle();
        Assert.False(cluster[1].LeaseAnswers[asked].Times[0].Lives);
    }

    [Fact]
    public void E3_a_new_leader_gives_every_lease_its_full_time()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, 2 * Ttl);
        cluster.Tick(150);
        cluster.Isolate(1);
        cluster.Elect(2);
        cluster.Settle();
        cluster.Tick(2 * TtlTicks);
        Assert.True(cluster.Lives(2, 7));
        cluster.Tick(TicksOf(2 * Ttl) - (2 * TtlTicks));
        Assert.False(cluster.Lives(2, 7));
    }

    [Fact]
    public void E3_a_restart_of_the_whole_cluster_gives_every_lease_its_full_time()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        cluster.Put(1, "a", 7);
        cluster.Tick(TtlTicks - 5);
        foreach (ReplicaTestNode node in cluster.Nodes)
        {
            node.Restart();
        }

        cluster.Elect(2);
        cluster.Tick(TtlTicks);
        Assert.NotNull(cluster.Get(2, "a"));
        cluster.Tick(TicksOf(Ttl) - TtlTicks + 1);
        Assert.Null(cluster.Get(2, "a"));
    }

    [Fact]
    public void E1_a_leader_that_is_cut_off_renews_nothing_and_says_nothing()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        cluster.Isolate(1);
        long asked = cluster[1].AskLeases(true, 7);
        cluster.Settle();
        cluster.Elect(2);
        cluster.TickOnly(TicksOf(Ttl) + 1, 2, 3);
        Assert.False(cluster.Lives(2, 7));
        Assert.False(cluster[1].LeaseAnswers.ContainsKey(asked));

        // It wakes up to another leader, whom it asks in its turn.
        cluster.Network.Heal();
        cluster.Tick(10);
        Assert.False(cluster[1].LeaseAnswers[asked].Times[0].Lives);
    }

    [Fact]
    public void E1_an_expiry_never_meets_a_second_lease_of_the_same_id()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        cluster.Tick(TicksOf(Ttl) - 3);

        // The first lease is revoked and its id granted again, but nothing commits until its time is over.
        cluster.Network.Holds = static message => message is AppendResponse;
        cluster[1].Propose(new RevokeLeaseCommand(new LeaseId(7)));
        cluster[1].Propose(new GrantLeaseCommand(new LeaseId(7), Ttl));
        cluster.Tick(5);
        cluster.Network.Release();
        cluster.Settle();
        Assert.True(cluster.Lives(1, 7));
        Assert.Equal(0, Expiries(cluster, 1));

        cluster.Tick(TtlTicks);
        Assert.True(cluster.Lives(1, 7));
        cluster.Tick(TicksOf(Ttl) - TtlTicks);
        Assert.False(cluster.Lives(1, 7));
    }

    [Fact]
    public void E4_a_grant_of_a_living_lease_puts_its_end_not_off_and_a_lease_that_waits_no_other()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        cluster.Grant(1, 8, Ttl);
        cluster.Tick(TicksOf(Ttl) - 3);

        // The one is revoked and granted again, the other granted in vain, and nothing commits until their time is over.
        cluster.Network.Holds = static message => message is AppendResponse;
        cluster[1].Propose(new RevokeLeaseCommand(new LeaseId(7)));
        cluster[1].Propose(new GrantLeaseCommand(new LeaseId(7), Ttl));
        cluster[1].Propose(new GrantLeaseCommand(new LeaseId(8), Ttl));
        cluster.Tick(8);
        cluster.Network.Release();
        cluster.Settle();
        Assert.True(cluster.Lives(1, 7));
        Assert.False(cluster.Lives(1, 8));
        Assert.Equal(1, Expiries(cluster, 1));
    }

    [Fact]
    public void E5_an_expiry_that_an_old_leader_proposed_and_that_is_lost_ends_nothing()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        cluster.Tick(TtlTicks - 10);
        cluster.Isolate(1);

        // Check-quorum would depose it before long; it just has the time to judge.
        cluster.TickOnly(TicksOf(Ttl) - TtlTicks + 10, 1);
        Assert.Equal(1, Expiries(cluster, 1));
        cluster.Elect(2);
        Assert.Equal(Ttl, cluster.KeepAlive(3, 7)!.Value.TtlMs);
        cluster.Network.Heal();
        cluster.Tick(10);
        Assert.Equal(0, Expiries(cluster, 1));
        Assert.All([1, 2, 3], node => Assert.True(cluster.Lives(node, 7)));
    }

    [Fact]
    public void E5_an_expiry_of_an_old_term_that_a_new_leader_commits_comes_before_every_keepalive_that_it_answers()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        cluster.Tick(TicksOf(Ttl) - 1);

        // Node 2 gets the entry; nobody else hears that it did.
        cluster.Network.Cut(1, 3);
        cluster.Network.Drops = static message => message is AppendResponse && message.From == N(2);
        cluster.Tick();
        Assert.True(cluster.Lives(2, 7));
        cluster.Network.Drops = static _ => false;
        cluster.Isolate(1);
        long asked = cluster[2].AskLeases(true, 7);
        cluster.Elect(2);
        cluster.Tick(2);
        Assert.False(cluster.Lives(2, 7));
        Assert.False(cluster[2].LeaseAnswers[asked].Times[0].Lives);
    }

    [Fact]
    public void Once_its_expiry_is_proposed_no_keepalive_revives_a_lease()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);

        // Rounds are confirmed, but nothing commits.
        cluster.Network.Drops = static message => message is AppendRequest { Entries.Count: > 0 };
        cluster.Tick(TicksOf(Ttl));
        Assert.True(cluster.Lives(1, 7));
        Assert.False(cluster.KeepAlive(1, 7)!.Value.Lives);
        Assert.False(cluster.KeepAlive(3, 7)!.Value.Lives);
    }

    [Fact]
    public void A_question_or_an_answer_that_is_lost_is_asked_again_and_answered_once()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        int lost = 0;
        cluster.Network.Drops = message => message is LeaseRequest or LeaseResponse && lost++ < 3;
        long asked = cluster[3].AskLeases(true, 7);
        cluster.Settle();
        Assert.False(cluster[3].LeaseAnswers.ContainsKey(asked));
        cluster.Tick(20);
        Assert.True(cluster[3].LeaseAnswers[asked].Times[0].Lives);
    }

    [Fact]
    public void Without_a_leader_a_question_is_refused_in_time_and_only_once()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        cluster.Isolate(3);
        long first = cluster[3].AskLeases(true, 7);
        cluster.Settle();
        cluster.TickOnly(10, 3);
        long second = cluster[3].AskLeases(false, 7, 8);
        cluster.TickOnly(150, 3);
        Assert.All([first, second], number => Assert.False(cluster[3].LeaseAnswers[number].IsGranted));
        cluster.Network.Heal();
        cluster.Tick(50);
    }

    [Fact]
    public void An_answer_that_does_not_fit_the_questions_is_none()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        cluster.Network.Drops = static message => message is LeaseRequest;
        long asked = cluster[3].AskLeases(true, 7);
        cluster.Settle();
        LeaseRequest request = cluster.Network.Sent.OfType<LeaseRequest>().Last();
        LeaseTime wrong = new(new LeaseId(8), true, Ttl, Ttl);
        LeaseTime right = new(new LeaseId(7), true, Ttl, Ttl);
        foreach (LeaseTime[] times in new LeaseTime[][] { [], [wrong], [right, right] })
        {
            cluster.Deliver(new LeaseResponse(N(1), N(3), request.Term, request.RequestId, times));
        }

        cluster.Deliver(new LeaseResponse(N(1), N(3), request.Term, request.RequestId + 1, [right]));
        cluster.Settle();
        Assert.False(cluster[3].LeaseAnswers.ContainsKey(asked));
        cluster.Deliver(new LeaseResponse(N(1), N(3), request.Term, request.RequestId, [right]));
        cluster.Settle();
        Assert.True(cluster[3].LeaseAnswers[asked].IsGranted);
    }

    [Fact]
    public void Many_leases_that_end_together_make_at_most_a_hundred_entries_a_tick()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        for (int lease = 1; lease <= 250; lease++)
        {
            cluster[1].Propose(new GrantLeaseCommand(new LeaseId(lease), Ttl));
        }

        cluster.Settle();
        cluster.Tick(TicksOf(Ttl) - 1);
        long before = cluster[1].Raft.Log.LastEntry.Index.Value;
        int[] added = [.. Enumerable.Range(0, 4).Select(_ =>
        {
            cluster.Tick();
            long last = cluster[1].Raft.Log.LastEntry.Index.Value;
            (long start, before) = (before, last);
            return (int)(last - start);
        })];
        Assert.Equal([100, 100, 50, 0], added);
        Assert.Equal(0, cluster[3].Replica.View.LeaseCount);
    }

    [Fact]
    public void Many_questions_of_a_node_travel_in_few_messages_of_bounded_size()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        long[] asked = [.. Enumerable.Range(0, 5_000).Select(_ => cluster[3].AskLeases(true, 7))];
        int before = cluster.Network.Sent.Count;
        cluster.Settle();
        cluster.Tick(4);
        Assert.All(asked, number => Assert.True(cluster[3].LeaseAnswers[number].Times[0].Lives));
        LeaseRequest[] requests = [.. cluster.Network.Sent.Skip(before).OfType<LeaseRequest>()];
        Assert.Equal([LeaseRequest.MaxQuestions, 5_000 - LeaseRequest.MaxQuestions], requests.Select(request => request.Questions.Count));
    }

    [Fact]
    public void Only_the_leader_of_the_questions_own_term_takes_it()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Grant(1, 7, Ttl);
        Term term = cluster[1].Raft.CurrentTerm;
        int before = cluster.Network.Sent.Count;
        cluster.Deliver(new LeaseRequest(N(2), N(3), term, 1, [new(new LeaseId(7), true)]));
        cluster.Deliver(new LeaseRequest(N(2), N(1), new Term(term.Value - 1), 2, [new(new LeaseId(7), true)]));
        cluster.Deliver(new LeaseRequest(N(9), N(1), term, 3, [new(new LeaseId(7), true)]));
        cluster.Settle();
        Assert.Empty(cluster.Network.Sent.Skip(before).OfType<LeaseResponse>());
    }

    [Fact]
    public void The_cluster_time_moves_on_while_first_answers_are_kept_and_stands_still_otherwise()
    {
        ReplicaTestCluster cluster = Led(by: 1);
        cluster.Tick(3_000);
        Assert.Equal(0, cluster[2].Replica.View.ClusterTimeMs);
        cluster.Run(2, new MutateCommand(new PutOp("a"u8.ToArray(), default))
        {
            Idempotency = new CommandKey("key"u8.ToArray(), new byte[16]),
        });
        cluster.Tick(3_000);
        Assert.All([1, 2, 3], node => Assert.InRange(cluster[node].Replica.View.ClusterTimeMs, 19_000, 30_000));
    }

    private static int Expiries(ReplicaTestCluster cluster, int node)
    {
        RaftLog log = cluster[node].Raft.Log;
        int count = 0;
        for (LogIndex index = log.FirstIndex; index <= log.LastEntry.Index; index = index.Next)
        {
            LogEntry entry = log.EntryAt(index);
            count += entry.Kind == EntryKind.Command
                && KvCommandCodec.TryDecode(entry.Payload[CommandEnvelope.HeaderBytes..], out KvCommand? command)
                && command is ExpireLeaseCommand ? 1 : 0;
        }

        return count;
    }

    private static ReplicaTestCluster Led(int by)
    {
        var cluster = new ReplicaTestCluster(3);
        cluster.Elect(by);
        cluster.Settle();
        return cluster;
    }
}
