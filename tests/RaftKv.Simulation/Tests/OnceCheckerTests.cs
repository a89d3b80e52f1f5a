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

    [Fact]
    public void One_first_answer_and_its_repeats_pass()
    {
        Answer(5, isReplayed: true);
        Answer(5, isReplayed: false);
        Answer(5, isReplayed: true);
        OnceChecker.CheckAnswers(_operations);
        OnceChecker.CheckCounters([_command, _command], StoreAfter(times: 1));
    }

    [Fact]
    public void A3_a_second_first_answer_is_seen()
    {
        Answer(5, isReplayed: false);
        Answer(5, isReplayed: false);
        Fails(() => OnceChecker.CheckAnswers(_operations));
    }

    [Fact]
    public void A3_a_repeat_with_another_answer_is_seen()
    {
        Answer(5, isReplayed: false);
        Answer(6, isReplayed: true);
        Fails(() => OnceChecker.CheckAnswers(_operations));
    }

    [Fact]
    public void A3_a_counter_that_moved_twice_for_one_key_or_not_at_all_is_seen()
    {
        Fails(() => OnceChecker.CheckCounters([_command, _command], StoreAfter(times: 2)));
        Fails(() => OnceChecker.CheckCounters([_command], StoreAfter(times: 0)));
    }

    private static StoreView StoreAfter(int times)
    {
        var store = new MvccStore();
        for (int i = 1; i <= times; i++)
        {
            store.Apply(new LogIndex(i), KvCommandCodec.Encode(new MutateCommand(new IncrementOp("i0"u8.ToArray(), 3))));
        }

        return store.Publish();
    }

    private void Answer(long revision, bool isReplayed) => _operations.Add(new ClientOperation
    {
        Id = _operations.Count + 1,
        Client = 0,
        Node = 0,
        Life = 0,
        Origin = new NodeId(1),
        Incarnation = 1,
        InvokedAt = _operations.Count,
        Command = _command,
        Outcome = OperationOutcome.Ok,
        Result = new CommandResult(CommandStatus.Ok, new Revision(revision)) { IsReplayed = isReplayed },
    });

    private static void Fails(Action check) => Assert.Equal("A3", Assert.Throws<SimulationViolationException>(check).Rule);
}
