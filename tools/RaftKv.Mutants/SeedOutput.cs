using System.Globalization;
using System.Text.RegularExpressions;

namespace RaftKv.Mutants;

/// <summary>What the simulator's output says: the seed that failed, what it was seen as, and the time it took.</summary>
internal sealed record SeedOutput(long? FailedSeed, string SeenAs, double CpuSeconds)
{
    private const int MostChars = 110;

    public static SeedOutput Parse(CommandOutcome outcome)
    {
        Match cpu = Regex.Match(outcome.Output, @"\bCPU (?<seconds>[0-9.]+) s\b");
        double seconds = cpu.Success ? double.Parse(cpu.Groups["seconds"].Value, CultureInfo.InvariantCulture) : 0;
        Match failure = Regex.Match(outcome.Output, @"^seed (?<seed>\d+) FAILED (?<why>.*)$", RegexOptions.Multiline);
        if (failure.Success)
        {
            long seed = long.Parse(failure.Groups["seed"].Value, CultureInfo.InvariantCulture);
            return new SeedOutput(seed, Name(failure.Groups["why"].Value), seconds);
        }

        return outcome.ExitCode switch
        {
            0 => new SeedOutput(null, "", seconds),
            null => new SeedOutput(0, "a seed that does not end", seconds),
            _ => new SeedOutput(0, $"the simulator ends with {outcome.ExitCode}: {Short(outcome.Tail(1))}", seconds),
        };
    }

    /// <summary>"R9", "core check: …", "refuses to start", or the exception's name.</summary>
    private static string Name(string why)
    {
        // The failure's own words end where the seed's figures begin.
        string words = Regex.Replace(why, @" nodes \d+ simulated .*$", "");
        Match rule = Regex.Match(words, @"^(?<rule>[A-Z]\d{1,2}): (?<what>.*)$");
        if (rule.Success)
        {
            return $"{rule.Groups["rule"].Value}: {Short(rule.Groups["what"].Value)}";
        }

        const string Broken = "Invariant broken: ";
        if (words.StartsWith(Broken, StringComparison.Ordinal))
        {
            return "core check: " + Short(Regex.Replace(words[Broken.Length..], @" \(values: .*$", ""));
        }

        return words.Contains("StorageCorruptException", StringComparison.Ordinal)
            ? "refuses to start"
            : Short(Regex.Replace(words, @"^(?:\w+\.)+(?=\w+Exception)", ""));
    }

    private static string Short(string text) => text.Length <= MostChars ? text : text[..MostChars] + " …";
}
