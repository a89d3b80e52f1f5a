using RaftKv.JepsenStyle.Nemeses;
using RaftKv.JepsenStyle.Workloads;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>Every workload and every nemesis, by name.</summary>
internal static class Catalogue
{
    private static readonly Dictionary<string, Func<IWorkload>> Workloads = new()
    {
        ["register"] = () => new RegisterWorkload(),
        ["set"] = () => new SetWorkload(),
        ["counter"] = () => new CounterWorkload(),
        ["counter-retry"] = () => new RetryWorkload(),
        ["append"] = () => new AppendWorkload(),
        ["bank"] = () => new BankWorkload(),
        ["watch"] = () => new WatchWorkload(),
        ["levels"] = () => new LevelsWorkload(),
        ["lease"] = () => new LeaseWorkload(),
        ["lock"] = () => new LockWorkload(),
        ["election"] = () => new ElectionWorkload(),
        ["quota"] = () => new QuotaWorkload(),
        ["restore"] = () => new RestoreWorkload(),
    };

    private static readonly Dictionary<string, Func<INemesis>> Nemeses = new()
    {
        ["none"] = () => new NoNemesis(),
        ["kill"] = () => new KillNemesis(),
        ["kill-leader"] = () => new KillLeaderNemesis(),
        ["kill-all"] = () => new KillAllNemesis(),
        ["pause"] = () => new PauseLeaderNemesis(),
        ["pause-one"] = () => new PauseNemesis(isMajority: false),
        ["pause-majority"] = () => new PauseNemesis(isMajority: true),
        ["pause-cut"] = () => new PauseCutNemesis(),
        ["partition"] = () => new PartitionNemesis(),
        ["partition-leader"] = () => new PartitionNemesis("leader"),
        ["partition-one"] = () => new PartitionNemesis("one"),
        ["partition-majority"] = () => new PartitionNemesis("majority"),
        ["partition-ring"] = () => new PartitionNemesis("ring"),
        ["partition-bridge"] = () => new PartitionNemesis("bridge"),
        ["partition-one-way"] = () => new PartitionNemesis("one-way"),
        ["slow"] = () => new SlowNemesis(),
        ["restart"] = () => new RestartNemesis(),
        ["clock"] = () => new ClockNemesis(),
        ["fsync-eio"] = () => new FsyncErrorNemesis(),
        ["disk-full"] = () => new DiskFullNemesis(),
        ["corrupt"] = () => new CorruptionNemesis(),
        ["corrupt-stay"] = () => new CorruptionNemesis(stays: true),
        ["members"] = () => new MembersNemesis(),
        ["restore"] = () => new RestoreNemesis(),
        ["slow-disk"] = () => new SlowDiskNemesis(),
        ["admin"] = () => new AdminNemesis(),
        ["mix"] = () => new MixNemesis(),
    };

    public static IEnumerable<string> WorkloadNames => Workloads.Keys;

    public static IEnumerable<string> NemesisNames => Nemeses.Keys;

    /// <summary>A fresh workload; throws ArgumentException with the names that there are.</summary>
    public static IWorkload Workload(string name) => Workloads.TryGetValue(name, out Func<IWorkload>? make)
        ? make()
        : throw new ArgumentException($"Unknown workload '{name}': {string.Join(", ", Workloads.Keys)}.");

    /// <summary>A fresh nemesis; throws ArgumentException with the names that there are.</summary>
    public static INemesis Nemesis(string name) => Nemeses.TryGetValue(name, out Func<INemesis>? make)
        ? make()
        : throw new ArgumentException($"Unknown nemesis '{name}': {string.Join(", ", Nemeses.Keys)}.");

    /// <summary>
    /// Throws ArgumentException with a sentence for names that nobody has, and for a workload that would call lost what a nemesis
    /// is allowed to lose.
    /// </summary>
    public static void Require(IEnumerable<string> workloads, string nemesis)
    {
        bool loses = Nemesis(nemesis) is RestoreNemesis;
        foreach (string workload in workloads)
        {
            bool isJudged = Workload(workload) is RestoreWorkload;
            if (loses && !isJudged)
            {
                throw new ArgumentException($"What came after a backup is lost under {nemesis}: only the workload restore knows that.");
            }
        }
    }
}
