using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RaftKv.Mutants;

/// <summary>
/// One sabotage: a patch file with a few header lines before the diff, which git ignores.
/// <code>
/// Title:    what is broken, in one line
/// Rule:     what should notice it
/// Budget:   seeds to run at most; 0 when no seed can see it
/// Seen-by:  project and filter of a scripted test, asked when no seed failed; optional
/// Note:     for readers of the report; optional
/// </code>
/// </summary>
internal sealed record MutantPatch(
    string Slug, string Path, string Title, string Rule, int Budget, TestFilter? SeenBy, string? Note, string Hash,
    IReadOnlyList<string> Files)
{
    private const string DiffStart = "diff --git ";
    private const string FileStart = "+++ b/";

    /// <summary>What the table is grouped by: the slug's first word.</summary>
    public string Theme => Slug.Split('-')[0];

    /// <summary>Every patch of a folder, by name.</summary>
    public static List<MutantPatch> ReadAll(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.patch").Order(StringComparer.Ordinal).Select(Read)];

    private static MutantPatch Read(string path)
    {
        string text = File.ReadAllText(path);
        string[] lines = text.Split('\n');
        var header = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in lines.TakeWhile(line => !line.StartsWith(DiffStart, StringComparison.Ordinal)))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon > 0)
            {
                header[line[..colon]] = line[(colon + 2)..].Trim();
            }
        }

        return new MutantPatch(
            System.IO.Path.GetFileNameWithoutExtension(path),
            path,
            Demand(header, "Title", path),
            Demand(header, "Rule", path),
            int.Parse(Demand(header, "Budget", path), NumberStyles.None, CultureInfo.InvariantCulture),
            header.TryGetValue("Seen-by", out string? test) ? TestFilter.Parse(test) : null,
            header.GetValueOrDefault("Note"),
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16],
            [.. lines.Where(line => line.StartsWith(FileStart, StringComparison.Ordinal)).Select(line => line[FileStart.Length..])]);
    }

    private static string Demand(Dictionary<string, string> header, string name, string path) =>
        header.GetValueOrDefault(name) ?? throw new FormatException($"{path}: the header has no '{name}:'.");
}

/// <summary>A test project and a filter for <c>dotnet test</c>.</summary>
internal sealed record TestFilter(string Project, string Filter)
{
    /// <summary>The last part of the filter: class and method.</summary>
    public string Name => Filter[(Filter.IndexOf('~') + 1)..];

    public static TestFilter Parse(string text)
    {
        int space = text.IndexOf(' ');
        return space > 0
            ? new TestFilter(text[..space], text[(space + 1)..].Trim())
            : throw new FormatException($"'{text}' is not 'project filter'.");
    }
}
