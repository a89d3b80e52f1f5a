using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace RaftKv.Tests.Support;

/// <summary>The C# of pages, held against code that compiles.</summary>
internal static partial class PageCode
{
    /// <summary>Paragraphs of a page's blocks that the calling file has not, word by word; indents are out of sight.</summary>
    /// <param name="page">Its path in the repository.</param>
    /// <param name="source">The calling file.</param>
    public static IReadOnlyList<string> MissingHere(string page, [CallerFilePath] string source = "") =>
        Missing(Read(page), File.ReadAllText(source));

    /// <summary>The blocks of a language, each as it stands.</summary>
    /// <param name="page">Its path in the repository.</param>
    /// <param name="language">As the page writes it after the fence; empty for none.</param>
    public static IReadOnlyList<string> Blocks(string page, string language) =>
    [
        .. AnyBlock().Matches(Read(page)).Where(block => block.Groups["language"].Value == language)
            .Select(static block => block.Groups["code"].Value),
    ];

    /// <summary>The same of texts. A page without a block has one too few: it is asked for its code.</summary>
    public static IReadOnlyList<string> Missing(string page, string code)
    {
        string whole = Normalize(code);
        string[] paragraphs =
        [
            .. Block().Matches(page).SelectMany(static block => block.Groups["code"].Value.Split("\n\n")).Select(Normalize)
                .Where(static paragraph => paragraph.Length > 0),
        ];
        return paragraphs.Length == 0
            ? ["There is no block of C#."] : [.. paragraphs.Where(paragraph => !whole.Contains(paragraph, StringComparison.Ordinal))];
    }

    /// <summary>Where a file of the repository is.</summary>
    public static string PathOf(string file) => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", file));

    private static string Read(string page) => File.ReadAllText(PathOf(page));

    private static string Normalize(string code) =>
        string.Join('\n', code.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0));

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("^```(?<language>\\w*)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex AnyBlock();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
