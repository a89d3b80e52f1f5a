using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Kv;

/// <summary>Many keys: ls and tree.</summary>
internal static class ListVerbs
{
    private const int DefaultLimit = 1_000;

    public static IEnumerable<Command> All(VerbFactory make) => [Ls(make), Tree(make)];

    private static Command Ls(VerbFactory make)
    {
        Argument<string?> prefix = Prefix();
        Option<int> limit = Limit();
        var keysOnly = new Option<bool>("--keys-only", "-k") { Description = "Leave the values out" };
        var count = new Option<bool>("--count") { Description = "Only how many there are, and what they take" };
        var descending = new Option<bool>("--desc") { Description = "Largest key first" };
        var reads = new ReadFlags();
        return make.Make(
            "ls", "List keys, all of one revision.",
            ["raftkvctl ls app/", "raftkvctl ls app/ --keys-only -o value", "raftkvctl ls --count", "raftkvctl ls app/ --at 42 -o yaml"],
            [prefix, limit, keysOnly, count, descending, .. reads.All],
            async run =>
            {
                RaftKvRange range = KeyText.ParsePrefix(run.Parse.GetValue(prefix));
                ReadOptions options = run.Reads(reads);
                if (run.Parse.GetValue(count))
                {
                    CountResult counted = await run.Client.CountAsync(range, options, run.Stop).ConfigureAwait(false);
                    return run.Answer(
                        Report.Item(("count", counted.Count), ("bytes", counted.Bytes)) with { Answer = counted.Metadata });
                }

                bool isShort = run.Parse.GetValue(keysOnly);
                var walk = new RangeOptions { KeysOnly = isShort, Descending = run.Parse.GetValue(descending) };
                (List<KeyValueEntry> entries, bool hasMore) = await ReadAsync(run, range, walk, options, run.Parse.GetValue(limit))
                    .ConfigureAwait(false);
                string[] columns = isShort ? ["key", "modRevision"] : ["key", "value", "encoding", "modRevision", "version", "lease"];
                return run.Answer(Report.List(columns, entries.Select(entry => Row(entry, columns))) with
                {
                    ValueColumn = isShort ? "key" : "value",
                    Answer = entries.FirstOrDefault()?.Metadata,
                    Note = hasMore ? $"There are more; --limit shows them." : null,
                });
            });
    }

    private static Command Tree(VerbFactory make)
    {
        Argument<string?> prefix = Prefix();
        Option<int> limit = Limit();
        var reads = new ReadFlags();
        return make.Make(
            "tree", "Show keys as a tree, parted at slashes.", ["raftkvctl tree", "raftkvctl tree app/ --limit 10000"],
            [prefix, limit, .. reads.All],
            async run =>
            {
                string root = run.Parse.GetValue(prefix) ?? "";
                RaftKvRange range = KeyText.ParsePrefix(root);
                ReadOptions options = run.Reads(reads);
                (List<KeyValueEntry> entries, bool hasMore) = await ReadAsync(
                    run, range, new RangeOptions(), options, run.Parse.GetValue(limit)).ConfigureAwait(false);
                if (run.Writer.Format != OutputFormat.Table)
                {
                    return run.Answer(Report.List(["key", "value"], entries.Select(static entry => Row(entry, ["key", "value"]))) with
                    {
                        Answer = entries.FirstOrDefault()?.Metadata,
                    });
                }

                // Sums that the node has: nothing is read for them, however many keys there are.
                CountResult whole = await run.Client.CountAsync(range, options, run.Stop).ConfigureAwait(false);
                string size = whole.Bytes is { } bytes ? $"; all kept versions take {bytes} bytes" : "";
                WriteTree(run.Console.Out, root, entries);
                run.Console.Out.WriteLine(hasMore
                    ? $"{entries.Count} of {whole.Count} keys; --limit shows more{size}." : $"{entries.Count} keys{size}.");
                if (entries.Count > 0)
                {
                    run.Console.Out.WriteLine(Report.Footer(entries[0].Metadata));
                }

                return CtlExit.Ok;
            });
    }

    private static Argument<string?> Prefix() =>
        new("prefix") { Description = "Keys that begin so; all when absent", Arity = ArgumentArity.ZeroOrOne };

    private static Option<int> Limit() =>
        new("--limit") { Description = "Most keys", HelpName = "N", DefaultValueFactory = static _ => DefaultLimit };

    private static async Task<(List<KeyValueEntry> Entries, bool HasMore)> ReadAsync(
        Invocation run, RaftKvRange range, RangeOptions walk, ReadOptions options, int limit)
    {
        if (limit < 1)
        {
            throw CtlException.Usage("--limit is 1 or more.");
        }

        var entries = new List<KeyValueEntry>();
        await foreach (KeyValueEntry entry in run.Client
            .RangeAsync(range, walk with { PageSize = Math.Min(limit + 1, 1_000) }, options, run.Stop).ConfigureAwait(false))
        {
            if (entries.Count == limit)
            {
                return (entries, HasMore: true);
            }

            entries.Add(entry);
        }

        return (entries, HasMore: false);
    }

    private static JsonNode?[] Row(KeyValueEntry entry, string[] columns)
    {
        var facts = KeyText.Facts(entry).ToDictionary(static fact => fact.Name, static fact => fact.Value);
        return [.. columns.Select(column => facts[column])];
    }

    // A folder's line is written when the first key in it comes; keys are in order, so each folder comes once.
    private static void WriteTree(TextWriter output, string root, List<KeyValueEntry> entries)
    {
        string[] open = [];
        foreach (KeyValueEntry entry in entries)
        {
            string name = entry.Key.ToString();
            string[] parts = (name.StartsWith(root, StringComparison.Ordinal) ? name[root.Length..] : name).Split('/');
            int common = 0;
            while (common < Math.Min(open.Length, parts.Length - 1) && open[common] == parts[common])
            {
                common++;
            }

            for (int depth = common; depth < parts.Length - 1; depth++)
            {
                output.WriteLine($"{Indent(depth)}{TableText.Harmless(parts[depth])}/");
            }

            string value = TableText.Harmless(KeyText.ValueText(entry.Value.Span, out _));
            output.WriteLine($"{Indent(parts.Length - 1)}{TableText.Harmless(parts[^1])} = {Short(value)}");
            open = parts[..^1];
        }
    }

    private static string Indent(int depth) => new(' ', 2 * depth);

    private static string Short(string value) => value.Length <= 60 ? value : value[..59] + "…";
}
