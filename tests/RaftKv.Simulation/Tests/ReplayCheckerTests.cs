using RaftKv.Core.Raft.Log;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>
/// Small histories over the real store, right and broken in one place: the replay checker must tell them apart.
/// </summary>
public sealed class ReplayCheckerTests
{
    private readonly List<LogEntry> _log = [];
    private readonly List<CommandResult?> _results = [];
    private readonly List<ClientOperation> _operations = [];
    private readonly MvccStore _store = new();
    private long _stamp;

    [Fact]
    public void Accepts_a_right_history()
    {
        Commit(Put("r0", 0));
        Read();
        Commit(Put("r0", 2));
        Refuse();
        Read();
        Check();
    }

    [Fact]
    public void A2_an_acknowledged_write_that_is_not_in_the_log_is_seen()
    {
        Commit(Put("r0", 0));
        Acknowledge(Put("r0", 1), place: 2, new CommandResult(CommandStatus.Ok, new Revision(3)));
        Fails("A2");
    }

    [Fact]
    public void R16_a_command_that_stands_before_its_version_is_seen()
    {
        // The store runs it all the same; that nobody may propose it is the log's rule.
        Append(Envelope(new ReportBudgetCommand(new NodeId(1), 4_096), number: 0));
        Fails("R16");
    }

    [Fact]
    public void In_a_restored_cluster_a_read_of_what_was_before_and_a_write_of_a_client_of_before_are_seen()
    {
        Commit(Put("r0", 0));
        ClientOperation late = Read();
        NaiveStore begin = ReplayChecker.ModelAt(_log, _results, 1);
        begin.Restore(2_000_000_000, keepsLeases: false, index: 2);
        _log.Add(new LogEntry(new EntryId(new Term(1), new LogIndex(2)), EntryKind.Membership, default));
        _results.Add(null);
        _operations.Clear();
        ReplayChecker.Check(_log, _results, _operations, begin);

        _operations.Add(late);
        begin = ReplayChecker.ModelAt(_log, _results, 1);
        begin.Restore(2_000_000_000, keepsLeases: false, index: 2);
        Assert.Equal("A1", Assert.Throws<SimulationViolationException>(() => ReplayChecker.Check(_log, _results, _operations, begin)).Rule);

        // The old cluster's entry, once more in the new one's log.
        _operations.Clear();
        _log.Add(new LogEntry(new EntryId(new Term(2), new LogIndex(3)), EntryKind.Command, _log[0].Payload));
        _results.Add(_results[0]);
        Assert.Equal("A2", Assert.Throws<SimulationViolationException>(() => ReplayChecker.Check(_log, _results, _operations, begin)).Rule);
    }

    [Fact]
    public void A2_a_write_that_is_in_the_log_twice_is_seen()
    {
        Commit(Put("r0", 0));
        Append(_log[0].Payload);
        Fails("A2");
    }

    [Fact]
    public void A2_a_refused_write_that_is_in_the_log_is_seen()
    {
        Commit(Put("r0", 0));
        _operations[0].Outcome = OperationOutcome.Refused;
        Fails("A2");
    }

    [Fact]
    public void What_a_leader_proposes_for_itself_needs_no_client_and_nothing_else_may_do_without()
    {
        Commit(Put("r0", 0));
        Append(Envelope(new AdvanceTimeCommand(9_800), number: 0));
        Commit(Put("r0", 1));
        Check();
        Append(Envelope(Put("r0", 2), number: 0));
        Fails("A2");
    }

    [Fact]
    public void A2_a_write_that_nobody_proposed_is_seen()
    {
        Append(Envelope(Put("r0", 0), number: 7));
        Fails("A2");
    }

    [Fact]
    public void A2_an_entry_of_another_life_is_seen()
    {
        Commit(Put("r0", 0));
        byte[] envelope = _log[0].Payload.ToArray();
        CommandEnvelope.Write(envelope, new NodeId(1), incarnation: 99, 1);
        _log[0] = new LogEntry(_log[0].Id, EntryKind.Command, envelope);
        Fails("A2");
    }

    [Fact]
    public void Accepts_an_unknown_write_in_the_log_and_one_that_is_not()
    {
        Commit(Put("r0", 0));
        Commit(Put("r0", 1));
        _operations[1].Outcome = OperationOutcome.Unknown;
        Acknowledge(Put("r0", 2), place: 0, null).Outcome = OperationOutcome.Unknown;
        Check();
    }

    [Fact]
    public void A1_a_stale_read_is_seen()
    {
        Commit(Put("r0", 0));
        StoreView old = _store.View;
        Commit(Put("r0", 1));
        Read(old);
        Fails("A1");
    }

    [Fact]
    public void A1_a_write_placed_before_one_that_had_returned_is_seen()
    {
        Commit(Put("r0", 0));
        Commit(Put("r0", 1));
        (_operations[0].Entry, _operations[1].Entry) = (_operations[1].Entry, _operations[0].Entry);
        Assert.Equal("A1", Assert.Throws<SimulationViolationException>(() => ReplayChecker.CheckRealTime(_operations)).Rule);
    }

