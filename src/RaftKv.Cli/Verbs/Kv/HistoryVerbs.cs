using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Kv;

/// <summary>A key through its revisions: history, diff, edit.</summary>
internal static class HistoryVerbs
{
    public static IEnumerable<Command> All(VerbFactory make) => [History(make), Diff(make), Edit(make)];

    private static Command History(VerbFactory make)
    {
        var key = new Argument<string>("key") { Description = "The key" };
        var limit = new Option<int>("--limit")
        {
            Description = "Most versions, newest first",
            HelpName = "N",
            DefaultValueFactory = static _ => 100,
        };
        var reads = new ReadFlags();
        return make.Make(
            "history", "Show a key's versions since the last compaction, deletions too.",
            ["raftkvctl history app/flag", "raftkvctl history app/flag --limit 5 -o json"], [key, limit, .. reads.All],
            async run =>
            {
                HistoryResult history = await run.Client.HistoryAsync(
                    KeyText.Parse(run.Parse.GetRequiredValue(key)), run.Parse.GetValue(limit), run.Reads(reads), run.Stop)
                        .ConfigureAwait(false);
                return run.Answer(
                    Report.List(["modRevision", "version", "event", "value"], history.Versions.Select(static version => new JsonNode?[]
                    {
                        version.ModRevision, version.Version, version.IsDeletion ? "delete" : "put",
                        version.IsDeletion ? null : KeyText.ValueText(version.Value.Span, out _),
                    })) with
                    {
                        ValueColumn = "value",
                        Answer = history.Metadata,
                        Note = history.HasMore ? "There are more; --limit shows them." : null,
                    },
                    history.Versions.Count == 0 ? CtlExit.NotFound : CtlExit.Ok);
            });
    }

    private static Command Diff(VerbFactory make)
    {
        var key = new Argument<string>("key") { Description = "The key" };
        var from = new Argument<long>("from") { Description = "The older revision" };
        var to = new Argument<long?>("to")
        {
            Description = "The newer revision; the present one when absent",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var reads = new ReadFlags();
        return make.Make(
            "diff", "Show what changed in a key between two revisions, by lines. Exit code 1 when something did.",
            ["raftkvctl diff app/config 17", "raftkvctl diff app/config 17 42"], [key, from, to, .. reads.All],
            async run =>
            {
                RaftKvKey name = KeyText.Parse(run.Parse.GetRequiredValue(key));
                ReadOptions options = run.Reads(reads);
                long older = run.Parse.GetValue(from);
                GetResult before = await run.Client.TryGetAsync(name, options with { Revision = older }, run.Stop).ConfigureAwait(false);
                GetResult after = await run.Client
                    .TryGetAsync(name, options with { Revision = run.Parse.GetValue(to) ?? options.Revision }, run.Stop)
                        .ConfigureAwait(false);
                List<(char Mark, string Line)> lines = LineDiff.Of(Lines(before), Lines(after));
                bool isChanged = lines.Exists(static line => line.Mark != ' ');
                if (run.Writer.Format != OutputFormat.Table)
                {
                    return run.Answer(
                        Report.List(["mark", "line"], lines.Select(static line => new JsonNode?[] { line.Mark.ToString(), line.Line })) with
                        {
                            ValueColumn = "line",
                            Answer = after.Metadata,
                        },
                        isChanged ? CtlExit.Failed : CtlExit.Ok);
                }

                run.Console.Out.WriteLine($"--- {TableText.Harmless(name.ToString())} at {Facts(before)}");
                run.Console.Out.WriteLine($"+++ {TableText.Harmless(name.ToString())} at {Facts(after)}");
                lines.ForEach(line => run.Console.Out.WriteLine($"{line.Mark}{TableText.Harmless(line.Line)}"));
                run.Console.Out.WriteLine(Report.Footer(after.Metadata));
                return isChanged ? CtlExit.Failed : CtlExit.Ok;
            });
    }

    private static Command Edit(VerbFactory make)
    {
        var key = new Argument<string>("key") { Description = "The key" };
        var writes = new WriteFlags();
        return make.Make(
            "edit", "Change a key's value in $VISUAL or $EDITOR. It is written only if nobody else has changed it meanwhile.",
            ["raftkvctl edit app/config", "EDITOR=nano raftkvctl edit app/config"], [key, .. writes.All],
            async run =>
            {
                RaftKvKey name = KeyText.Parse(run.Parse.GetRequiredValue(key));
                KeyValueEntry? entry = await run.Client.GetAsync(name, ReadLevel.Linearizable, run.Stop).ConfigureAwait(false);
                byte[] before = entry?.Value.ToArray() ?? [];
                byte[] after = await InEditorAsync(before, run.Stop).ConfigureAwait(false);
                if (after.AsSpan().SequenceEqual(before))
                {
                    run.Console.Error.WriteLine("Nothing changed.");
                    return CtlExit.Ok;
                }

                PutResult put = await run.Client
                    .CompareAndSetAsync(name, Precondition.Unchanged(entry), after, run.Writes(writes), run.Stop).ConfigureAwait(false);
                return run.Answer(KvVerbs.Written(name, put));
            });
    }

    private static async Task<byte[]> InEditorAsync(byte[] value, CancellationToken stop)
    {
        string editor = Environment.GetEnvironmentVariable("VISUAL") ?? Environment.GetEnvironmentVariable("EDITOR") ?? "vi";
        DirectoryInfo directory = Directory.CreateTempSubdirectory("raftkvctl-");
        try
        {
            string file = Path.Combine(directory.FullName, "value");
            await File.WriteAllBytesAsync(file, value, stop).ConfigureAwait(false);
            string[] words = editor.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            using Process process = Process.Start(new ProcessStartInfo(words[0], [.. words[1..], file]))
                ?? throw CtlException.Usage($"{editor} does not start.");
            await process.WaitForExitAsync(stop).ConfigureAwait(false);
            return process.ExitCode == 0
                ? await File.ReadAllBytesAsync(file, stop).ConfigureAwait(false)
                : throw new CtlException(CtlExit.Failed, $"{editor} ended with {process.ExitCode}; nothing was written.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw CtlException.Usage($"{editor} does not start: {e.Message}");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string[] Lines(GetResult got) =>
        got.Entry is { } entry ? KeyText.ValueText(entry.Value.Span, out _).Split('\n') : [];

    private static string Facts(GetResult got) => got.Entry is { } entry ? $"revision {entry.ModRevision}" : "missing";
}
