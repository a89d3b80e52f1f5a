using System.Globalization;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Running;

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments
{
    public const string Usage =
        """
        usage: RaftKv.Simulation [--seeds 100] [--from 1] [--seed N] [--time 30] [--nodes 0|1|3|5|7] [--threads 2]
                                 [--disks] [--restores|--lone-restores|--recoveries] [--rollbacks] [--each] [--twice]
                                 [--keep-going] [--verbose] [--states] [--summary FILE] [--calm|--soak]
                                 [--without LIST | --only LIST] [--voters N] [--clients N] [--coordination N] [--watchers N]
               RaftKv.Simulation --minimise --seed N [any of the above]
               RaftKv.Simulation --list-faults
          --seeds N        run N seeds, beginning with --from
          --seed N         run this seed only
          --time S         simulated seconds with faults, per seed
          --nodes N        voters; 0 lets the seed draw
          --disks          real log and snapshot files in every seed, not in a quarter of them
          --restores       every seed that can gives its cluster up and restores it, not one of eight
          --lone-restores  every seed that can restores one node, which empty ones join
          --recoveries     every seed that can loses a majority for good, and a survivor goes on alone
          --rollbacks      every seed upgrades its cluster node by node, and goes back on the way
          --each           a line for each seed (always so for 20 seeds or fewer)
          --twice          run each seed a second time and compare the trace hashes
          --keep-going     don't stop at the first failure
          --verbose        print every event
          --states         print how often each rare state was met
          --summary FILE   write the figures as JSON: every 100 seeds, at the end, and when interrupted
          --calm           no faults, 50 operations a second: for measuring speed
          --soak           every table at small limits, and none grows over three of its windows and more
          --minimise       take things away from a failing seed as long as it fails with the same rule
          --without LIST   switch classes of faults off, names with commas between; the rest stays as drawn
          --only LIST      switch all classes off but these
          --voters N       at most N of the drawn voters; so with --clients, --coordination, --watchers
        Exit codes: 0 all seeds pass, 1 a seed fails, 2 the arguments are wrong, 3 interrupted before the end.
        """;

    public ulong Seeds { get; private set; } = 100;

    public ulong From { get; private set; } = 1;

    public int Time { get; private set; } = 30;

    public int Nodes { get; private set; }

    public int Threads { get; private set; } = 2;

    public bool HasRealDisks { get; private set; }

    /// <summary>Every cluster that can goes on so; null for those that draw it.</summary>
    public NewBeginning? Beginning { get; private set; }

    public bool HasRollbacks { get; private set; }

    public bool IsCalm { get; private set; }

    public bool IsSoak { get; private set; }

    public bool IsVerbose { get; private set; }

    public bool IsKeepGoing { get; private set; }

    public bool IsTwice { get; private set; }

    public bool IsEach { get; private set; }

    public bool WantsStates { get; private set; }

    public bool WantsFaultList { get; private set; }

    public bool IsMinimising { get; private set; }

    public string? SummaryFile { get; private set; }

    public Reduction Reduction { get; private set; } = new();

    /// <summary>Null, with a sentence in <paramref name="problem"/>, when the arguments are wrong.</summary>
    public static Arguments? Parse(string[] args, out string problem)
    {
        var arguments = new Arguments();
        for (int i = 0; i < args.Length; i++)
        {
            string option = args[i] == "--minimize" ? "--minimise" : args[i];
            if (arguments.TakeSwitch(option))
            {
                continue;
            }

            string value = i + 1 < args.Length ? args[++i] : "";
            if (!arguments.TakeText(option, value) && !arguments.TakeNumber(option, value))
            {
                problem = $"{option} {value}: no such option, or no such value for it.";
                return null;
            }
        }

        arguments.IsEach |= arguments.Seeds <= 20;
        problem = arguments.IsMinimising && arguments.Seeds != 1 ? "--minimise takes one seed: name it with --seed N." : "";
        return problem.Length == 0 ? arguments : null;
    }

    public SeedOptions ToOptions() => new()
    {
        Seconds = Time,
        Nodes = Nodes,
        HasRealDisks = HasRealDisks,
        Restores = PerMille(NewBeginning.RestoredByAll, SwarmProfile.RestoresPerMille),
        LoneRestores = PerMille(NewBeginning.RestoredByOne, SwarmProfile.LoneRestoresPerMille),
        Recoveries = PerMille(NewBeginning.Recovered, SwarmProfile.RecoveriesPerMille),
        Rollbacks = HasRollbacks ? 1000 : SwarmProfile.RollbacksPerMille,
        IsCalm = IsCalm,
        IsSoak = IsSoak,
        Reduction = Reduction,
    };

    private int PerMille(NewBeginning beginning, int drawn) =>
        Beginning is null ? drawn : Beginning == beginning ? 1000 : 0;

    private bool TakeSwitch(string option)
    {
        switch (option)
        {
            case "--disks": HasRealDisks = true; break;
            case "--restores": Beginning = NewBeginning.RestoredByAll; break;
            case "--lone-restores": Beginning = NewBeginning.RestoredByOne; break;
            case "--recoveries": Beginning = NewBeginning.Recovered; break;
            case "--rollbacks": HasRollbacks = true; break;
            case "--calm": IsCalm = true; break;
            case "--soak": IsSoak = true; break;
            case "--verbose": IsVerbose = true; break;
            case "--keep-going": IsKeepGoing = true; break;
            case "--twice": IsTwice = true; break;
            case "--each": IsEach = true; break;
            case "--states": WantsStates = true; break;
            case "--list-faults": WantsFaultList = true; break;
            case "--minimise": IsMinimising = true; break;
            default: return false;
        }

        return true;
    }

    private bool TakeText(string option, string value)
    {
        switch (option)
        {
            case "--summary" when value.Length > 0:
                SummaryFile = value;
                return true;
            case "--without" or "--only":
                string[] names = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                string[] known = [.. SwarmProfile.FaultClasses.Select(static f => f.Name)];
                string[] without = option == "--without" ? names : [.. known.Except(names)];
                Reduction = Reduction with { Without = without };
                return Array.TrueForAll(names, known.Contains);
            default:
                return false;
        }
    }

    private bool TakeNumber(string option, string value)
    {
        if (!ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            return false;
        }

        switch (option)
        {
            case "--seeds": Seeds = number; break;
            case "--from": From = number; break;
            case "--seed": (From, Seeds) = (number, 1); break;
            case "--time" when number is > 0 and <= 7000: Time = (int)number; break;
            case "--nodes" when number <= 9: Nodes = (int)number; break;
            case "--threads" when number is > 0 and <= 256: Threads = (int)number; break;
            case "--voters" when number is > 0 and <= 9: Reduction = Reduction with { Voters = (int)number }; break;
            case "--clients" when number is > 0 and <= 100: Reduction = Reduction with { Clients = (int)number }; break;
            case "--coordination" when number <= 100: Reduction = Reduction with { Coordination = (int)number }; break;
            case "--watchers" when number <= 100: Reduction = Reduction with { Watchers = (int)number }; break;
            default: return false;
        }

        return true;
    }
}
