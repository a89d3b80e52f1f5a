using RaftKv.Core;
using RaftKv.Core.Driver;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Messages;
using RaftKv.Engine.Calls;
using RaftKv.Node;

namespace RaftKv.Tests.Node;

public sealed class MailboxTests
{
    private static readonly DriverInput Client = new(InputKind.Begin, null, 0);
    private static readonly DriverInput Own = new(InputKind.Persisted, null, 1);
    private static readonly Message Peer = new TimeoutNow(new NodeId(1), new NodeId(2), new Term(1));

    [Fact]
    public void Inputs_come_out_in_the_order_they_went_in()
    {
        using var mailbox = new Mailbox(new MailboxLimits());
        mailbox.TryPostClient(Client, bytes: 0);
        mailbox.PostPeerMessages([Peer, Peer], bytes: 10);
        mailbox.PostInternal(Own);

        Assert.Equal(
            [InputKind.Begin, InputKind.PeerMessage, InputKind.PeerMessage, InputKind.Persisted],
            mailbox.Take(0).Select(input => input.Kind));
        Assert.Empty(mailbox.Take(0));
    }

    [Fact]
    public void A_full_client_share_refuses_at_once_and_leaves_room_for_peers_and_the_node_itself()
    {
        using var mailbox = new Mailbox(new MailboxLimits { MaxClientInputs = 2 });

        Assert.Equal(PostAnswer.Accepted, mailbox.TryPostClient(Client, 0));
        Assert.Equal(PostAnswer.Accepted, mailbox.TryPostClient(Client, 0));
        Assert.Equal(PostAnswer.Full, mailbox.TryPostClient(Client, 0));
        mailbox.PostPeerMessages([Peer], bytes: 10);
        Assert.True(mailbox.PostInternal(Own));

        Assert.Equal(4, mailbox.Take(0).Count);
        Assert.Equal(PostAnswer.Accepted, mailbox.TryPostClient(Client, 0));
    }

    [Fact]
    public void The_client_share_is_bounded_in_bytes_too()
    {
        using var mailbox = new Mailbox(new MailboxLimits { MaxClientBytes = 100 });

        Assert.Equal(PostAnswer.Accepted, mailbox.TryPostClient(Client, 60));
        Assert.Equal(PostAnswer.Full, mailbox.TryPostClient(Client, 60));
        Assert.Equal(PostAnswer.Accepted, mailbox.TryPostClient(Client, 40));
    }

    [Fact]
    public void One_proposal_larger_than_the_whole_share_still_goes_through_an_empty_mailbox()
    {
        using var mailbox = new Mailbox(new MailboxLimits { MaxClientBytes = 100 });

        Assert.Equal(PostAnswer.Accepted, mailbox.TryPostClient(Client, 160));
        Assert.Equal(PostAnswer.Full, mailbox.TryPostClient(Client, 1));
    }

    [Fact]
    public void A_full_peer_share_drops_and_counts()
    {
        using var mailbox = new Mailbox(new MailboxLimits { MaxPeerMessages = 2 });

        mailbox.PostPeerMessages([Peer, Peer], bytes: 10);
        mailbox.PostPeerMessages([Peer, Peer, Peer], bytes: 10);

        Assert.Equal(2, mailbox.Take(0).Count);
        Assert.Equal(3, mailbox.DroppedPeerMessageCount);
    }

    [Fact]
    public void A_closed_mailbox_refuses_and_hands_over_what_it_held()
    {
        using var mailbox = new Mailbox(new MailboxLimits());
        mailbox.TryPostClient(Client, 0);

        Assert.Single(mailbox.Close());
        Assert.Equal(PostAnswer.Closed, mailbox.TryPostClient(Client, 0));
        Assert.False(mailbox.PostInternal(Own));
    }

    [Fact]
    public async Task A_sleeping_reader_is_woken_by_a_post()
    {
        using var mailbox = new Mailbox(new MailboxLimits());
        Task<int> reader = Task.Factory.StartNew(() => mailbox.Take(60_000).Count, TaskCreationOptions.LongRunning);

        mailbox.PostInternal(Own);

        Assert.Equal(1, await reader.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Nothing_is_lost_or_taken_twice_when_many_threads_post()
    {
        const int writers = 4;
        const int each = 20_000;
        using var mailbox = new Mailbox(new MailboxLimits());
        Task[] posting = [.. Enumerable.Range(0, writers).Select(writer => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < each; i++)
                {
                    mailbox.PostInternal(new DriverInput(InputKind.Persisted, null, writer * each + i));
                }
            },
            TaskCreationOptions.LongRunning))];

        var seen = new HashSet<long>();
        int rounds = 0;
        while (seen.Count < writers * each && rounds++ < 10_000_000)
        {
            foreach (DriverInput input in mailbox.Take(1000))
            {
                Assert.True(seen.Add(input.Number));
            }
        }

        await Task.WhenAll(posting);
        Assert.Equal(writers * each, seen.Count);
        Assert.Empty(mailbox.Take(0));
    }
}
