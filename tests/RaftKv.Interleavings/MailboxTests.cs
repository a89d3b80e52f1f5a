using Microsoft.Coyote.Runtime;
using Microsoft.Coyote.Specifications;
using RaftKv.Core.Driver;
using RaftKv.Node;

namespace RaftKv.Interleavings;

/// <summary>The one queue into the loop: nothing is lost, doubled or turned round, and a reader that sleeps is woken.</summary>
public sealed class MailboxTests
{
    private const int Writers = 2;
    private const int Posts = 3;

    [Fact]
    public void Every_post_is_taken_once_in_its_writers_order_and_wakes_who_sleeps() => Schedules.Pass(async () =>
    {
        using var mailbox = new Mailbox(new MailboxLimits());
        await ExchangeAsync(
            (writer, post) => Specification.Assert(mailbox.PostInternal(DriverInput.Persisted((writer * Posts) + post)), "open"),
            () => mailbox.Take(int.MaxValue));
    });

    [Fact]
    public void A_mailbox_that_forgets_its_duty_to_wake_is_noticed() => Schedules.Fail(async () =>
    {
        var mailbox = new Forgetful();
        await ExchangeAsync((writer, post) => mailbox.Post(DriverInput.Persisted((writer * Posts) + post)), mailbox.Take);
    }, "deadlock or hang");

    [Fact]
    public void What_comes_while_it_closes_is_taken_or_refused_and_never_both() => Schedules.Pass(async () =>
    {
        using var mailbox = new Mailbox(new MailboxLimits());
        int accepted = 0;
        Task writer = Task.Run(() =>
        {
            for (int i = 0; i < Posts; i++)
            {
                accepted += mailbox.PostInternal(DriverInput.Persisted(i)) ? 1 : 0;
                SchedulingPoint.Interleave();
            }
        });
        int taken = 0;
        Task reader = Task.Run(() =>
        {
            taken += mailbox.Take(waitMs: 0).Count;
            SchedulingPoint.Interleave();
            taken += mailbox.Close().Count;
        });
        await Task.WhenAll(writer, reader);
        Specification.Assert(taken == accepted, $"{accepted} were accepted, {taken} taken");
    });

    private static async Task ExchangeAsync(Action<int, int> post, Func<List<DriverInput>> take)
    {
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (int i = 0; i < Posts; i++)
            {
                post(writer, i);
                SchedulingPoint.Interleave();
            }
        }))];
        long[] next = new long[Writers];
        Task reader = Task.Run(() =>
        {
            for (int taken = 0; taken < Writers * Posts;)
            {
                foreach (DriverInput input in take())
                {
                    int writer = (int)(input.Number / Posts);
                    Specification.Assert(input.Number % Posts == next[writer]++, "a writer's posts come once and in their order");
                    taken++;
                }

                SchedulingPoint.Interleave();
            }
        });
        await Task.WhenAll([.. writers, reader]);
    }

    /// <summary>It looks whether the reader sleeps before it queues, so that one who falls asleep between is not woken.</summary>
    private sealed class Forgetful
    {
        private readonly Lock _gate = new();
        private readonly AutoResetEvent _wake = new(initialState: false);
        private List<DriverInput> _incoming = [];
        private bool _isReaderAsleep;

        public void Post(DriverInput input)
        {
            bool isDuty;
            lock (_gate)
            {
                isDuty = _isReaderAsleep;
                _isReaderAsleep = false;
            }

            SchedulingPoint.Interleave();
            lock (_gate)
            {
                _incoming.Add(input);
            }

            if (isDuty)
            {
                _wake.Set();
            }
        }

        public List<DriverInput> Take()
        {
            lock (_gate)
            {
                if (_incoming.Count > 0)
                {
                    return Swap();
                }

                _isReaderAsleep = true;
            }

            _wake.WaitOne();
            lock (_gate)
            {
                return Swap();
            }
        }

        private List<DriverInput> Swap()
        {
            List<DriverInput> taken = _incoming;
            _incoming = [];
            return taken;
        }
    }
}
