using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// Makes trouble with the disks of a world that keeps real files. What a process is told of (errors, no room) may strike
/// anywhere; what it is not told of strikes only where the <see cref="FaultAtlas"/> allows it.
/// </summary>
internal sealed class DiskNemesis(SimulatedCluster cluster, DeterministicRandom random)
{
    private static readonly DiskFault[] Errors = Array.FindAll(Enum.GetValues<DiskFault>(), static f => f.IsError());
    private static readonly DiskFault[] Rot = [DiskFault.BitFlip, DiskFault.ZeroedSector, DiskFault.StaleSector];

    private readonly List<Action> _classes = [];

    public void Start()
    {
        MachineProfile profile = cluster.Profile.Machine;
        foreach (SimulatedNode node in cluster.Nodes)
        {
            DeviceOf(node.Position).Troubles.ShortReadPerMille = profile.ShortReadPerMille;
        }

        bool canDamage = cluster.Atlas.Cursed.Count > 0;
        AddIf(profile.HasDiskErrors, FailOperation);
        AddIf(profile.HasFullDisks, FillUp);
        AddIf(profile.HasLostWrites && canDamage, () => ArmLoss(DiskFault.LostWrite));
        AddIf(profile.HasMisdirectedWrites && canDamage, () => ArmLoss(DiskFault.MisdirectedWrite));
        AddIf(profile.HasRot && canDamage, RotOne);
        if (_classes.Count > 0)
        {
            ScheduleNext();
        }
    }

    private void AddIf(bool isOn, Action trouble)
    {
        if (isOn)
        {
            _classes.Add(trouble);
        }
    }

    private void ScheduleNext() => After(1 + random.Exponential(cluster.Profile.Machine.DiskMeanUs), () =>
    {
        _classes[random.Next(_classes.Count)]();
        ScheduleNext();
    });

    private void FailOperation()
    {
        DiskFault error = random.OneOf(Errors);
        Make(random.Next(cluster.Nodes.Length), error).Fail(error, 1 + random.Next(cluster.Profile.Machine.MostErrors));
    }

    private void FillUp()
    {
        DiskTroubles troubles = Make(random.Next(cluster.Nodes.Length), DiskFault.Full);
        troubles.Fill(random.OneOf(0, 400, 5_000, 50_000));
        After(1 + random.Exponential(cluster.Profile.Machine.FullMeanUs), troubles.MakeRoom);
    }

    private void ArmLoss(DiskFault loss) => Make(Cursed(), loss).ArmedLoss = loss;

    private void RotOne()
    {
        DiskFault fault = random.OneOf(Rot);
        int position = Cursed();
        bool isDone = DeviceOf(position).Damage.TryRot(fault);
        cluster.Trace.Add(cluster.NowUs, position, TraceKind.Disk, (long)fault, isDone ? 1 : 0, fault);
    }

    private int Cursed() => random.OneOf([.. cluster.Atlas.Cursed]);

    private DiskTroubles Make(int position, DiskFault fault)
    {
        cluster.Trace.Add(cluster.NowUs, position, TraceKind.Disk, (long)fault, 0, fault);
        return DeviceOf(position).Troubles;
    }

    private SimulatedDevice DeviceOf(int position) =>
        cluster.Nodes[position].Storage.Device ?? throw new InvalidOperationException("disks are troubled in worlds of real files only");

    /// <summary>Runs later, unless the faults have ended by then.</summary>
    private void After(long delayUs, Action action) => cluster.Queue.Schedule(cluster.NowUs + delayUs, new SimEvent
    {
        Kind = EventKind.Custom,
        Payload = (Action)(() =>
        {
            if (cluster.IsFaulty)
            {
                action();
            }
        }),
    });
}
