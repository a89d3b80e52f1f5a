using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace RaftKv.Bench.Soak;

/// <summary>What a run leaves: every sample, the picture, and a page with the command and the figures.</summary>
internal static class SoakFiles
{
    internal static void Write(
        SoakOptions options, string command, IReadOnlyList<SoakSample> samples, SoakCounts counts, IReadOnlyList<string> wrong)
    {
        Directory.CreateDirectory(options.Out);
        File.WriteAllText(Path.Combine(options.Out, "soak.csv"), Csv(samples));
        string title = Text($"{options.Minutes:0.#} minutes, three nodes, {options.MemoryMiB} MiB each, {counts.Done:#,0} operations");
        File.WriteAllText(Path.Combine(options.Out, "soak.svg"), SoakSvg.Plot(title, samples, options.Duration));
        File.WriteAllText(Path.Combine(options.Out, "soak.md"), Page(options, command, samples, counts, wrong));
    }

    internal static string Csv(IReadOnlyList<SoakSample> samples)
    {
        IReadOnlyList<SoakMeasure> measures = [.. SoakMeasure.All, .. SoakMeasure.Rates];
        StringBuilder csv = new();
        csv.Append("seconds,node,").AppendJoin(',', measures.Select(static m => m.Column)).Append('\n');
        foreach (SoakSample sample in samples)
        {
            csv.Append(Text($"{sample.Seconds:0.0},{sample.Node},"))
                .AppendJoin(',', measures.Select(m => Text($"{m.Of(sample):0.##}"))).Append('\n');
        }

        return csv.ToString();
    }

    private static string Page(
        SoakOptions options, string command, IReadOnlyList<SoakSample> samples, SoakCounts counts, IReadOnlyList<string> wrong)
    {
        StringBuilder page = new();
        page.Append(Text($"# A soak of {options.Minutes:0.#} minutes\n\n"));
        page.Append(Text($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, "));
        page.Append("servers and generator on one machine.\n\n");
        page.Append(Text($"```sh\n{command}\n```\n\n"));
        page.Append(wrong.Count == 0 ? "**Flat.** Nothing grew beyond its margin.\n" : "**Not flat.**\n\n");
        foreach (string sentence in wrong)
        {
            page.Append(Text($"- {sentence}\n"));
        }

        page.Append("\n![The samples](soak.svg)\n\n");
        page.Append("The highest of the three nodes; of each third the value below which nine tenths of its samples lie.\n\n");
        page.Append("| measure | first third | second third | last third | may exceed the second by |\n|---|---:|---:|---:|---|\n");
        foreach (SoakMeasure measure in SoakMeasure.All)
        {
            string margin = Flatness.CanJudge(measure, options.Duration)
                ? Text($"{measure.MarginPercent:0} % and {measure.Slack:0}")
                : "not judged: the run is shorter than three of its windows";
            page.Append(Text($"| {measure.Name} | {Highest(0):#,0.#} | {Highest(1):#,0.#} | {Highest(2):#,0.#} | {margin} |\n"));
            double Highest(int third) => samples.GroupBy(static s => s.Node)
                .Max(node => Flatness.Value(measure, node, options.Duration, third) ?? 0);
        }

        double rate = counts.Done / options.Duration.TotalSeconds;
        page.Append(Text($"\n{counts.Done:#,0} operations, {rate:#,0} a second; {counts.Failed:#,0} failed.\n\n"));
        page.Append("| operation | done |\n|---|---:|\n");
        foreach ((string kind, long count) in counts.DoneByKind)
        {
            page.Append(Text($"| {kind} | {count:#,0} |\n"));
        }

        if (counts.Refused > 0)
        {
            page.Append(Text($"| new plain key refused, 429: the table is full | {counts.Refused:#,0} |\n"));
        }

        if (counts.Failed > 0)
        {
            page.Append("\n| failed | times |\n|---|---:|\n");
            foreach ((string kind, long count) in counts.FailedByKind)
            {
                page.Append(Text($"| {kind} | {count:#,0} |\n"));
            }
        }

        return page.ToString();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
