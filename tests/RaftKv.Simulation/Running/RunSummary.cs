using System.Reflection;
using System.Text.Json;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Reach;

namespace RaftKv.Simulation.Running;

/// <summary>What a batch gave, for programs to read; docs/evidence.md is made from such files.</summary>
internal sealed record RunSummary
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,

        // For people too: a plus stays a plus.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Version of this layout.</summary>
    public int Format { get; init; } = 1;

    /// <summary>What was built, with "+" behind it when files differed from it.</summary>
    public required string Commit { get; init; }

    public required string StartedUtc { get; init; }

    /// <summary>As the command line takes them.</summary>
    public required string Options { get; init; }

    public required ulong FromSeed { get; init; }

    /// <summary>The last one of those that are done without a gap.</summary>
    public required ulong ToSeed { get; init; }

    public required long Seeds { get; init; }

    /// <summary>False while the run goes on, and when it was stopped.</summary>
    public required bool IsComplete { get; init; }

    public required double SimulatedSeconds { get; init; }

    public required double CpuSeconds { get; init; }

    public required long OperationsChecked { get; init; }

    public required long Unknown { get; init; }

    /// <summary>Key histories for which the search was given up.</summary>
    public required long Undecided { get; init; }

    /// <summary>How often something was done to a world.</summary>
    public required IReadOnlyDictionary<string, long> Faults { get; init; }

    /// <summary>How many seeds had each class of faults.</summary>
    public required IReadOnlyDictionary<string, long> SeedsByFault { get; init; }

    /// <summary>Every counter of the worlds, by its name.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    public required IReadOnlyList<StateCount> States { get; init; }

    public required IReadOnlyList<SeedFailure> Failures { get; init; }

    public static RunSummary Of(
        SeedBatch batch, SeedOptions options, ulong fromSeed, bool isComplete, string commit, string startedUtc) => new()
        {
            Commit = commit,
            StartedUtc = startedUtc,
            Options = options.ToText(),
            FromSeed = fromSeed,
            ToSeed = batch.NextSeed - 1,
            Seeds = batch.SeedCount,
            IsComplete = isComplete,
            SimulatedSeconds = batch.SimulatedUs / 1e6,
            CpuSeconds = Math.Round(batch.CpuSeconds, 1),
            OperationsChecked = batch.OperationsChecked,
            Unknown = batch.Counters.Unknown,
            Undecided = batch.Counters.UndecidedKeys,
            Faults = FaultsOf(batch.Counters),
            SeedsByFault = new SortedDictionary<string, long>(batch.SeedsByFault, StringComparer.Ordinal),
            Counters = CountersOf(batch.Counters),
            States = [.. ReachCatalogue.All.Select(state => new StateCount(state.Theme, state.Name, state.Meaning, batch.Reach.Of(state)))],
            Failures = [.. batch.Failures.Select(f => new SeedFailure(f.Seed, f.Rule ?? "", f.Failure ?? "", f.ReproduceLine(options)))],
        };

    /// <summary>Writes the file whole or not at all.</summary>
    public void Write(string file)
    {
        string half = file + ".part";
        File.WriteAllText(half, JsonSerializer.Serialize(this, Json) + "\n");
        File.Move(half, file, overwrite: true);
    }

    public static RunSummary Read(string file) =>
        JsonSerializer.Deserialize<RunSummary>(File.ReadAllText(file), Json) ?? throw new JsonException($"{file} holds no summary");

    private static SortedDictionary<string, long> FaultsOf(Counters counters)
    {
        FaultCounters machine = counters.Faults;
        var faults = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["crash"] = counters.Crashes - counters.PersistPointCrashes,
            ["crash at a point of the host"] = counters.PersistPointCrashes,
            ["partition"] = counters.Partitions,
            ["pause"] = counters.Pauses,
            ["transfer"] = counters.Transfers,
            ["machine asleep"] = machine.Suspends,
            ["disk wiped"] = machine.WipedDisks,
            ["member change"] = machine.MemberChanges,
            ["damaged node healed"] = machine.Healed,
            ["directory put back"] = machine.PutBack,
            ["founding refused"] = machine.RefusedFoundings,
            ["cluster restored"] = machine.BeganAnew[(int)NewBeginning.RestoredByAll],
            ["cluster restored on one node"] = machine.BeganAnew[(int)NewBeginning.RestoredByOne],
            ["survivor recovered"] = machine.BeganAnew[(int)NewBeginning.Recovered],
            ["directory of before refused"] = machine.RefusedFormer,
            ["dial from a cluster of before refused"] = machine.RefusedDials,
            ["token of before refused"] = machine.RefusedTokens,
            ["node back on the build before"] = machine.Rollbacks,
            ["node ended as too old"] = machine.TooOld,
            ["slow disk"] = machine.SickDisks,
            ["chunk damaged on its way"] = machine.DamagedChunks,
            ["wrong time proposed"] = machine.WrongTimes,
            ["start refused for damage"] = machine.RefusedStarts,
        };
        for (int i = 0; i < machine.Disk.Length; i++)
        {
            faults["disk: " + (DiskFault)i] = machine.Disk[i];
        }

        for (int i = 1; i < machine.CrashesAt.Length; i++)
        {
            faults["crash at: " + (CrashPoint)i] = machine.CrashesAt[i];
        }

        return faults;
    }

    // By reflection, so that a new counter can't be forgotten; once a file, not in a world.
    private static SortedDictionary<string, long> CountersOf(Counters counters)
    {
        var values = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (FieldInfo field in typeof(Counters).GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            if (field.GetValue(counters) is long value)
            {
                values[JsonNamingPolicy.CamelCase.ConvertName(field.Name)] = value;
            }
        }

        return values;
    }
}

/// <summary>How often one state was met.</summary>
internal sealed record StateCount(string Theme, string Name, string Meaning, long Count);

/// <summary>A seed that failed.</summary>
internal sealed record SeedFailure(ulong Seed, string Rule, string Message, string Reproduce);
