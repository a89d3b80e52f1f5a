using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Verbs.Cluster;

/// <summary>A look into a node's log, and what became of a write.</summary>
internal static class LogVerb
{
    public static IEnumerable<Command> All(VerbFactory make) => [Log(make), Operation(make)];

    private static Command Log(VerbFactory make)
    {
        var from = new Option<long?>("--from") { Description = "The first entry; the newest ones when absent", HelpName = "INDEX" };
        var limit = new Option<int?>("--limit") { Description = "Most entries, 1 to 1000; default 100", HelpName = "N" };
        return make.Make(
            "log", "Show entries of a node's log, decoded, without values. Once rights are in force it is root's.",
            ["raftkvctl log --limit 20", "raftkvctl log --from 1 --node n2 -o json"], [from, limit],
            async run =>
            {
                var query = new List<string>();
                if (run.Parse.GetValue(from) is { } index)
                {
                    query.Add(string.Create(CultureInfo.InvariantCulture, $"startIndex={index}"));
                }

                if (run.Parse.GetValue(limit) is { } most)
                {
                    query.Add(string.Create(CultureInfo.InvariantCulture, $"limit={most}"));
                }

                string target = "/api/v1/log" + (query.Count == 0 ? "" : "?" + string.Join('&', query));
                JsonObject log = await run.Rest.SendAsync(HttpMethod.Get, target, null, run.Stop).ConfigureAwait(false);
                return run.Answer(
                    Report.List(
                        ["index", "term", "kind", "command", "bytes", "user", "origin", "text"],
                        (log["entries"] as JsonArray ?? []).Select(static entry => new JsonNode?[]
                        {
                            Part(entry!, "index"), Part(entry!, "term"), Part(entry!, "kind"), Part(entry!, "command"),
                            Part(entry!, "bytes"), Part(entry!, "user"), Part(entry!, "origin"), Part(entry!, "text"),
                        })) with
                    {
                        ValueColumn = "text",
                        Note = $"The log begins at {log["firstIndex"]}; applied up to {log["appliedIndex"]}."
                            + (log["nextIndex"] is { } next ? $" More: --from {next}" : ""),
                    });
            });
    }

    private static Command Operation(VerbFactory make)
    {
        var id = new Argument<string>("id") { Description = "As a 202, an unknown outcome, or member add told it" };
        return make.Make(
            "operation", "Ask what became of a write, or how far a change of members is.",
            ["raftkvctl operation 0000000000000001-0000000000000001-1"], [id],
            async run =>
            {
                string target = "/api/v1/operations/" + Uri.EscapeDataString(run.Parse.GetRequiredValue(id));
                JsonObject operation = await run.Rest.SendAsync(HttpMethod.Get, target, null, run.Stop).ConfigureAwait(false);
                string state = (string?)operation["state"] ?? "";
                return run.Answer(
                    Report.Item(
                        ("operation", Part(operation, "id")), ("state", state), ("revision", Part(operation, "revision")),
                        ("phase", operation["progress"]?["phase"]?.DeepClone()), ("detail", Part(operation, "detail"))) with
                    {
                        ValueColumn = "state",
                    },
                    state switch { "applied" => CtlExit.Ok, "not-applied" => CtlExit.Failed, _ => CtlExit.Unknown });
            });
    }

    private static JsonNode? Part(JsonNode of, string name) => of[name]?.DeepClone();
}
