using System.Globalization;

namespace RaftKv.Mutants;

/// <summary>What the command line asks for.</summary>
internal sealed record HuntOptions
{
    public const string Usage =
        """
        usage: RaftKv.Mutants [--out docs/mutants.md] [--only SLUG,…] [--resume] [--time 30] [--jobs 1] [--work DIR]
          --out FILE    write the report there; without it the results are printed only
          --only A,B    these patches of tools/mutants only
          --resume      keep what an earlier hunt in the same work directory found for the same commit and patches
          --time S      simulated seconds with faults, per seed
          --jobs N      scratch copies side by side
          --work DIR    where the scratch copies and the results are; outside of the tree
        """;

    /// <summary>The repository's root.</summary>
    public required string Root { get; init; }

    public string? Out { get; init; }

    /// <summary>Slugs; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    public bool IsResumed { get; init; }

    public int Seconds { get; init; } = 30;

    public int Jobs { get; init; } = 1;

    public string WorkDirectory { get; init; } = Path.Combine(Path.GetTempPath(), "raftkv-mutants");

    public string PatchDirectory => Path.Combine(Root, "tools", "mutants");

    public string ResultPath => Path.Combine(WorkDirectory, "results.jsonl");

    /// <summary>Null when the arguments are wrong.</summary>
    public static HuntOptions? Parse(string[] args, string root)
    {
        var options = new HuntOptions { Root = root };
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0;
            switch (args[i])
            {
                case "--out" when value.Length > 0: options = options with { Out = Path.GetFullPath(value, root) }; i++; break;
                case "--only" when value.Length > 0: options = options with { Only = value.Split(',') }; i++; break;
                case "--resume": options = options with { IsResumed = true }; break;
                case "--time" when isNumber: options = options with { Seconds = number }; i++; break;
                case "--jobs" when isNumber: options = options with { Jobs = number }; i++; break;
                case "--work" when value.Length > 0: options = options with { WorkDirectory = Path.GetFullPath(value) }; i++; break;
                default: return null;
            }
        }

        return options;
    }
}
