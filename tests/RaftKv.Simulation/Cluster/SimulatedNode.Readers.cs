using RaftKv.Core.Reads;
using RaftKv.Simulation.Clients;

namespace RaftKv.Simulation.Cluster;

/// <summary>The node's clock, and its request threads: they read without the loop, and freeze with the process.</summary>
internal sealed partial class SimulatedNode
{
    private readonly List<Action> _frozen = [];
    private readonly List<(long Revision, ClientOperation Operation)> _revisionWaits = [];
    private readonly List<(long Index, ClientOperation Operation)> _allAppliedWaits = [];
    private long _clockOffsetUs;
    private long _clockStartUs;

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

    public void WaitForRevision(long revision, ClientOperation operation) => _revisionWaits.Add((revision, operation));

    public void WaitForAllApplied(long index, ClientOperation operation) => _allAppliedWaits.Add((index, operation));

    /// <summary>The clock stood still for so long.</summary>
    public void HoldClockBack(long stillUs) => _clockStartUs += stillUs;

    private void StartClock()
    {
        _clockStartUs = _cluster.NowUs;
        _clockOffsetUs = _random.Next(1_000_000_000) * 1000L;
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

    /// <summary>The start of a round, as the server does it: the clock, then the ticks that are due.</summary>
    private void BeginRound()
    {
        Replica!.Advance(LocalNow);
        int due = _dueTicks;
        _dueTicks = 0;
        for (int i = 0; i < due; i++)
        {
            Replica.Tick();
        }

        if (due > 0 && _allAppliedWaits.Count > 0)
        {
            Replica.Refresh();
        }
    }

    /// <summary>A new point is published: wakes those who waited for it.</summary>
    private void WakeReaders(ReadPoint point)
    {
        Wake(_revisionWaits, point.View.Revision.Value, _cluster.Clients.Reads.Retry);
        Wake(_allAppliedWaits, point.AllAppliedIndex.Value, _cluster.Clients.Reads.AllApplied);
    }

    private void Wake(List<(long Threshold, ClientOperation Operation)> waits, long value, Action<SimulatedNode, ClientOperation> wake)
    {
        for (int i = waits.Count - 1; i >= 0; i--)
        {
            if (waits[i].Threshold <= value)
            {
                ClientOperation operation = waits[i].Operation;
                waits.RemoveAt(i);
                RunOnRequestThread(() => wake(this, operation));
            }
        }
    }
}
