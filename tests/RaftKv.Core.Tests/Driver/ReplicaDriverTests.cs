using RaftKv.Core.Calls;
using RaftKv.Core.Driver;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Tests.Calls;

namespace RaftKv.Core.Tests.Driver;

/// <summary>A lone voter, driven by hand: what a round asks of its host, and in which order.</summary>
public sealed class ReplicaDriverTests
{
    private static readonly NodeId Self = new(1);

    private readonly ReplicaCore _replica = new(
        new ReplicaOptions { Self = Self, InitialMembership = new Membership([Self]), Seed = 1, Incarnation = 9 }, RecoveredState.Fresh());

    private readonly Host _host = new();
    private readonly ReplicaDriver _driver;

    public ReplicaDriverTests() => _driver = new ReplicaDriver(_replica, Self, incarnation: 9);

    [Fact]
    public void A_round_takes_the_inputs_then_the_clock_then_the_ticks_and_looks_at_deadlines_last()
    {
        _driver.Run(_host);

        Assert.Equal(["inputs", "clock", "ticks", "elapsed", "elapsed"], _host.Asked);
    }

    [Fact]
    public void The_disk_starts_first_and_readers_see_the_new_point_before_the_writer_is_answered()
    {
        BecomeLeader();
        ProposalCall write = Write();
        _driver.Run(_host);
        _host.Orders.Clear();
        PersistAll();

        Assert.Equal(ProposalOutcome.Applied, write.Result.Outcome);
        Assert.Equal([EffectOrder.Publish, EffectOrder.Wake, EffectOrder.Answer], _host.Orders);
        Assert.Same(write.Result.View, _host.Shown);
    }

    [Fact]
    public void A_call_whose_deadline_comes_in_the_round_of_its_answer_is_answered()
    {
        BecomeLeader();
        ProposalCall write = Write(timeoutTicks: 3);
        _driver.Run(_host);
        _host.ElapsedTicks = 1000;
        PersistAll();

        Assert.Equal(ProposalOutcome.Unknown, write.Result.Outcome);
        Assert.Single(_host.Answered);
    }

    [Fact]
    public void A_node_that_ends_amid_its_effects_is_asked_for_no_more()
    {
        BecomeLeader();
        Write();
        _host.DiesAt = EffectOrder.Persist;
        _host.Orders.Clear();
        _driver.Run(_host);

        Assert.Equal([EffectOrder.Persist], _host.Orders);
    }

    [Fact]
    public void At_the_stop_everyone_is_answered()
    {
        BecomeLeader();
        ProposalCall taken = Write();
        _driver.Run(_host);
        ProposalCall behind = TestCalls.Write(Envelope(), 100);
        _host.Inputs.Add(DriverInput.Stop);
        _driver.Run(_host);
        Assert.True(_driver.IsStopping);

        _driver.End(_host);
        _host.Inputs.Add(DriverInput.Begin(behind));
        _driver.RefuseRest(_host);

        Assert.Equal(ProposalOutcome.Unknown, taken.Result.Outcome);
        Assert.Equal(ProposalOutcome.ShuttingDown, behind.Result.Outcome);
        Assert.Equal([taken, behind], _host.Answered);
    }

    [Fact]
    public void A_round_steps_so_many_inputs_and_the_next_ones_the_rest_without_taking_more()
    {
        BecomeLeader();
        ProposalCall[] writes = [.. Enumerable.Range(0, (2 * ReplicaDriver.MaxInputsPerRound) + 1).Select(_ => Write())];
        _host.Asked.Clear();
        _driver.Run(_host);
        Assert.True(_driver.HasMore);
        ProposalCall behind = Write();
        _driver.Run(_host);
        Assert.True(_driver.HasMore);
        Assert.Equal(1, _host.Asked.Count(asked => asked == "inputs"));
        _driver.Run(_host);
        Assert.False(_driver.HasMore);
        _driver.Run(_host);
        PersistAll();
        while (_driver.HasMore)
        {
            _driver.Run(_host);
        }

        Assert.Equal([.. writes, behind], _host.Answered);
    }

    [Fact]
    public void Calls_that_were_taken_and_not_stepped_are_refused_at_the_end()
    {
        BecomeLeader();
        _host.Inputs.Add(DriverInput.Stop);
        ProposalCall[] writes = [.. Enumerable.Range(0, ReplicaDriver.MaxInputsPerRound + 1).Select(_ => Write())];
        _driver.Run(_host);
        _driver.End(_host);
        _driver.RefuseRest(_host);

        Assert.Equal(writes.Length, _host.Answered.Count);
        Assert.Equal(ProposalOutcome.ShuttingDown, writes[^1].Result.Outcome);
    }

    private void BecomeLeader()
    {
        _host.DueTicks = 200;
        _driver.Run(_host);
        PersistAll();
        PersistAll();
        Assert.Equal(Role.Leader, _replica.Role);
        _host.Answered.Clear();
    }

    private void PersistAll()
    {
        _host.Inputs.Add(DriverInput.Persisted(_host.LastBatch));
        _driver.Run(_host);
    }

    private ProposalCall Write(long timeoutTicks = 100)
    {
        var write = TestCalls.Write(Envelope(), timeoutTicks);
        _host.Inputs.Add(DriverInput.Begin(write));
        return write;
    }

    private static byte[] Envelope() =>
        KvCommandCodec.Encode(new GrantLeaseCommand(new LeaseId(7), 60_000), CommandEnvelope.HeaderBytes);

    private sealed class Host : IRoundHost
    {
        // One for all rounds, as a mailbox has it.
        private readonly List<DriverInput> _taken = [];

        public List<string> Asked { get; } = [];

        public List<DriverInput> Inputs { get; } = [];

        public List<EffectOrder> Orders { get; } = [];

        public List<Call> Answered { get; } = [];

        public int DueTicks { get; set; }

        public long LastBatch { get; private set; }

        public EffectOrder DiesAt { get; set; }

        public object? Shown { get; private set; }

        public MonotonicTime Now
        {
            get
            {
                Asked.Add("clock");
                return new MonotonicTime(1);
            }
        }

        public long ElapsedTicks
        {
            get
            {
                Asked.Add("elapsed");
                return field;
            }
            set;
        }

        public bool IsAwaitingAll => false;

        public IReadOnlyList<DriverInput> TakeInputs()
        {
            Asked.Add("inputs");
            _taken.Clear();
            _taken.AddRange(Inputs);
            Inputs.Clear();
            return _taken;
        }

        public IReadOnlyList<DriverInput> CloseInputs() => TakeInputs();

        public int TakeDueTicks()
        {
            Asked.Add("ticks");
            int due = DueTicks;
            DueTicks = 0;
            return due;
        }

        public bool CarryOut(Effect effect)
        {
            Orders.Add(effect.Order);
            switch (effect)
            {
                case PersistEffect persist: LastBatch = persist.Batch.Number; break;
                case PublishEffect publish: Shown = publish.Point.View; break;
                case AnswerEffect answer: Answered.AddRange(answer.Calls); break;
                default: break;
            }

            return effect.Order != DiesAt;
        }
    }
}
