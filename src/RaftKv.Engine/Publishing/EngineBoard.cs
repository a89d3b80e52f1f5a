using RaftKv.Core;
using RaftKv.Core.Reads;

namespace RaftKv.Engine.Publishing;

/// <summary>
/// What an engine shows, and who waits for it: the point that readers go by, a picture for people, and the waits of
/// <see cref="IEngine"/>. The engine's one thread writes; anyone reads and waits.
/// </summary>
public sealed class EngineBoard(ReadPoint first, EngineStatus status, TimeProvider time)
{
    private readonly ThresholdWaits _revisions = new(time);
    private readonly ThresholdWaits _allApplied = new(time);
    private readonly ThresholdWaits _removals = new(time);
    private volatile ReadPoint _point = first;
    private volatile EngineStatus _status = status;
    private volatile TaskCompletionSource _changed = NewSource();

    /// <summary>The newest point.</summary>
    public ReadPoint Point => _point;

    /// <summary>The newest picture.</summary>
    public EngineStatus Status => _status;

    /// <summary>Ends at the next change of role, leader or term, or at the next <see cref="WakeAll"/>.</summary>
    public Task Changed => _changed.Task;

    /// <summary>True while somebody waits for every voter to have applied an index.</summary>
    public bool IsAwaitingAll => _allApplied.HasWaits;

    /// <summary>Shows a point to readers. Before anyone is answered by what it shows (P3).</summary>
    public void Show(ReadPoint point) => _point = point;

    /// <summary>Wakes those whose wait ends with a point; after it was shown.</summary>
    public void Wake(ReadPoint point)
    {
        _revisions.Reached(point.View.Revision.Value);
        _allApplied.Reached(point.AllAppliedIndex.Value);
        _removals.Reached(point.View.RemovedRevision.Value);
    }

    /// <summary>Shows a new picture.</summary>
    public void Show(EngineStatus status)
    {
        EngineStatus before = _status;
        _status = status;
        if (before.Role != status.Role || before.Leader != status.Leader || before.Term != status.Term)
        {
            WakeAll();
        }
    }

    /// <summary>Lets everyone who waits for a change look again.</summary>
    public void WakeAll()
    {
        TaskCompletionSource changed = _changed;
        _changed = NewSource();
        changed.TrySetResult();
    }

    /// <summary>Ends every wait for a point, and those to come.</summary>
    public void End()
    {
        _revisions.End();
        _allApplied.End();
        _removals.End();
    }

    /// <summary>As <see cref="IEngine.WaitForRevisionAsync"/>.</summary>
    public ValueTask<bool> WaitForRevisionAsync(Revision revision, TimeSpan timeout, CancellationToken cancellationToken) =>
        _revisions.WaitAsync(revision.Value, () => _point.View.Revision.Value, timeout, cancellationToken);

    /// <summary>As <see cref="IEngine.WaitForRemovalAsync"/>.</summary>
    public ValueTask<bool> WaitForRemovalAsync(Revision compacted, TimeSpan timeout, CancellationToken cancellationToken) =>
        _removals.WaitAsync(compacted.Value, () => _point.View.RemovedRevision.Value, timeout, cancellationToken);

    /// <summary>As <see cref="IEngine.WaitForAllAppliedAsync"/>.</summary>
    public ValueTask<bool> WaitForAllAppliedAsync(LogIndex index, TimeSpan timeout, CancellationToken cancellationToken) =>
        _allApplied.WaitAsync(index.Value, () => _point.AllAppliedIndex.Value, timeout, cancellationToken);

    /// <summary>As <see cref="IEngine.WaitForLeaderAsync"/>.</summary>
    /// <param name="hasFailed">True once the engine can't go on; asked after each change.</param>
    public async ValueTask<bool> WaitForLeaderAsync(Func<bool> hasFailed, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            // The task is taken before the look: a change between the two ends it.
            Task changed = Changed;
            if (hasFailed())
            {
                return false;
            }

            if (!Status.Leader.IsNone)
            {
                return true;
            }

            TimeSpan left = timeout - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            await Task.WhenAny(changed, Task.Delay(left, time, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
