using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Replica;
using RaftKv.Core.Tests.Disk;

namespace RaftKv.Tests.Storage.DiskPath;

/// <summary>
/// Plays a recorded disk back and cuts the power after each call, several times with other sectors and names lost: what
/// recovery finds must be a state between the newest that was called durable and the newest that was asked for.
/// </summary>
internal static class PowerCuts
{
    /// <summary>What is wrong, at the first place where something is; null when nothing is.</summary>
    /// <param name="from">The first record after which the power is cut.</param>
    public static string? FindLoss(IReadOnlyList<Recorded> records, IReadOnlyList<DiskState> states, ulong seed, int from = 0)
    {
        var disk = new ReplayedDisk();
        var random = new DeterministicRandom(seed);
        var promised = new DiskPromise();
        for (int at = 0; at < records.Count; at++)
        {
            if (records[at].Promise is { } promise)
            {
                promised = new DiskPromise(
                    Math.Max(promised.Asked, promise.Asked),
                    Math.Max(promised.Kept, promise.Kept),
                    Math.Max(promised.Snapshot, promise.Snapshot));
            }
            else
            {
                records[at].Replay!(disk);
            }

            for (int draw = 0; draw < 3 && at >= from; draw++)
            {
                if (Compare(disk.Device.AfterPowerCut(random, chance: draw * 400), states, promised) is { } loss)
                {
                    return $"seed {seed}, record {at} of {records.Count}, draw {draw}: {loss}";
                }
            }
        }

        return null;
    }

    private static string? Compare(CrashDevice disk, IReadOnlyList<DiskState> states, DiskPromise promised)
    {
        try
        {
            (ReplicaDisk opened, RecoveredState found) = DiskLife.Open(disk);
            opened.Dispose();
            long snapshot = found.Snapshot?.LastEntry.Index.Value ?? 0;
            if (snapshot < promised.Snapshot || found.LogStart.Index.Value > snapshot)
            {
                return $"snapshot {snapshot} and a log from {found.LogStart.Index}, promised was snapshot {promised.Snapshot}";
            }

            for (int i = promised.Kept; i <= promised.Asked; i++)
            {
                if (states[i].Matches(found))
                {
                    return null;
                }
            }

            return $"found {found.HardState} and entries up to {found.LogStart.Index.Value + found.Entries.Count}; called durable was"
                + $" {states[promised.Kept].HardState} and entries up to {states[promised.Kept].LastIndex}";
        }
        catch (StorageCorruptException refused)
        {
            return refused.Message;
        }
    }
}
