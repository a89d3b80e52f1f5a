using RaftKv.Core.Driver;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// Breaks things, by the classes that the seed's profile allows. Stops when the cluster's faults are off.
/// </summary>
internal sealed class Nemesis(SimulatedCluster cluster, DeterministicRandom random)
{
    private readonly List<Action> _classes = [];

    public void Start()
    {
        SwarmProfile profile = cluster.Profile;
        AddIf(profile.HasPartitions && profile.NodeCount > 1, Partition);
        AddIf(profile.HasOneWay && profile.NodeCount > 1, CutOneWay);
        AddIf(profile.HasLeaderCuts && profile.NodeCount > 1, CutLeader);
        AddIf(profile.HasClogs && profile.NodeCount > 1, Clog);
        AddIf(profile.HasCrashes, CrashOne);
        AddIf(profile.HasCrashPoints, ArmCrash);
        AddIf(profile.HasCrashAll, CrashMany);
        AddIf(profile.HasPauses, Pause);
        AddIf(profile.HasTransfers && profile.VoterCount > 1, Transfer);
        AddIf(profile.HasDrains, Drain);
        AddIf(profile.HasSickDisks && profile.VoterCount > 1, Sicken);
        AddIf(profile.HasLeaseTraps && profile.VoterCount > 1, TrapLease);
        AddIf(profile.HasStalledLeaders && profile.VoterCount > 1, StallLeader);
        if (profile.NemesisMeanUs > 0 && _classes.Count > 0)
        {
            ScheduleNext();
        }
    }

    public void Next()
    {
        if (!cluster.IsFaulty)
        {
            return;
        }

        _classes[random.Next(_classes.Count)]();
        ScheduleNext();
    }

    /// <summary>Ends a partition: all links at once, or (swizzle) one link at a time in drawn order.</summary>
    public void Heal(long link)
    {
        if (!cluster.IsFaulty)
        {
            return;
        }

        cluster.Trace.Add(cluster.NowUs, -1, TraceKind.Heal, link);
        int count = cluster.Nodes.Length;
        if (link < 0)
        {
            cluster.Network.MendAll();
        }
        else
        {
            cluster.Network.Mend((int)link / count, (int)link % count);
        }
    }

    public void Resume(SimulatedNode node)
    {
        cluster.Trace.Add(cluster.NowUs, node.Position, TraceKind.Resume);
        node.Resume(random.OneOf(0, 1, 10, 1000));
    }

    private void AddIf(bool isOn, Action fault)
    {
        if (isOn)
        {
            _classes.Add(fault);
        }
    }

    private void ScheduleNext() => cluster.Queue.Schedule(
        cluster.NowUs + 1 + random.Exponential(cluster.Profile.NemesisMeanUs), new SimEvent { Kind = EventKind.NemesisNext });

    private void Partition()
    {
        int count = cluster.Nodes.Length;
        cluster.Network.MendAll();
        int shape = random.Next(5);
        int pivot = random.Next(count);
        for (int a = 0; a < count; a++)
        {
            for (int b = a + 1; b < count; b++)
            {
                if (IsApart(shape, a, b, pivot, count))
                {
                    cluster.Network.CutBoth(a, b);
                }
            }
        }

        Partitioned(shape);
    }

    private bool IsApart(int shape, int a, int b, int pivot, int count)
    {
        int ra = (a + pivot) % count;
        int rb = (b + pivot) % count;
        return shape switch
        {
            // Isolate one.
            0 => a == pivot || b == pivot,

            // Majority and minority.
            1 => (ra < (count / 2) + 1) != (rb < (count / 2) + 1),

            // Ring: each sees its two neighbours only.
            2 => (ra - rb + count) % count != 1 && (rb - ra + count) % count != 1,

            // Bridge: two halves that only the pivot joins.
            3 => a != pivot && b != pivot && (ra <= count / 2) != (rb <= count / 2),

            // Any pairs.
            _ => random.Chance(400),
        };
    }

    private void CutOneWay()
    {
        int count = cluster.Nodes.Length;
        int victim = random.Next(count);
        int shape = random.Next(3);
        for (int other = 0; other < count; other++)
        {
            if (other == victim || (shape == 2 && random.Chance(500)))
            {
                continue;
            }

            if (shape == 0)
            {
                cluster.Network.Cut(victim, other);
            }
            else
            {
                cluster.Network.Cut(other, victim);
            }
        }

        Partitioned(10 + shape);
    }

