using RaftKv.Core.Reads;
using RaftKv.Simulation.Clients;

namespace RaftKv.Simulation.Cluster;

/// <summary>The node's clock, and its request threads: they read without the loop, and freeze with the process.</summary>
internal sealed partial class SimulatedNode
{
    private readonly List<Action> _frozen = [];
    private readonly List<(long Revision, Action Work)> _revisionWaits = [];
    private readonly List<(long Index, Action Work)> _allAppliedWaits = [];
    private long _clockOffsetUs;
    private long _clockStartUs;

    /// <summary>What readers on this node see.</summary>
    public ReadPoint Point { get; private set; } = null!;

    /// <summary>The whole process stands still, request threads too; else a pause holds up the loop only.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>
    /// The own monotonic clock: begins anywhere in each life, runs up to 1 % fast or slow, and goes on through pauses.
    /// </summary>
    public MonotonicTime LocalNow => new(_clockOffsetUs + ((_cluster.NowUs - _clockStartUs) * SwarmProfile.TickUs / _tickUs));

    /// <summary>Runs now, or when the process goes on; never once this life is over.</summary>
    public void RunOnRequestThread(Action work)
    {
        if (IsFrozen)
        {
            _frozen.Add(work);
        }
        else
        {
            work();
        }
    }

    /// <summary>Runs on a request thread once the point has the revision; at once when it has it.</summary>
    public void WaitForRevision(Revision revision, Action work) =>
        Await(_revisionWaits, revision.Value, Point.View.Revision.Value, work);

    /// <summary>Runs on a request thread once every voter has applied the log up to here.</summary>
    public void WaitForAllApplied(LogIndex index, Action work) =>
        Await(_allAppliedWaits, index.Value, Point.AllAppliedIndex.Value, work);

    private void Await(List<(long Threshold, Action Work)> waits, long threshold, long present, Action work)
    {
        if (present >= threshold)
        {
            RunOnRequestThread(work);
        }
        else
        {
            waits.Add((threshold, work));
        }
    }

    /// <summary>The clock stood still for so long.</summary>
    public void HoldClockBack(long stillUs) => _clockStartUs += stillUs;

    private void StartClock()
    {
        _clockStartUs = _cluster.NowUs;
        _clockOffsetUs = _random.Next(1_000_000_000) * 1000L;
        _clockTicksAtStart = LocalNow.Microseconds / SwarmProfile.TickUs;
    }

    private void ClearReaders()
    {
        IsFrozen = false;
        _frozen.Clear();
        _revisionWaits.Clear();
        _allAppliedWaits.Clear();
    }

    private void Thaw()
    {
        IsFrozen = false;
        foreach (Action work in _frozen.ToArray())
        {
            work();
        }

        _frozen.Clear();
    }

    private void Wake(ReadPoint point)
    {
        Wake(_revisionWaits, point.View.Revision.Value);
        Wake(_allAppliedWaits, point.AllAppliedIndex.Value);
    }

    private void Wake(List<(long Threshold, Action Work)> waits, long value)
    {
        for (int i = waits.Count - 1; i >= 0; i--)
        {
            if (waits[i].Threshold <= value)
            {
                Action work = waits[i].Work;
                waits.RemoveAt(i);
                RunOnRequestThread(work);
            }
        }
    }
}
