using System.Globalization;

namespace RaftKv.Bench.Soak;

/// <summary>The command line of <c>soak</c>.</summary>
internal sealed record SoakOptions
{
    internal const string HelpText = """
        usage: raftkv-bench soak [options]
          Starts three nodes, applies a mix of everything for a while, samples what could grow, and says whether it did.
          Exit 0: flat. Exit 1: something grew, or the run proves nothing; a sentence says what. Exit 2: it could not run.
          --minutes N               how long; below 30 the tables of answers and sessions are shown only       [30]
          --sample 5s               between two samples, 1 to 60                                             [5s]
          --memory-mib N            the memory budget of each node, in MiB                                   [512]
          --retention N             auto compaction keeps so many revisions                                  [2000]
          --plain-keys N            writes a second with an Idempotency-Key; 0 for none                      [220]
          --large N                 values of 1 MB a second; 0 for none                                      [2]
          --out DIR                 where soak.csv, soak.svg and soak.md go                                  [docs/soak]
          --data-root DIR           where the nodes' data go; deleted at the end                             [the system's]
          --base-port N             6 ports from here                                                        [22350]
          --server FILE             raftkv.dll                                                               [this tree's Release build]
        """;

    internal double Minutes { get; private set; } = 30;

    internal TimeSpan SampleInterval { get; private set; } = TimeSpan.FromSeconds(5);

    internal int MemoryMiB { get; private set; } = 512;

    internal int RetainedRevisions { get; private set; } = 2_000;

    /// <summary>
    /// Kept answers of callers that are neither a user nor a session share 64 MiB and stay for 10 minutes: about 250 a
    /// second fit. Faster callers are refused by rule, which is another test's matter.
    /// </summary>
    internal int PlainKeysPerSecond { get; private set; } = 220;

    internal int LargePerSecond { get; private set; } = 2;

    internal string Out { get; private set; } = Path.Combine("docs", "soak");

    internal string DataRoot { get; private set; } = Path.GetTempPath();

    internal int BasePort { get; private set; } = 22_350;

    internal string? Server { get; private set; }

    internal TimeSpan Duration => TimeSpan.FromMinutes(Minutes);

    /// <exception cref="BenchException">The line is wrong.</exception>
    internal static SoakOptions Parse(string[] args)
    {
        SoakOptions options = new();
        for (int index = 0; index < args.Length; index += 2)
        {
            options.Set(args[index], index + 1 < args.Length ? args[index + 1] : throw new BenchException($"{args[index]} needs a value."));
        }

        return options;
    }

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "--minutes": Minutes = Number(name, value, 0.5, 1_440); break;
            case "--sample": SampleInterval = TimeSpan.FromSeconds(Number(name, value.TrimEnd('s'), 1, 60)); break;
            case "--memory-mib": MemoryMiB = (int)Number(name, value, 128, 1_048_576); break;
            case "--retention": RetainedRevisions = (int)Number(name, value, 100, 1_000_000); break;
            case "--plain-keys": PlainKeysPerSecond = (int)Number(name, value, 0, 100_000); break;
            case "--large": LargePerSecond = (int)Number(name, value, 0, 1_000); break;
            case "--out": Out = value; break;
            case "--data-root": DataRoot = value; break;
            case "--base-port": BasePort = (int)Number(name, value, 1_024, 65_000); break;
            case "--server": Server = value; break;
            default: throw new BenchException($"{name} is not an option of soak; soak --help lists them.");
        }
    }

    private static double Number(string name, string text, double lowest, double highest) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out double number) && number >= lowest && number <= highest
            ? number
            : throw new BenchException($"{name} '{text}' is not a number from {lowest} to {highest}.");
}
