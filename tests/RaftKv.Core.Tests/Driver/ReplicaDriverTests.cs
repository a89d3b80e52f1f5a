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

        Assert.Equal(["inputs", "clock", "ticks", "elapsed"], _host.Asked);
    }

    [Fact]
    public void The_disk_starts_first_and_readers_see_the_new_point_before_the_writer_is_answered()
    {
        BecomeLeader();
        TestWrite write = Write();
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
        TestWrite write = Write(timeoutTicks: 3);
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
        TestWrite taken = Write();
        _driver.Run(_host);
        TestWrite behind = new(Envelope(), 100);
        _host.Inputs.Add(DriverInput.Stop);
        _driver.Run(_host);
        Assert.True(_driver.IsStopping);

        _driver.End(_host);
        _driver.RefuseRest([DriverInput.Begin(behind)], _host);

        Assert.Equal(ProposalOutcome.Unknown, taken.Result.Outcome);
        Assert.Equal(ProposalOutcome.ShuttingDown, behind.Result.Outcome);
        Assert.Equal([taken, behind], _host.Answered);
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

    private TestWrite Write(long timeoutTicks = 100)
    {
        var write = new TestWrite(Envelope(), timeoutTicks);
        _host.Inputs.Add(DriverInput.Begin(write));
        return write;
    }

    private static byte[] Envelope() =>
        KvCommandCodec.Encode(new GrantLeaseCommand(new LeaseId(7), 60_000), CommandEnvelope.HeaderBytes);

    private sealed class Host : IRoundHost
    {
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
            DriverInput[] taken = [.. Inputs];
            Inputs.Clear();
            return taken;
        }

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
