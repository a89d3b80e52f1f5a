using RaftKv.Core.Disk.Device;
using RaftKv.Core.Replica;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>What becomes of a node whose disk fails: as with the server, it ends, and somebody starts it again.</summary>
internal sealed partial class SimulatedNode
{
    // Nobody starts a node a thousand times a second on a disk that is full.
    private const long DiskRepairMeanUs = 200_000;

    /// <summary>
    /// It found damage and refused to start (exit code 4). Nobody starts it again: its operator would have to remove it
    /// and bring in a new member.
    /// </summary>
    public bool IsCondemned { get; private set; }

    /// <summary>What the disk holds; false when it is not to be had now, or never again.</summary>
    private bool TryRecover(out RecoveredState recovered)
    {
        recovered = null!;
        try
        {
            recovered = Storage.Recover();
            return true;
        }
        catch (Exception e) when (e is PowerCutException or StorageFailedException)
        {
            NoteDiskEnd(e);
            _cluster.Reach.Crashes.RecoveryFailed();
            Storage.Crash(isPowerCut: e is PowerCutException || _cluster.DrawPowerCut());
            Life++;
            _cluster.NodeCrashed(this, DiskRepairMeanUs);
            return false;
        }
        catch (UnsupportedVersionException) when (_cluster.Profile.HasRollbacks)
        {
            _cluster.Builds.EndedTooOld(this);
            Storage.Crash(isPowerCut: false);
            Life++;
            _cluster.Queue.Schedule(_cluster.NowUs + 1, new SimEvent { Kind = EventKind.Restart, Node = Position, Life = Life });
            return false;
        }
        catch (StorageCorruptException damage) when (_cluster.Atlas.IsCursed(Position))
        {
            Condemn(damage);
            return false;
        }
    }

    /// <summary>Runs a disk call; false when the node did not outlive it.</summary>
    private bool Guarded(Action diskCall)
    {
        try
        {
            diskCall();
            return true;
        }
        catch (Exception e) when (e is PowerCutException or StorageFailedException)
        {
            NoteDiskEnd(e);
            _cluster.Reach.Crashes.Struck(e is PowerCutException ? CrashPoint.InsideDiskOperation : CrashPoint.FailedSync);

            // The process ends, and the machine may go on: whoever starts the process again finds the page cache as the
            // failure left it, unwritten pages that count as clean included.
            Crash(isPowerCut: e is PowerCutException || _cluster.DrawPowerCut(), DiskRepairMeanUs);
            return false;
        }
        catch (UnsupportedVersionException) when (_cluster.Profile.HasRollbacks)
        {
            EndTooOld();
            return false;
        }
        catch (StorageCorruptException) when (_cluster.Atlas.IsCursed(Position))
        {
            _cluster.Counters.Faults.DamagedSends++;
            Crash(isPowerCut: false);
            if (!_cluster.IsFaulty)
            {
                // Somebody starts it again and sees it refuse.
                Schedule(1, EventKind.Restart);
            }

            return false;
        }
    }

    private void NoteDiskEnd(Exception end)
    {
        _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Disk, -1, 0, end.Message);
        if (end is PowerCutException)
        {
            _cluster.Counters.PersistPointCrashes++;
            _cluster.Counters.Faults.CrashesAt[(int)CrashPoint.InsideDiskOperation]++;
        }
        else
        {
            _cluster.Counters.Faults.DiskStops++;
        }
    }

    /// <summary>The refusal must be of a kind that a second start meets again.</summary>
    private void Condemn(StorageCorruptException damage)
    {
        Storage.Crash(isPowerCut: false);
        Storage.Disarm();
        try
        {
            Storage.Recover();
        }
        catch (StorageCorruptException)
        {
            if (_cluster.Profile.HealsDamage)
            {
                _cluster.Counters.Faults.Healed++;
                _cluster.Reach.Members.ComesBack(this);
                Wipe(isOffForGood: true);
                return;
            }

            IsCondemned = true;
            Life++;
            _cluster.Counters.Faults.RefusedStarts++;
            _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Disk, -2, 0, damage.Message);
            return;
        }

        throw new SimulationViolationException(
            "R9", $"node {Position + 1} refused to start ({damage.Message}), and started when it was asked again");
    }
}
