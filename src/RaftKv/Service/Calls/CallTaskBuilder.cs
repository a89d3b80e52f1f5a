using System.Runtime.CompilerServices;

namespace RaftKv.Service.Calls;

/// <summary>
/// Makes async methods of calls, whose state is kept for the next call when it has ended (<see cref="CallTaskBox{TResult}"/>).
/// For methods whose task is awaited once, at once: that is what a value task allows.
/// </summary>
internal struct CallTaskBuilder<TResult>
{
    private CallTaskBox<TResult>? _box;
    private TResult _result;

    /// <summary>The task of the method. One that never waited has its result in itself.</summary>
    public readonly ValueTask<TResult> Task =>
        _box is null ? new ValueTask<TResult>(_result) : new ValueTask<TResult>(_box, _box.Version);

    /// <summary>The same without its result.</summary>
    public readonly ValueTask Completion => _box is null ? default : new ValueTask(_box, _box.Version);

    /// <summary>A builder for a method that begins.</summary>
    public static CallTaskBuilder<TResult> Create() => default;

    /// <summary>Runs the method up to its first wait. What it does to the context stays its own.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        AsyncValueTaskMethodBuilder start = default;
        start.Start(ref stateMachine);
    }

    /// <summary>Of no use: the state is never boxed by others.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>The method has ended.</summary>
    public void SetResult(TResult result)
    {
        if (_box is null)
        {
            _result = result;
        }
        else
        {
            _box.SetResult(result);
        }
    }

    /// <summary>The method has ended with an exception.</summary>
    public void SetException(Exception exception)
    {
        _box ??= CallTaskBox<NoState, TResult>.Take();
        _box.SetException(exception);
    }

    /// <summary>The method waits.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(BoxOf(ref stateMachine).Resume);

    /// <summary>The method waits.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(BoxOf(ref stateMachine).Resume);

    private CallTaskBox<TStateMachine, TResult> BoxOf<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (_box is not CallTaskBox<TStateMachine, TResult> box)
        {
            box = CallTaskBox<TStateMachine, TResult>.Take();

            // This builder is a part of the state: the copy in the box has to know the box.
            _box = box;
            box.Keep(ref stateMachine);
        }

        box.Note(ExecutionContext.Capture());
        return box;
    }
}

/// <summary>The same for methods without a result.</summary>
internal struct CallTaskBuilder
{
    private CallTaskBuilder<NoState> _inner;

    /// <summary>The task of the method.</summary>
    public readonly ValueTask Task => _inner.Completion;

    /// <summary>A builder for a method that begins.</summary>
    public static CallTaskBuilder Create() => default;

    /// <summary>Runs the method up to its first wait.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => _inner.Start(ref stateMachine);

    /// <summary>Of no use: the state is never boxed by others.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>The method has ended.</summary>
    public void SetResult() => _inner.SetResult(default);

    /// <summary>The method has ended with an exception.</summary>
    public void SetException(Exception exception) => _inner.SetException(exception);

    /// <summary>The method waits.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => _inner.AwaitOnCompleted(ref awaiter, ref stateMachine);

    /// <summary>The method waits.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => _inner.AwaitUnsafeOnCompleted(ref awaiter, ref stateMachine);
}

/// <summary>Nothing: the result of a method that has none, and the state of one that threw before it waited.</summary>
internal readonly struct NoState : IAsyncStateMachine
{
    /// <inheritdoc/>
    public void MoveNext()
    {
    }

    /// <inheritdoc/>
    public void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }
}
