using System.Globalization;
using System.Text.RegularExpressions;

namespace RaftKv.Cli.Tests.Support;

/// <summary>A line after a <c>$</c> of a page, and what the page says that it prints.</summary>
/// <param name="Line">The command.</param>
/// <param name="Status">The status that a comment names; null when none does.</param>
/// <param name="Said">What else the comment says is in the answer; empty when nothing.</param>
/// <param name="Printed">The lines below it; the last is "…" when more is printed than they show.</param>
internal sealed partial record PageStep(string Line, int? Status, string Said, string[] Printed)
{
    /// <summary>The steps of a page, in its order.</summary>
    public static IReadOnlyList<PageStep> Of(string page)
    {
        List<PageStep> steps = [];
        foreach (Match block in Block().Matches(page))
        {
            foreach (string part in block.Groups["lines"].Value.Split("\n$ "))
            {
                string[] lines = part.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                Match command = Command().Match(lines[0]);
                int? status = command.Groups["status"].Success
                    ? int.Parse(command.Groups["status"].ValueSpan, CultureInfo.InvariantCulture) : null;
                steps.Add(new PageStep(command.Groups["line"].Value, status, command.Groups["said"].Value, lines[1..]));
            }
        }

        return steps;
    }

    /// <summary>What differs between the page and what came, as sentences.</summary>
    public IEnumerable<string> Differences(string output)
    {
        string[] lines = output.Replace("\r", "", StringComparison.Ordinal).TrimEnd('\n').Split('\n');
        if (Status is { } status && !lines[0].StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal))
        {
            yield return $"{Line} is said to be {status}, and was {lines[0]}.";
        }

        if (!output.Contains(Said, StringComparison.Ordinal))
        {
            yield return $"{Line} did not say {Said}: {output}";
        }

        if (Printed is [.. var some, "…"])
        {
            foreach (string missing in some.Except(lines))
            {
                yield return $"{Line} did not print {missing}: {output}";
            }
        }
        else if (Printed.Length > 0 && !Printed.SequenceEqual(lines))
        {
            yield return $"{Line} printed something else: {output}";
        }
    }

    [GeneratedRegex(@"^```console\n\$ (?<lines>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(?<line>.*?)(?:\s+# (?<status>\d{3})(?:,? (?<said>.*))?)?$")]
    private static partial Regex Command();
}