    /// <summary>The leader alone, with a minority, or cut from all but one in one direction.</summary>
    private void CutLeader()
    {
        int leader = cluster.LeaderPosition();
        if (leader < 0)
        {
            Partition();
            return;
        }

        int count = cluster.Nodes.Length;
        int shape = random.Next(3);
        int friend = random.Next(count);
        for (int other = 0; other < count; other++)
        {
            if (other == leader)
            {
                continue;
            }

            bool isFriend = other == friend;
            if (shape == 0 || (shape == 1 && !isFriend))
            {
                cluster.Network.CutBoth(leader, other);
                if (shape == 1 && friend != leader)
                {
                    cluster.Network.CutBoth(friend, other);
                }
            }
            else if (shape == 2 && !isFriend)
            {
                cluster.Network.Cut(other, leader);
            }
        }

        Partitioned(20 + shape);
    }

    /// <summary>
    /// The leader loses one follower after the other, each for a while; what it loses last restarts in that moment, or
    /// hears of the others' elections. What is left of the leader's lease then rests on promises made just before.
    /// </summary>
    private void TrapLease()
    {
        int leader = cluster.LeaderPosition();
        if (leader < 0)
        {
            return;
        }

        int count = cluster.Nodes.Length;
        int last = random.Next(count);
        for (int other = 0; other < count; other++)
        {
            if (other != leader && (other != last || random.Chance(200)))
            {
                cluster.Network.CutBoth(leader, other);
            }
        }

        long timeout = cluster.Profile.ElectionTimeoutTicks * SwarmProfile.TickUs;
        long until = timeout + random.Exponential(timeout);
        cluster.Queue.Schedule(cluster.NowUs + until, new SimEvent
        {
            Kind = EventKind.Custom,
            Payload = (Action)(() => LoseLast(leader, cluster.Nodes[last])),
        });
        Partitioned(30);
    }

    private void LoseLast(int leader, SimulatedNode last)
    {
        if (!cluster.IsFaulty || last.Position == leader)
        {
            return;
        }

        cluster.Network.CutBoth(leader, last.Position);
        if (random.Chance(700) && last.IsUp)
        {
            last.Crash(cluster.DrawPowerCut());
            cluster.Queue.Schedule(
                cluster.NowUs + 1 + random.Exponential(5_000),
                new SimEvent { Kind = EventKind.Restart, Node = last.Position, Life = last.Life });
        }
    }

    /// <summary>
    /// The leader is cut off and stands still while another is elected; then it goes on alone, without the ticks it
    /// missed, and thinks for an election timeout that it leads and that no lease has aged.
    /// </summary>
    private void StallLeader()
    {
        int leader = cluster.LeaderPosition();
        if (leader < 0 || cluster.Nodes[leader].IsPaused)
        {
            return;
        }

        SimulatedNode node = cluster.Nodes[leader];
        int life = node.Life;
        for (int other = 0; other < cluster.Nodes.Length; other++)
        {
            if (other != leader)
            {
                cluster.Network.CutBoth(leader, other);
            }
        }

        node.Pause(isFrozen: random.Chance(500));
        cluster.Counters.Pauses++;
        cluster.Counters.Partitions++;
        cluster.Trace.Add(cluster.NowUs, leader, TraceKind.Partition, 31);
        long timeout = cluster.Profile.ElectionTimeoutTicks * SwarmProfile.TickUs;
        long until = (2 * timeout) + random.Exponential(timeout);
        cluster.Queue.Schedule(cluster.NowUs + until, new SimEvent
        {
            Kind = EventKind.Custom,
            Payload = (Action)(() =>
            {
                if (node.Life == life && node.IsPaused)
                {
                    node.Resume(0);
                }
            }),
        });
        ScheduleHeal(until + timeout + random.Exponential(timeout), -1);
    }

    private void Partitioned(int shape)
    {
        cluster.Counters.Partitions++;
        cluster.Trace.Add(cluster.NowUs, -1, TraceKind.Partition, shape);
        long lasts = random.Exponential(random.OneOf(200_000, 1_500_000, 4_000_000));
        if (random.Chance(250))
        {
            int links = cluster.Nodes.Length * cluster.Nodes.Length;
            for (int link = 0; link < links; link++)
            {
                ScheduleHeal(lasts + random.Exponential(500_000), link);
            }
        }
        else
        {
            ScheduleHeal(lasts, -1);
        }
    }

