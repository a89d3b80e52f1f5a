using System.Globalization;
using System.Text;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Reports;

/// <summary>The page of evidence, from what matrices left behind. Nobody edits it by hand.</summary>
internal static class Evidence
{
    /// <summary>
    /// Renders the page from directories with a summary.json; a directory may hold notes.md with a paragraph on how it
    /// came about, simulator.txt with the last lines of a simulator run, and simulator*.json as its option --summary writes.
    /// </summary>
    public static string Render(IReadOnlyList<string> directories)
    {
        var text = new StringBuilder("""
            # Evidence

            Generated from the summaries that actual runs left behind, by
            `dotnet run -c Release --project tests/Jepsen-style -- evidence --out docs/evidence.md DIR…`; not edited by hand.
            What a verdict means is in tests/Jepsen-style and GUARANTEES.md; what the faults are, in [fault-model.md](fault-model.md); what was found
            on the way, in [bugs.md](bugs.md). A valid run is evidence, not proof: zero violations in N independent runs means a rate below
            3/N at 95 % confidence. "Undecided" counts neither way: the faults or the work did not happen, or a checker ran out of time.


            """);
        var all = new List<MatrixCell>();
        var sections = new StringBuilder();
        foreach (string directory in directories)
        {
            string title = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));
            sections.AppendLine(CultureInfo.InvariantCulture, $"\n## {title}\n");
            Paste(sections, Path.Combine(directory, "notes.md"), "", "\n");
            string summaryFile = Path.Combine(directory, "summary.json");
            if (File.Exists(summaryFile))
            {
                MatrixSummary summary = MatrixSummary.Read(summaryFile);
                all.AddRange(summary.Cells);
                sections.Append(summary.ToMarkdown());
            }

            Paste(sections, Path.Combine(directory, "simulator.txt"), "```text\n", "```\n");
        }

        text.AppendLine("## Sum of the matrices\n");
        foreach (string line in MatrixSummary.Totals(all))
        {
            text.AppendLine("- " + line);
        }

        text.AppendLine("\nHow often each fault happened in decided runs:\n\n| fault | times |\n|---|---|");
        foreach ((string fault, int count) in FaultTally.Of(all))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {Explain(fault)} | {count} |");
        }

        return text.Append(SimulatorEvidence.Render(directories)).Append(sections).ToString();
    }

    private static string Explain(string fault) => fault switch
    {
        "kills" => "kill -9, by process",
        "pauses" => "SIGSTOP and SIGCONT, by process",
        _ => fault,
    };

    private static void Paste(StringBuilder text, string file, string before, string after)
    {
        if (File.Exists(file))
        {
            text.Append(before).AppendLine(File.ReadAllText(file).TrimEnd()).Append(after);
        }
    }
}
