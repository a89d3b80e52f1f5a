using Microsoft.Coyote.Runtime;
using Microsoft.Coyote.Specifications;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Engine.Calls;

namespace RaftKv.Interleavings;

/// <summary>
/// Pooled calls: each ends once, with its own result, though objects serve one call after the other and cancellations come
/// at any moment.
/// </summary>
public sealed class EngineCallTests
{
    [Fact]
    public void A_cancelled_call_ends_once_and_the_next_use_of_its_object_is_left_alone() =>
        Schedules.Pass(() => RunAsync(checksToken: true));

    [Fact]
    public void A_cancellation_that_hits_whoever_has_the_object_now_is_noticed() =>
        Schedules.Fail(() => RunAsync(checksToken: false), "the second call ended Unknown");

    private static async Task RunAsync(bool checksToken)
    {
        var engine = new Engine(checksToken);
        var calls = new EngineCalls(engine, tickMs: 10);
        Task loop = Task.Run(engine.Run);
        using var cancellation = new CancellationTokenSource();
        Task<bool> canceller = Task.Run(() =>
        {
            SchedulingPoint.Interleave();
            cancellation.Cancel();
            return true;
        });
        ProposeResult? first = await FirstAsync(calls, cancellation.Token);
        ProposeResult second = await calls.ProposeAsync([2], Timeout.InfiniteTimeSpan, CancellationToken.None);
        await canceller;
        engine.Stop();
        await loop;
        Specification.Assert(
            first is not { } ended || ended.Outcome == ProposalOutcome.Unknown || ended.Entry.Index.Value == 1,
            $"the first call ended {first}");
        Specification.Assert(
            second.Outcome == ProposalOutcome.Applied && second.Entry.Index.Value == 2,
            $"the second call ended {second.Outcome}, at {second.Entry}");
    }

    // Null when the token was cancelled before the call began.
    private static async Task<ProposeResult?> FirstAsync(EngineCalls calls, CancellationToken cancellationToken)
    {
        try
        {
            return await calls.ProposeAsync([1], Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Answers each command a round after it came, at the index that its byte says.</summary>
    private sealed class Engine(bool checksToken) : ICallInbox, ICallTarget
    {
        private readonly Lock _gate = new();
        private readonly List<ProposalAnswer> _answers = [];
        private readonly List<ProposalAnswer> _nextAnswers = [];
        private readonly StoreView _view = new MvccStore().View;
        private List<(Call Call, short? Cancelled)> _queue = [];
        private List<(Call Call, short? Cancelled)> _late = [];
        private List<(Call Call, short? Cancelled)> _later = [];
        private volatile bool _isStopping;

        public PostAnswer TryBegin(Call call, int bytes)
        {
            lock (_gate)
            {
                _queue.Add((call, null));
            }

            SchedulingPoint.Interleave();
            return PostAnswer.Accepted;
        }

        // Later than what comes after it, as no queue of ours would bring it: the token alone must be enough.
        public void Cancel(Call call, short token)
        {
            lock (_gate)
            {
                _late.Add((call, token));
            }
        }

        public void Stop() => _isStopping = true;

        public void Run()
        {
            var table = new CallTable(new NodeId(1), incarnation: 1, this);
            while (!_isStopping)
            {
                List<(Call Call, short? Cancelled)> taken;
                lock (_gate)
                {
                    (taken, _queue) = (_queue, []);
                    (_late, _later) = (_later, _late);
                    taken.AddRange(_late);
                    _late.Clear();
                }

                table.Answer(_answers, [], [], _view);
                _answers.Clear();
                _answers.AddRange(_nextAnswers);
                _nextAnswers.Clear();
                foreach ((Call call, short? cancelled) in taken)
                {
                    if (cancelled is { } token)
                    {
                        table.Cancel(call, checksToken ? token : call.Token);
                    }
                    else
                    {
                        table.Propose((ProposalCall)call);
                    }
                }

                foreach (Call call in table.Decided)
                {
                    ((IAwaitedCall)call.Owner!).Publish();
                }

                table.Decided.Clear();
                SchedulingPoint.Yield();
            }
        }

        public void Propose(long requestNumber, byte[] envelope) => _nextAnswers.Add(new ProposalAnswer(
            requestNumber, ProposalOutcome.Applied, new EntryId(new Term(1), new LogIndex(envelope[0])), null));

        public void Abandon(long requestNumber)
        {
            int removed = _nextAnswers.RemoveAll(answer => answer.RequestNumber == requestNumber)
                + _answers.RemoveAll(answer => answer.RequestNumber == requestNumber);
            if (removed > 0)
            {
                _nextAnswers.Add(new ProposalAnswer(requestNumber, ProposalOutcome.Unknown, EntryId.Zero, null));
            }
        }

        public void Read(long readNumber, ReadDemand demand)
        {
        }

        public void AskLeases(long number, IReadOnlyList<LeaseId> leases, bool isRenewal)
        {
        }
    }
}