    private void ScheduleHeal(long delayUs, int link) =>
        cluster.Queue.Schedule(cluster.NowUs + 1 + delayUs, new SimEvent { Kind = EventKind.Heal, Value = link });

    private void Clog()
    {
        int count = cluster.Nodes.Length;
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                if (from != to && random.Chance(300))
                {
                    cluster.Network.Clog(from, to, cluster.NowUs + random.Exponential(1_000_000));
                }
            }
        }

        cluster.Trace.Add(cluster.NowUs, -1, TraceKind.Clog);
    }

    private SimulatedNode Victim()
    {
        int leader = random.Chance(400) ? cluster.LeaderPosition() : -1;
        return cluster.Nodes[leader >= 0 ? leader : random.Next(cluster.Nodes.Length)];
    }

    private void CrashOne() => Victim().Crash(cluster.DrawPowerCut());

    private void ArmCrash()
    {
        SimulatedNode node = Victim();
        if (!node.IsUp)
        {
            return;
        }

        if (random.Chance(200))
        {
            ArmInstall();
            return;
        }

        // With the model disk the last two do nothing.
        var point = (CrashPoint)random.Next(1, (int)CrashPoint.FailedSync + 1);
        if (cluster.Profile.UsesRealWal && random.Chance(500))
        {
            point = CrashPoint.InsideDiskOperation;
        }

        switch (point)
        {
            case CrashPoint.InsideDiskOperation: node.Storage.CutPowerAfter(random.Next(12)); break;
            case CrashPoint.FailedSync: node.Storage.Device?.Troubles.Fail(DiskFault.SyncError, 1); break;
            default: node.ArmedCrash = point; break;
        }
    }

    // Only who is far behind installs a snapshot: who is armed at random seldom does before something else ends it.
    private void ArmInstall()
    {
        SimulatedNode? last = null;
        foreach (SimulatedNode node in cluster.Nodes)
        {
            last = node.IsUp && (last is null || node.Log.LastIndex < last.Log.LastIndex) ? node : last;
        }

        last?.ArmedCrash = random.OneOf(CrashPoint.AfterChunkStored, CrashPoint.InsideInstall, CrashPoint.AfterInstall);
    }

    /// <summary>All at once, or a majority.</summary>
    private void CrashMany()
    {
        bool isPowerCut = cluster.DrawPowerCut();
        int spared = random.Chance(500) ? -1 : random.Next(cluster.Nodes.Length);
        foreach (SimulatedNode node in cluster.Nodes)
        {
            if (node.Position != spared)
            {
                node.Crash(isPowerCut);
            }
        }
    }

    private void Pause()
    {
        SimulatedNode node = Victim();
        if (!node.IsUp || node.IsPaused)
        {
            return;
        }

        node.Pause(isFrozen: random.Chance(500));
        cluster.Counters.Pauses++;
        cluster.Trace.Add(cluster.NowUs, node.Position, TraceKind.Pause);
        long lasts = 1 + random.Exponential(random.OneOf(20_000, 300_000, 3_000_000));
        cluster.Queue.Schedule(
            cluster.NowUs + lasts, new SimEvent { Kind = EventKind.Resume, Node = node.Position, Life = node.Life });
    }

    // Ten election timeouts or more: a leader that is slow for less keeps the lead.
    private void Sicken()
    {
        if (Array.Exists(cluster.Nodes, node => node.SickUntilUs > cluster.NowUs))
        {
            return;
        }

        int leader = cluster.LeaderPosition();
        SimulatedNode node = cluster.Nodes[leader >= 0 && random.Chance(700) ? leader : random.Next(cluster.Nodes.Length)];
        node.SickUntilUs = cluster.NowUs + (cluster.Profile.ElectionTimeoutTicks * SwarmProfile.TickUs * random.Next(10, 25));
        cluster.Counters.Faults.SickDisks++;
    }

    private void Drain()
    {
        SimulatedNode node = cluster.Nodes[random.Next(cluster.Nodes.Length)];
        node.Drain(patienceUs: random.OneOf(1_000, 100_000, 1_000_000));
    }

    private void Transfer()
    {
        int leader = cluster.LeaderPosition();
        if (leader >= 0)
        {
            cluster.Counters.Transfers++;
            cluster.Trace.Add(cluster.NowUs, leader, TraceKind.Transfer);
            cluster.Nodes[leader].Input(DriverInput.Of(new TransferOrder(null)));
        }
    }
}
