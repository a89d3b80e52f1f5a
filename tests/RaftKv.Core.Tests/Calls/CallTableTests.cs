using RaftKv.Core.Calls;
using RaftKv.Core.Store;

namespace RaftKv.Core.Tests.Calls;

public sealed class CallTableTests
{
    private readonly Engine _engine = new();
    private readonly StoreView _view = new MvccStore().View;
    private readonly CallTable _calls;

    public CallTableTests() => _calls = new CallTable(new NodeId(1), incarnation: 7, _engine);

    [Fact]
    public void Readers_of_one_round_that_ask_for_the_same_share_a_barrier()
    {
        BarrierCall first = Read();
        BarrierCall second = Read();
        BarrierCall other = Read(new ReadDemand(MaxLagEntries: 3));
        _calls.AskForReads();

        Assert.Equal([1, 2], _engine.Reads);
        _calls.Answer([], [new ReadAnswer(1, IsGranted: true, new Term(2), new LogIndex(5))], [], _view);
        Assert.Equal([first, second], _calls.Decided);
        Assert.True(second.Result.IsGranted);
        Assert.True(other.IsWaiting);
    }

    [Fact]
    public void A_reader_that_gave_up_is_refused_once_and_the_others_of_its_group_are_served()
    {
        BarrierCall gone = Read();
        BarrierCall stays = Read();
        _calls.AskForReads();
        _calls.Cancel(gone, gone.Token);
        _calls.Cancel(gone, gone.Token);
        _calls.Answer([], [new ReadAnswer(1, IsGranted: true, new Term(2), new LogIndex(5))], [], _view);

        Assert.Equal([gone, stays], _calls.Decided);
        Assert.False(gone.Result.IsGranted);
        Assert.True(stays.Result.IsGranted);
    }

    [Fact]
    public void A_cancellation_that_comes_late_leaves_the_objects_next_call_alone()
    {
        BarrierCall call = Read();
        short token = call.Token;
        _calls.AskForReads();
        _calls.Answer([], [new ReadAnswer(1, IsGranted: true, new Term(2), new LogIndex(5))], [], _view);
        _calls.Decided.Clear();
        call.Begin(default, timeoutTicks: 100);
        _calls.GatherRead(call);

        _calls.Cancel(call, token);

        Assert.Empty(_calls.Decided);
        Assert.True(call.IsWaiting);
    }

    [Fact]
    public void A_write_whose_deadline_comes_is_given_up_and_ends_with_the_engines_word()
    {
        var write = TestCalls.Write([1], timeoutTicks: 5);
        _calls.Propose(write);
        _calls.ExpireUpTo(6);

        Assert.Equal([write.Number], _engine.Abandoned);
        Assert.Empty(_calls.Decided);
        _calls.Answer([new ProposalAnswer(write.Number, ProposalOutcome.Unknown, EntryId.Zero, null)], [], [], _view);
        Assert.Equal(ProposalOutcome.Unknown, write.Result.Outcome);
        Assert.Equal(new OperationId(new NodeId(1), 7, write.Number), write.Result.OperationId);
    }

    [Fact]
    public void At_the_end_what_the_engine_took_is_unknown_and_what_it_never_saw_surely_not_applied()
    {
        var taken = TestCalls.Write([1], timeoutTicks: 5);
        var queued = TestCalls.Write([1], timeoutTicks: 5);
        BarrierCall read = Read();
        _calls.Propose(taken);
        _calls.RefuseAsStopping(queued);
        _calls.EndAll();

        Assert.Equal([queued, taken, read], _calls.Decided);
        Assert.Equal(ProposalOutcome.ShuttingDown, queued.Result.Outcome);
        Assert.Equal(ProposalOutcome.Unknown, taken.Result.Outcome);
        Assert.True(read.Result.IsShuttingDown);
    }

    private BarrierCall Read(ReadDemand demand = default)
    {
        var call = TestCalls.Read(demand, timeoutTicks: 100);
        _calls.GatherRead(call);
        return call;
    }

    private sealed class Engine : ICallTarget
    {
        public List<long> Abandoned { get; } = [];

        public List<long> Reads { get; } = [];

        public void Propose(long requestNumber, byte[] envelope)
        {
        }

        public void Abandon(long requestNumber) => Abandoned.Add(requestNumber);

        public void Read(long readNumber, ReadDemand demand) => Reads.Add(readNumber);

        public void AskLeases(long number, IReadOnlyList<LeaseId> leases, bool isRenewal)
        {
        }
    }
}
