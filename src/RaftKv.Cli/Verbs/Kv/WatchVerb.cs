using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Cli.Processes;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Kv;

/// <summary>Changes as they come, each once and in order, over changes of leader and node; optionally a command for each.</summary>
internal static class WatchVerb
{
    public static Command Make(VerbFactory make)
    {
        var key = new Argument<string?>("key")
        {
            Description = "The key; all keys when neither it nor --prefix is given",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var prefix = new Option<string?>("--prefix") { Description = "Keys that begin so", HelpName = "PREFIX" };
        var from = new Option<long?>("--from")
        {
            Description = "First revision to show; what is to come when absent",
            HelpName = "REVISION",
        };
        var previous = new Option<bool>("--prev") { Description = "Show the value before, too" };
        var only = new Option<string?>("--only") { Description = "put or delete", HelpName = "KIND" };
        var limit = new Option<long?>("--limit") { Description = "End after so many changes", HelpName = "N" };
        var command = new Option<string?>("--exec")
        {
            Description = "Run this for each change, by the shell; the value comes on its input, the rest in RAFTKV_EVENT, _KEY, _REVISION",
            HelpName = "COMMAND",
        };
        var reads = new ReadFlags();
        only.AcceptOnlyFromAmong("put", "delete");
        return make.Make(
            "watch", "Show changes as they come, each once and in order.",
            [
                "raftkvctl watch app/flag", "raftkvctl watch --prefix app/ --from 42 --prev -o json",
                "raftkvctl watch app/config --exec 'cat > /etc/app.conf && systemctl reload app'",
            ],
            [key, prefix, from, previous, only, limit, command, reads.Level],
            async run =>
            {
                RaftKvRange range = (run.Parse.GetValue(key), run.Parse.GetValue(prefix)) switch
                {
                    ({ } one, null) => RaftKvRange.Single(KeyText.Parse(one)),
                    (null, var many) => KeyText.ParsePrefix(many),
                    _ => throw CtlException.Usage("Give one of a key and --prefix."),
                };
                var options = new WatchOptions
                {
                    StartRevision = run.Parse.GetValue(from),
                    WithPreviousValues = run.Parse.GetValue(previous),
                    Only = run.Parse.GetValue(only) is { } kind ? Enum.Parse<WatchEventType>(kind, ignoreCase: true) : null,
                    Level = run.Parse.GetValue(reads.Level) is { } level ? LevelWords.Parse(level) : null,
                    Connected = node => Say(run, $"-- watching at {node.ServedBy}, from revision {node.Revision} on"),
                    Disconnected = failure => Say(run, $"-- the stream broke ({failure.Message}); it goes on at another node"),
                };
                return await RunAsync(run, range, options, run.Parse.GetValue(limit), run.Parse.GetValue(command)).ConfigureAwait(false);
            });
    }

    private static async Task<int> RunAsync(Invocation run, RaftKvRange range, WatchOptions options, long? limit, string? command)
    {
        long shown = 0;
        await foreach (WatchEvent change in run.Client.WatchAsync(range, options, run.Stop).ConfigureAwait(false))
        {
            Show(run, change, options.WithPreviousValues);
            if (command is not null)
            {
                int exit = await ShellCommand.RunAsync(command, change.Entry.Value, Variables(change), run.Stop).ConfigureAwait(false);
                if (exit != 0)
                {
                    run.Console.Error.WriteLine($"raftkvctl: the command ended with {exit} for revision {change.Revision}.");
                    return CtlExit.Failed;
                }
            }

            if (++shown == limit)
            {
                break;
            }
        }

        return CtlExit.Ok;
    }

    private static void Show(Invocation run, WatchEvent change, bool withPrevious)
    {
        string value = KeyText.ValueText(change.Entry.Value.Span, out _);
        string? previous = change.Previous is { } before ? KeyText.ValueText(before.Value.Span, out _) : null;
        bool isPut = change.Type == WatchEventType.Put;
        List<(string, JsonNode?)> facts =
        [
            ("revision", change.Revision), ("event", isPut ? "put" : "delete"), ("reason", change.Reason.ToString().ToLowerInvariant()),
            ("key", change.Key.ToString()), ("value", isPut ? value : null),
        ];
        if (withPrevious)
        {
            facts.Add(("previous", previous));
        }

        string was = withPrevious ? $"   (was {(previous is null ? "missing" : TableText.Harmless(previous))})" : "";
        string line = isPut
            ? $"{change.Revision}  put     {TableText.Harmless(change.Key.ToString())} = {TableText.Harmless(value)}{was}"
            : $"{change.Revision}  {change.Reason.ToString().ToLowerInvariant(),-7} {TableText.Harmless(change.Key.ToString())}{was}";
        run.Writer.WriteNext(Report.Item(facts) with { ValueColumn = "value" }, line);
    }

    private static Dictionary<string, string> Variables(WatchEvent change) => new()
    {
        ["RAFTKV_EVENT"] = change.Type == WatchEventType.Put ? "put" : "delete",
        ["RAFTKV_REASON"] = change.Reason.ToString().ToLowerInvariant(),
        ["RAFTKV_KEY"] = change.Key.ToString(),
        ["RAFTKV_REVISION"] = change.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static void Say(Invocation run, string line)
    {
        if (run.Writer.Format == OutputFormat.Table)
        {
            run.Console.Error.WriteLine(line);
        }
    }
}
