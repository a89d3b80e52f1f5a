using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace RaftKv.Service.Calls;

/// <summary>
/// What an async method of a call has beside the stack while it waits. Whoever awaits it gives it back by taking its result; a
/// task of it that is kept on belongs to a use that is over, and is refused.
/// </summary>
internal abstract class CallTaskBox<TResult> : IValueTaskSource<TResult>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<TResult> _result;

    private protected CallTaskBox() => Resume = MoveNext;

    /// <summary>Goes on with the method, in the context in which it began to wait; the same delegate for all uses.</summary>
    public Action Resume { get; }

    /// <summary>Names this use.</summary>
    public short Version => _result.Version;

    /// <summary>The method has ended.</summary>
    public void SetResult(TResult result) => _result.SetResult(result);

    /// <summary>The method has ended with an exception.</summary>
    public void SetException(Exception exception) => _result.SetException(exception);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _result.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _result.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    public TResult GetResult(short token)
    {
        // Another use's token, or no result yet: nothing is given back.
        if (_result.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The result of a call is taken once, when it is there.");
        }

        try
        {
            return _result.GetResult(token);
        }
        finally
        {
            _result.Reset();
            GiveBack();
        }
    }

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => GetResult(token);

    private protected abstract void MoveNext();

    private protected abstract void GiveBack();
}

/// <summary>
/// The same for one method. The runtime's own pool keeps one box of a method for each core; calls under way are many more.
/// </summary>
internal sealed class CallTaskBox<TStateMachine, TResult> : CallTaskBox<TResult>
    where TStateMachine : IAsyncStateMachine
{
    // As many as calls are usually under way at once; beyond it they are the collector's again.
    private const int MaxKept = 256;

    private static readonly ConcurrentQueue<CallTaskBox<TStateMachine, TResult>> _kept = new();
    private static readonly ContextCallback _moveNext = static box => ((CallTaskBox<TStateMachine, TResult>)box!)._stateMachine.MoveNext();
    private static int _keptCount;

    private TStateMachine _stateMachine = default!;
    private ExecutionContext? _context;

    private CallTaskBox()
    {
    }

    /// <summary>A box that nobody else has.</summary>
    public static CallTaskBox<TStateMachine, TResult> Take()
    {
        if (_kept.TryDequeue(out CallTaskBox<TStateMachine, TResult>? box))
        {
            Interlocked.Decrement(ref _keptCount);
            return box;
        }

        return new CallTaskBox<TStateMachine, TResult>();
    }

    /// <summary>Takes the method's state from the stack, at its first wait. The state knows the box by then.</summary>
    public void Keep(ref TStateMachine stateMachine) => _stateMachine = stateMachine;

    /// <summary>Notes the context to go on in, at each wait.</summary>
    public void Note(ExecutionContext? context) => _context = context;

    private protected override void MoveNext()
    {
        if (_context is { } context)
        {
            ExecutionContext.Run(context, _moveNext, this);
        }
        else
        {
            _stateMachine.MoveNext();
        }
    }

    private protected override void GiveBack()
    {
        // Holds nothing of the call.
        _stateMachine = default!;
        _context = null;
        if (Interlocked.Increment(ref _keptCount) <= MaxKept)
        {
            _kept.Enqueue(this);
        }
        else
        {
            Interlocked.Decrement(ref _keptCount);
        }
    }
}
