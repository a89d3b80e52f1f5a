using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Reports;

/// <summary>Everything that a run leaves behind.</summary>
internal static class Report
{
    /// <summary>Checks a history and writes it, twice, with results, timeline, plots and the line that runs it again.</summary>
    public static async Task<RunResult> WriteAsync(RunOptions options, IReadOnlyList<HistoryLine> history)
    {
        string At(string name) => Path.Combine(options.Directory, name);

        // The history first: a checker that falls over must not take it along.
        HistoryFile.Write(At("history.jsonl"), history);
        Edn.Write(At("history.edn"), history);
        RunResult result = HistoryCheck.Check(history);
        await File.WriteAllTextAsync(At("results.json"), result.ToJson());
        await File.WriteAllTextAsync(At("timeline.html"), TimelinePage.Render(history, result));
        await File.WriteAllTextAsync(At("repro.sh"), $"#!/bin/sh\n# Processes keep their own time: the run is alike, not identical.\n{result.Reproduce}\n");
        Plots.Write(options.Directory, history);
        return result;
    }
}
