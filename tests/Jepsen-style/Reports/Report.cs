using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Reports;

/// <summary>Everything that a run leaves behind.</summary>
internal static class Report
{
    /// <summary>Checks a history and writes it, twice, with results, timeline, plots and the line that runs it again.</summary>
    /// <param name="directory">Where to; made when missing.</param>
    public static async Task<RunResult> WriteAsync(RunOptions options, string directory, IReadOnlyList<HistoryLine> history)
    {
        string At(string name) => Path.Combine(directory, name);
        Directory.CreateDirectory(directory);

        // The history first: a checker that falls over must not take it along.
        HistoryFile.Write(At("history.jsonl"), history);
        Edn.Write(At("history.edn"), history);
        RunResult result = HistoryCheck.Check(history);
        await File.WriteAllTextAsync(At("results.json"), result.ToJson());
        await File.WriteAllTextAsync(At("timeline.html"), TimelinePage.Render(history, result));
        await File.WriteAllTextAsync(At("repro.sh"), $"#!/bin/sh\n# Processes keep their own time: the run is alike, not identical.\n{options.ReproduceLine}\n");
        Plots.Write(directory, history);
        return result;
    }
}
