using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Client sessions (Raft thesis 6.3): once by sequence number, in any order, bounded, and never anew (A3, trap 10).</summary>
public sealed class ClientSessionTests
{
    private readonly StoreHarness _store = new();

    public ClientSessionTests()
    {
        Open(1);
    }

    [Fact]
    public void A3_a_repeat_gets_the_first_answer_and_changes_no_key_also_after_a_snapshot()
    {
        CommandResult first = Send(1, sequence: 1);
        CommandResult second = Send(1, sequence: 1);
        StoreHarness loaded = new(Load(Snapshot(_store.View, blockBytes: 64)));
        Assert.Equal(Describe.Kept(first), Describe.Command(second));
        Assert.Equal(Describe.Kept(first), Describe.Command(Send(1, sequence: 1, on: loaded)));
        Assert.Equal(("1", "1"), (_store.Value("n"), loaded.Value("n")));
        Assert.Equal(CommandStatus.IdempotencyReused, Send(1, sequence: 1, hash: 2).Status);
    }

    [Fact]
    public void Numbers_may_come_in_any_order_and_each_runs_once()
    {
        foreach (int sequence in (int[])[5, 2, 9, 2, 5, 1, 9, 1])
        {
            Assert.Equal(CommandStatus.Ok, Send(1, sequence).Status);
        }

        Assert.Equal(("4", 4L), (_store.Value("n"), _store.View.Once.SessionAnswers));
    }

    [Fact]
    public void What_is_acknowledged_goes_and_a_repeat_below_the_floor_is_refused_and_never_runs()
    {
        Send(1, sequence: 1);
        Send(1, sequence: 2);
        Send(1, sequence: 4);
        Send(1, sequence: 5, acknowledged: 3);
        Assert.Equal(2, _store.View.Once.SessionAnswers);
        foreach (int sequence in (int[])[1, 2, 3])
        {
            Assert.Equal((CommandStatus.IdempotencyExpired, false), (Send(1, sequence).Status, Send(1, sequence).IsReplayed));
        }

        // A floor never falls, and an old copy of a request acknowledges nothing back.
        Assert.True(Send(1, sequence: 4).IsReplayed);
        StoreHarness loaded = new(Load(Snapshot(_store.View)));
        Assert.Equal(CommandStatus.IdempotencyExpired, Send(1, sequence: 3, on: loaded).Status);
        Assert.Equal("4", _store.Value("n"));
    }

    [Fact]
    public void An_unknown_a_closed_and_a_dropped_session_is_an_error_and_nothing_runs()
    {
        Assert.Equal(CommandStatus.SessionUnknown, Send(2, sequence: 1).Status);
        Send(1, sequence: 1);
        Assert.Equal(CommandStatus.Ok, _store.Apply(new CloseSessionCommand(new ClientSessionId(1))).Status);
        Assert.Equal(CommandStatus.SessionUnknown, _store.Apply(new CloseSessionCommand(new ClientSessionId(1))).Status);
        Assert.Equal(CommandStatus.SessionUnknown, Send(1, sequence: 1).Status);
        Assert.Equal((0L, 0L, 0L), (_store.View.Once.Sessions, _store.View.Once.SessionAnswers, _store.View.Once.SessionTableBytes));
        Assert.Equal("1", _store.Value("n"));
    }

    [Fact]
    public void A_full_table_drops_the_session_that_was_idle_longest_in_entries_also_after_a_snapshot()
    {
        _store.Apply(new SetOnceLimitsCommand(new() { MaxSessions = 3 }));
        Open(2);
        Open(3);
        Send(2, sequence: 1);
        Send(1, sequence: 1);
        StoreHarness loaded = new(Load(Snapshot(_store.View)));
        foreach (StoreHarness store in (StoreHarness[])[_store, loaded])
        {
            Assert.Equal(CommandStatus.Ok, store.Apply(new OpenSessionCommand(new ClientSessionId(4))).Status);
            Assert.Equal(CommandStatus.SessionUnknown, Send(3, sequence: 1, on: store).Status);
            Assert.True(Send(1, sequence: 1, on: store).IsReplayed);
            Assert.True(Send(2, sequence: 1, on: store).IsReplayed);
            Assert.Equal(CommandStatus.SessionExists, store.Apply(new OpenSessionCommand(new ClientSessionId(4))).Status);
        }

        Assert.Equal(_store.View.StateHash, loaded.View.StateHash);
    }

    [Fact]
    public void Q1_a_table_of_too_many_bytes_drops_the_longest_idle_but_never_who_is_at_work()
    {
        _store.Apply(new SetOnceLimitsCommand(new() { SessionTableBytes = 3_000 }));
        Open(2);
        Open(3);
        Send(1, sequence: 1);
        Send(3, sequence: 1);
        Assert.Equal(3, _store.View.Once.Sessions);
        Assert.True(_store.View.Once.SessionTableBytes <= 3_000);
        Send(1, sequence: 2);
        Assert.Equal(CommandStatus.SessionUnknown, Send(2, sequence: 1).Status);
        for (int sequence = 3; sequence < 30; sequence++)
        {
            Assert.Equal(CommandStatus.Ok, Send(1, sequence).Status);
        }

        // It alone is over the bound by now: that is its own limits' matter.
        Assert.Equal((1, 29), (_store.View.Once.Sessions, _store.View.Once.SessionAnswers));
        StoreHarness loaded = new(Load(Snapshot(_store.View)));
        foreach (StoreHarness store in (StoreHarness[])[_store, loaded])
        {
            store.Apply(new OpenSessionCommand(new ClientSessionId(5)));
            Assert.Equal(CommandStatus.SessionUnknown, Send(1, sequence: 1, on: store).Status);
        }

        Assert.Equal(_store.View.StateHash, loaded.View.StateHash);
    }

