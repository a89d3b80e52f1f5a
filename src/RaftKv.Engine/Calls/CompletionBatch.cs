using RaftKv.Core.Calls;

namespace RaftKv.Engine.Calls;

/// <summary>
/// Decided calls on their way to their callers. One work item of the pool runs several continuations one after the
/// other, which spares most of the cost of queueing; the number is small, so that the second core can help when there
/// are many.
/// </summary>
internal sealed class CompletionBatch : IThreadPoolWorkItem
{
    /// <summary>Calls of one work item.</summary>
    public const int MaxCalls = 16;

    private readonly CallPool<CompletionBatch> _pool;
    private readonly IAwaitedCall?[] _calls = new IAwaitedCall?[MaxCalls];
    private int _count;

    /// <summary>For the pool of batches.</summary>
    public CompletionBatch() => _pool = Shared;

    /// <summary>Batches that wait for their next use.</summary>
    public static CallPool<CompletionBatch> Shared { get; } = new();

    /// <summary>Lets the pool show these results to their callers. The engine's thread only.</summary>
    public static void Publish(List<Call> decided)
    {
        CompletionBatch? batch = null;
        for (int i = 0; i < decided.Count; i++)
        {
            batch ??= Shared.Rent();
            batch.Add((IAwaitedCall)decided[i].Owner!);
            if (batch._count == MaxCalls || i == decided.Count - 1)
            {
                ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
                batch = null;
            }
        }
    }

    private void Add(IAwaitedCall call)
    {
        _calls[_count] = call;
        _count++;
    }

    /// <summary>Publishes all. Pool thread.</summary>
    public void Execute()
    {
        for (int i = 0; i < _count; i++)
        {
            IAwaitedCall call = _calls[i]!;
            _calls[i] = null;
            call.Publish();
        }

        _count = 0;
        _pool.Return(this);
    }
}
