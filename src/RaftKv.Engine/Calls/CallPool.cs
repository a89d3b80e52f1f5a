using System.Collections.Concurrent;

namespace RaftKv.Engine.Calls;

/// <summary>Keeps finished calls for the next ones. Any thread.</summary>
internal sealed class CallPool<T>
    where T : class, new()
{
    // More than the connections that a node usually serves at once; beyond it the garbage collector does the work.
    private const int MaxKept = 1024;

    private readonly ConcurrentQueue<T> _kept = new();

    /// <summary>A call that nobody uses.</summary>
    public T Rent() => _kept.TryDequeue(out T? call) ? call : new T();

    /// <summary>Takes a call back; nobody may hold on to it.</summary>
    public void Return(T call)
    {
        if (_kept.Count < MaxKept)
        {
            _kept.Enqueue(call);
        }
    }
}