    [Fact]
    public void A_refusal_and_a_repeat_are_uses_too()
    {
        _store.Apply(new SetOnceLimitsCommand(new() { MaxSessions = 2, MaxAnswersPerSession = 1 }));
        Send(1, sequence: 1);
        Open(2);
        Assert.Equal(CommandStatus.SessionFull, Send(1, sequence: 2).Status);
        Open(3);
        Assert.True(Send(1, sequence: 1).IsReplayed);
        Open(4);
        Assert.True(Send(1, sequence: 1).IsReplayed);
    }

    [Fact]
    public void A_session_keeps_so_many_answers_and_goes_on_when_its_client_acknowledges_some()
    {
        _store.Apply(new SetOnceLimitsCommand(new() { MaxAnswersPerSession = 3 }));
        for (int sequence = 1; sequence <= 3; sequence++)
        {
            Send(1, sequence);
        }

        Assert.Equal(CommandStatus.SessionFull, Send(1, sequence: 4).Status);
        Assert.Equal("3", _store.Value("n"));
        Assert.Equal(CommandStatus.Ok, Send(1, sequence: 4, acknowledged: 1).Status);
        Assert.Equal("4", _store.Value("n"));
    }

    [Fact]
    public void Beyond_a_sessions_bytes_only_digests_are_kept()
    {
        _store.Apply(new SetOnceLimitsCommand(new() { SessionAnswerBytes = 100 }));
        Assert.Equal(CommandStatus.Ok, Send(1, sequence: 1).Status);
        CommandResult second = Send(1, sequence: 2);
        Assert.Equal(CommandStatus.Ok, Send(1, sequence: 1).Status);
        Assert.Equal((CommandStatus.AnswerNotKept, second.Revision), (Send(1, sequence: 2).Status, Send(1, sequence: 2).Revision));
        Assert.Equal("2", _store.Value("n"));
    }

    [Fact]
    public void A_session_is_its_authors()
    {
        Assert.Equal(CommandStatus.SessionUnknown, Send(1, sequence: 1, principal: "bob").Status);
        _store.Apply(new OpenSessionCommand(new ClientSessionId(2)) { Principal = Bytes("bob") });
        Assert.Equal(CommandStatus.SessionUnknown, Send(2, sequence: 1).Status);
        Assert.Equal(CommandStatus.Ok, Send(2, sequence: 1, principal: "bob").Status);
        Assert.Equal(CommandStatus.SessionUnknown, _store.Apply(new CloseSessionCommand(new ClientSessionId(2))).Status);
        StoreHarness loaded = new(Load(Snapshot(_store.View)));
        Assert.Equal(CommandStatus.SessionUnknown, Send(2, sequence: 1, on: loaded).Status);
        Assert.True(Send(2, sequence: 1, principal: "bob", on: loaded).IsReplayed);
    }

    [Fact]
    public void A_command_that_ends_its_own_session_is_no_trouble()
    {
        SessionStamp stamp = new(new ClientSessionId(1), 1, 0, new byte[16]);
        Assert.Equal(CommandStatus.Ok, _store.Apply(new CloseSessionCommand(new ClientSessionId(1)) { Session = stamp }).Status);
        Open(1);
        _store.Apply(new SetOnceLimitsCommand(new() { MaxSessions = 1 }));
        Assert.Equal(CommandStatus.Ok, _store.Apply(new OpenSessionCommand(new ClientSessionId(2)) { Session = stamp }).Status);
        Assert.Equal((1L, 0L), (_store.View.Once.Sessions, _store.View.Once.SessionAnswers));
    }

    [Theory]
    [InlineData(0, 1, 0, 16, false)]
    [InlineData(1, 1, 1, 16, false)]
    [InlineData(1, 1, -1, 16, false)]
    [InlineData(1, -1, 0, 16, false)]
    [InlineData(1, 0, 0, 16, false)]
    [InlineData(1, 1, 0, 15, false)]
    [InlineData(1, 1, 0, 16, true)]
    [InlineData(1, 0, 1, 0, true)]
    public void A_stamp_that_says_nothing_sensible_is_no_command(long id, long sequence, long acknowledged, int hashBytes, bool isKeyed) =>
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new MutateCommand(Put("a", "1"))
        {
            Session = new SessionStamp(new ClientSessionId(id), sequence, acknowledged, new byte[hashBytes]),
            Idempotency = isKeyed ? new CommandKey(Bytes("k"), new byte[16]) : null,
        }));

    private void Open(long id) => Assert.Equal(CommandStatus.Ok, _store.Apply(new OpenSessionCommand(new ClientSessionId(id))).Status);

    private CommandResult Send(
        long id, long sequence, long acknowledged = 0, byte hash = 1, string principal = "", StoreHarness? on = null) =>
        (on ?? _store).Apply(new MutateCommand(Add("n", 1))
        {
            Session = new SessionStamp(new ClientSessionId(id), sequence, acknowledged, Enumerable.Repeat(hash, 16).ToArray()),
            Principal = Bytes(principal),
        });
}
