using System.Runtime.CompilerServices;
using RaftKv.Service.Calls;

namespace RaftKv.Tests.Service;

/// <summary>Async methods whose state is used again: results, errors and contexts are those of their own call.</summary>
public sealed class CallTaskTests
{
    private static readonly AsyncLocal<int> _local = new();

    [Fact]
    public async Task A_method_that_does_not_wait_has_its_result_in_itself()
    {
        ValueTask<int> task = EchoAsync(7, Task.CompletedTask);
        Assert.True(task.IsCompletedSuccessfully);
        Assert.Equal(7, await task);
        await NothingAsync(Task.CompletedTask);
    }

    [Fact]
    public async Task A_method_that_waits_goes_on_with_its_own_state()
    {
        var gates = new TaskCompletionSource[100];
        var tasks = new ValueTask<int>[100];
        for (int round = 0; round < 50; round++)
        {
            for (int i = 0; i < gates.Length; i++)
            {
                gates[i] = new TaskCompletionSource();
                tasks[i] = TwiceAsync((round * 1000) + i, gates[i].Task);
            }

            foreach (TaskCompletionSource gate in gates.Reverse())
            {
                gate.SetResult();
            }

            for (int i = 0; i < gates.Length; i++)
            {
                Assert.Equal(2 * ((round * 1000) + i), await tasks[i]);
            }
        }
    }

    [Fact]
    public async Task Many_threads_at_once_get_each_their_own_results()
    {
        await Parallel.ForAsync(0, 20_000, async (i, _) =>
        {
            Assert.Equal(2 * i, await TwiceAsync(i, Task.Run(static () => Thread.Yield())));
            await Assert.ThrowsAsync<InvalidDataException>(async () => await ThrowAsync($"{i}", Task.Run(static () => { })));
        });
    }

    [Fact]
    public async Task Exceptions_come_out_before_and_after_a_wait()
    {
        ValueTask<int> task = ThrowAsync("early", Task.CompletedTask);
        Assert.True(task.IsFaulted);
        Assert.Equal("early", (await Assert.ThrowsAsync<InvalidDataException>(async () => await task)).Message);
        Assert.Equal("late", (await Assert.ThrowsAsync<InvalidDataException>(async () => await ThrowAsync("late", Task.Delay(1)))).Message);

        ValueTask<int> cancelled = EchoAsync(1, Task.FromCanceled(new CancellationToken(canceled: true)));
        Assert.True(cancelled.IsCanceled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelled);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await NothingAsync(Task.FromException(new InvalidDataException("x"))));
    }

    [Fact]
    public async Task A_result_is_taken_once()
    {
        var gate = new TaskCompletionSource();
        ValueTask<int> task = EchoAsync(3, gate.Task);
        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());
        gate.SetResult();
        Assert.Equal(3, await task);
        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());

        // Nor is what comes next disturbed by whoever tried.
        var next = new TaskCompletionSource();
        ValueTask<int> other = EchoAsync(4, next.Task);
        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());
        next.SetResult();
        Assert.Equal(4, await other);
    }

    [Fact]
    public async Task A_method_goes_on_in_the_context_in_which_it_waited_and_leaves_its_callers_alone()
    {
        _local.Value = 1;
        var gate = new TaskCompletionSource();
        ValueTask<(int Before, int After)> task = LocalAsync(gate.Task);
        Assert.Equal(1, _local.Value);
        using (ExecutionContext.SuppressFlow())
        {
            new Thread(() =>
            {
                _local.Value = 9;
                gate.SetResult();
            }).Start();
        }

        Assert.Equal((2, 3), await task);
        Assert.Equal(1, _local.Value);
    }

    [Fact]
    public Task Calls_that_wait_together_are_served_without_new_state() => Task.Run(static () =>
    {
        int wrong = WaitTogether(64);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            wrong += WaitTogether(64);
        }

        // A source and its task for each, 96 bytes, and two arrays a round; a state of its own would be 200 bytes more.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 6_400, 96, 150);
        Assert.Equal(0, wrong);
    });

    private static int WaitTogether(int count)
    {
        int wrong = 0;
        var gates = new TaskCompletionSource[count];
        var tasks = new ValueTask<int>[count];
        for (int i = 0; i < count; i++)
        {
            gates[i] = new TaskCompletionSource();
            tasks[i] = WideAsync(i, gates[i].Task);
        }

        for (int i = 0; i < count; i++)
        {
            // Goes on in here.
            gates[i].SetResult();
            wrong += tasks[i].IsCompletedSuccessfully && tasks[i].GetAwaiter().GetResult() == i + 6 ? 0 : 1;
        }

        return wrong;
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private static async ValueTask<int> WideAsync(int value, Task gate)
    {
        (decimal One, decimal Two, decimal Three) much = (1, 2, 3);
        await gate.ConfigureAwait(false);
        return (int)(value + much.One + much.Two + much.Three);
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private static async ValueTask<int> EchoAsync(int value, Task gate)
    {
        await gate;
        return value;
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private static async ValueTask<int> TwiceAsync(int value, Task gate)
    {
        int first = await EchoAsync(value, gate);
        await Task.Yield();
        return first + await EchoAsync(value, Task.CompletedTask);
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private static async ValueTask<int> ThrowAsync(string text, Task gate)
    {
        await gate;
        throw new InvalidDataException(text);
    }

    [AsyncMethodBuilder(typeof(CallTaskBuilder))]
    private static async ValueTask NothingAsync(Task gate) => await gate;

    [AsyncMethodBuilder(typeof(CallTaskBuilder<>))]
    private static async ValueTask<(int Before, int After)> LocalAsync(Task gate)
    {
        _local.Value = 2;
        await gate;
        int before = _local.Value;
        _local.Value = 3;
        await Task.Yield();
        return (before, _local.Value);
    }
}