    [Fact]
    public void A1_a_read_with_another_value_than_replay_is_seen()
    {
        Commit(Put("r0", 0));
        Read();
        _operations[1].Read = new RangeResult(ReadStatus.Ok, [], HasMore: false, Count: 0);
        Fails("A1");
    }

    [Fact]
    public void A1_a_read_of_what_was_never_committed_is_seen()
    {
        Commit(Put("r0", 0));
        Read();
        _operations[1].ViewIndex = 5;
        Fails("A1");
    }

    [Fact]
    public void A1_an_answer_that_differs_from_the_entry_is_seen()
    {
        Commit(Put("r0", 0));
        _operations[0].Result = new CommandResult(CommandStatus.GuardFailed, new Revision(2));
        Fails("A1");
    }

    [Fact]
    public void The_naive_model_and_the_store_agree_on_20000_random_commands()
    {
        var random = new DeterministicRandom(5);
        var profile = new SwarmProfile(random, 3);
        var maker = new OperationMaker(profile, random);
        var memory = new ClientMemory();
        var model = new NaiveStore();
        for (int i = 0; i < 20_000; i++)
        {
            KvCommand command = maker.MakeWrite(memory, i);
            CommandResult result = _store.Apply(new LogIndex(i + 1), KvCommandCodec.Encode(command));
            string? problem = model.Run(command, result);
            Assert.True(problem is null, $"command {i} {command}: {problem}");
            memory.Saw(result);
            if (i % 7 == 0 && maker.TryMakeRead(memory) is { } request)
            {
                problem = model.CheckRead(request, _store.Publish().Range(request));
                Assert.True(problem is null, $"read after {i} {request}: {problem}");
            }
        }
    }

    [Fact]
    public void The_naive_model_rejects_wrong_answers()
    {
        KvCommand command = Put("r0", 1);
        var model = new NaiveStore();
        CommandResult right = _store.Apply(new LogIndex(1), KvCommandCodec.Encode(command));
        Assert.Null(model.Run(command, right));
        Assert.NotNull(new NaiveStore().Run(command, right with { Revision = new Revision(3) }));
        Assert.NotNull(new NaiveStore().Run(command, right with { Status = CommandStatus.GuardFailed }));
        Assert.NotNull(new NaiveStore().Run(Put("r1", 1), right));
        Assert.NotNull(new NaiveStore().Run(Put("r0", 2), right));
    }

    private static MutateCommand Put(string key, long value) =>
        new(new PutOp(System.Text.Encoding.ASCII.GetBytes(key), Keys.Value(value, 8)));

    private static byte[] Envelope(KvCommand command, long number)
    {
        byte[] envelope = KvCommandCodec.Encode(command, CommandEnvelope.HeaderBytes);
        CommandEnvelope.Write(envelope, new NodeId(1), incarnation: 1, number);
        return envelope;
    }

    private void Commit(KvCommand command)
    {
        ClientOperation operation = Acknowledge(command, _log.Count + 1, null);
        Append(Envelope(command, operation.Id));
        operation.Result = _results[^1];
    }

    [Fact]
    public void A7_a_weak_read_that_is_no_prefix_or_tells_another_revision_is_seen()
    {
        Commit(Put("r0", 0));
        StoreView view = _store.View;
        Commit(Put("r1", 2));
        Read(view).Terms = new ReadTerms(ReadLevel.Eventual);
        Check();

        _operations[^1].ViewRevision++;
        Fails("A7");
        _operations[^1].ViewRevision--;
        _operations[^1].Read = _store.View.Range(_operations[^1].Request!);
        Fails("A7");
    }

    private void Append(ReadOnlyMemory<byte> envelope)
    {
        var id = new EntryId(new Term(1), new LogIndex(_log.Count + 1));
        _log.Add(new LogEntry(id, EntryKind.Command, envelope));
        _results.Add(_store.Apply(id.Index, envelope[CommandEnvelope.HeaderBytes..]));
        _store.Publish();
    }

    private ClientOperation Acknowledge(KvCommand? command, int place, CommandResult? result)
    {
        var operation = new ClientOperation
        {
            Id = _operations.Count + 1,
            Client = 0,
            Node = 0,
            Life = 0,
            Origin = new NodeId(1),
            Incarnation = 1,
            InvokedAt = ++_stamp,
            Command = command,
            Outcome = OperationOutcome.Ok,
            ReturnedAt = ++_stamp,
            Entry = new EntryId(new Term(1), new LogIndex(place)),
            Result = result,
            Request = command is null ? new RangeRequest { Keys = KeyRange.All } : null,
        };
        _operations.Add(operation);
        return operation;
    }

    private void Refuse() => Acknowledge(Put("r3", 9), place: 0, null).Outcome = OperationOutcome.Refused;

    private ClientOperation Read(StoreView? view = null)
    {
        view ??= _store.View;
        ClientOperation operation = Acknowledge(null, 0, null);
        operation.ViewIndex = view.AppliedIndex.Value;
        operation.ViewRevision = view.Revision.Value;
        operation.Read = view.Range(operation.Request!);
        return operation;
    }

    private void Check() => ReplayChecker.Check(_log, _results, _operations);

    private void Fails(string rule) => Assert.Equal(rule, Assert.Throws<SimulationViolationException>(Check).Rule);
}
