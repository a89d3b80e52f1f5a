using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>A keyed increment, sent more than once.</summary>
public sealed class OnceCheckerTests
{
    private readonly List<ClientOperation> _operations = [];

    private readonly MutateCommand _command = new(new IncrementOp("i0"u8.ToArray(), 3))
    {
        Idempotency = new CommandKey("k"u8.ToArray(), new byte[16]),
    };

    private readonly MutateCommand _stamped = new(new IncrementOp("j0"u8.ToArray(), 3))
    {
        Session = new SessionStamp(new ClientSessionId(5), 7, 2, new byte[16]),
    };

    [Fact]
    public void One_first_answer_and_its_repeats_pass()
    {
        Answer(5, isReplayed: true);
        Answer(5, isReplayed: false);
        Answer(5, isReplayed: true);
        Answer(5, isReplayed: true, CommandStatus.AnswerNotKept);
        Answer(9, isReplayed: false, CommandStatus.IdempotencyExpired);
        OnceChecker.CheckAnswers(_operations, isWindowOpen: true);
        OnceChecker.CheckCounters(
            [Ran(_command), Ran(_command), (_command, Refused(CommandStatus.Overloaded))], StoreAfter(times: 1), isWindowOpen: true);
    }

    [Fact]
    public void What_a_plain_key_forgets_after_its_window_may_run_again()
    {
        Answer(5, isReplayed: false);
        Answer(6, isReplayed: false);
        OnceChecker.CheckAnswers(_operations, isWindowOpen: false);
        OnceChecker.CheckCounters([Ran(_command), Ran(_command)], StoreAfter(times: 2), isWindowOpen: false);
    }

    [Fact]
    public void A3_a_second_first_answer_is_seen()
    {
        Answer(5, isReplayed: false);
        Answer(5, isReplayed: false);
        Fails(() => OnceChecker.CheckAnswers(_operations, isWindowOpen: true));
    }

    [Fact]
    public void A3_a_number_of_a_client_session_that_runs_again_is_seen_whatever_the_time()
    {
        Answer(5, isReplayed: false, command: _stamped);
        Answer(9, isReplayed: false, CommandStatus.SessionUnknown, _stamped);
        OnceChecker.CheckAnswers(_operations, isWindowOpen: false);
        Answer(6, isReplayed: false, command: _stamped with { Session = _stamped.Session! with { AcknowledgedUpTo = 6 } });
        Fails(() => OnceChecker.CheckAnswers(_operations, isWindowOpen: false));
        Fails(() => OnceChecker.CheckCounters([Ran(_stamped), Ran(_stamped)], StoreAfter(times: 2, "j0"), isWindowOpen: false));
    }

    [Fact]
    public void A3_a_key_that_says_when_it_was_born_and_runs_again_is_seen_whatever_the_time()
    {
        MutateCommand born = _command with { Idempotency = _command.Idempotency! with { Key = "born=5;k"u8.ToArray() } };
        Answer(5, isReplayed: false, command: born);
        Answer(6, isReplayed: false, command: born);
        Fails(() => OnceChecker.CheckAnswers(_operations, isWindowOpen: false));
    }

    [Fact]
    public void A3_a_repeat_with_another_answer_is_seen()
    {
        Answer(5, isReplayed: false);
        Answer(6, isReplayed: true);
        Fails(() => OnceChecker.CheckAnswers(_operations, isWindowOpen: true));
    }

    [Fact]
    public void A3_a_digest_of_another_revision_is_seen()
    {
        Answer(5, isReplayed: false);
        Answer(6, isReplayed: true, CommandStatus.AnswerNotKept);
        Fails(() => OnceChecker.CheckAnswers(_operations, isWindowOpen: true));
    }

    [Fact]
    public void A3_a_counter_that_moved_twice_for_one_key_or_not_at_all_is_seen()
    {
        Fails(() => OnceChecker.CheckCounters([Ran(_command), Ran(_command)], StoreAfter(times: 2), isWindowOpen: true));
        Fails(() => OnceChecker.CheckCounters([Ran(_command)], StoreAfter(times: 0), isWindowOpen: true));
        Fails(() => OnceChecker.CheckCounters([(_command, Refused(CommandStatus.Overloaded))], StoreAfter(times: 1), isWindowOpen: true));
    }

    private static (KvCommand Command, CommandResult Result) Ran(KvCommand command) => (command, Refused(CommandStatus.Ok));

    private static CommandResult Refused(CommandStatus status) => new(status, new Revision(5));

    private static StoreView StoreAfter(int times, string counter = "i0")
    {
        var store = new MvccStore();
        for (int i = 1; i <= times; i++)
        {
            var add = new IncrementOp(System.Text.Encoding.ASCII.GetBytes(counter), 3);
            store.Apply(new LogIndex(i), KvCommandCodec.Encode(new MutateCommand(add)));
        }

        return store.Publish();
    }

    private void Answer(
        long revision, bool isReplayed, CommandStatus status = CommandStatus.Ok, KvCommand? command = null) =>
        _operations.Add(new ClientOperation
        {
            Id = _operations.Count + 1,
            Client = 0,
            Node = 0,
            Life = 0,
            Origin = new NodeId(1),
            Incarnation = 1,
            InvokedAt = _operations.Count,
            Command = command ?? _command,
            Outcome = OperationOutcome.Ok,
            Result = new CommandResult(status, new Revision(revision)) { IsReplayed = isReplayed },
        });

    private static void Fails(Action check) => Assert.Equal("A3", Assert.Throws<SimulationViolationException>(check).Rule);
}
