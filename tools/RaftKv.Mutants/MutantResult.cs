using System.Text.Json;
using System.Text.Json.Serialization;

namespace RaftKv.Mutants;

/// <summary>How a hunt for one sabotage ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
internal enum Verdict
{
    /// <summary>No seed of the budget failed, nor did the test.</summary>
    Survived = 0,

    /// <summary>A seed failed.</summary>
    CaughtBySeed = 1,

    /// <summary>No seed failed; the scripted test did.</summary>
    CaughtByTest = 2,

    /// <summary>The patch does not apply or does not compile.</summary>
    Broken = 3,
}

/// <summary>One line of the file of results.</summary>
/// <param name="Seed">The first failing seed, when a seed failed.</param>
/// <param name="SeenAs">The rule and its words, the test, or what is wrong with the patch.</param>
/// <param name="CpuSeconds">Of the seeds; a test is not timed.</param>
internal sealed record MutantResult(
    string Slug, string Commit, string PatchHash, Verdict Verdict, long? Seed, string SeenAs, double CpuSeconds)
{
    public bool IsCaught => Verdict is Verdict.CaughtBySeed or Verdict.CaughtByTest;

    public string ToLine() => JsonSerializer.Serialize(this);

    public static MutantResult FromLine(string line) =>
        JsonSerializer.Deserialize<MutantResult>(line) ?? throw new FormatException($"'{line}' is no result.");
}

/// <summary>The results so far, a line each, so that a hunt that was stopped can go on.</summary>
internal sealed class ResultFile
{
    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MutantResult> _bySlug = new(StringComparer.Ordinal);

    public ResultFile(string path, bool isResumed)
    {
        _path = path;
        if (!isResumed)
        {
            File.Delete(path);
        }
        else if (File.Exists(path))
        {
            foreach (string line in File.ReadLines(path).Where(line => line.Length > 0))
            {
                MutantResult result = MutantResult.FromLine(line);
                _bySlug[result.Slug] = result;
            }
        }
    }

    /// <summary>The result for this patch at this commit, or null.</summary>
    public MutantResult? Find(string slug, string hash, string commit)
    {
        lock (_gate)
        {
            return _bySlug.TryGetValue(slug, out MutantResult? known) && known.PatchHash == hash && known.Commit == commit ? known : null;
        }
    }

    public void Add(MutantResult result)
    {
        lock (_gate)
        {
            _bySlug[result.Slug] = result;
            File.AppendAllText(_path, result.ToLine() + "\n");
        }
    }
}
