using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Cluster;

/// <summary>Upkeep of the store: compact, alarm, advise.</summary>
internal static class UpkeepVerbs
{
    public static IEnumerable<Command> All(VerbFactory make) => [Compact(make), Alarm(make), Advise(make)];

    private static Command Compact(VerbFactory make)
    {
        var revision = new Argument<long>("revision") { Description = "The oldest revision that will still be readable" };
        return make.Make(
            "compact", "Forget versions that no read at or after a revision can see.", ["raftkvctl compact 1000"], [revision],
            async run =>
            {
                CompactResult result = await run.Client.CompactAsync(run.Parse.GetValue(revision), run.Stop).ConfigureAwait(false);
                return run.Answer(Report.Item(("compactedRevision", result.Revision)) with { Answer = result.Metadata });
            });
    }

    private static Command Alarm(VerbFactory make)
    {
        var kind = new Argument<string>("kind") { Description = "NOSPACE or CORRUPT" };
        var reads = new ReadFlags();
        Command list = make.Make(
            "list", "List the alarms that are raised; exit code 1 when there is one.",
            ["raftkvctl alarm list", "raftkvctl alarm list --level eventual --node n2"], reads.OfNow,
            async run =>
            {
                (JsonObject answer, ResponseMetadata said) =
                    await run.Rest.ReadAsync("/api/v1/alarms", run.Reads(reads), run.Stop).ConfigureAwait(false);
                var alarms = (answer["alarms"] as JsonArray)!;
                return run.Answer(
                    Report.List(["kind", "node", "cause"], alarms.Select(static alarm => new JsonNode?[]
                    {
                        alarm!["kind"]?.DeepClone(), alarm["node"]?.DeepClone(), alarm["cause"]?.DeepClone(),
                    })) with
                    {
                        Answer = said,
                    },
                    alarms.Count == 0 ? CtlExit.Ok : CtlExit.Failed);
            });
        Command clear = make.Make(
            "clear", "Clear an alarm that no reason holds any more.", ["raftkvctl alarm clear NOSPACE"], [kind],
            async run =>
            {
                string asked = run.Parse.GetRequiredValue(kind);
                bool isCleared = await run.Client.Quotas.ClearAlarmAsync(asked, run.Stop).ConfigureAwait(false);
                return run.Answer(Report.Item(("cleared", isCleared), ("kind", asked)), isCleared ? CtlExit.Ok : CtlExit.NotFound);
            });
        return make.Group("alarm", "Alarms: what keeps the store from taking writes.", list, clear);
    }

    private static Command Advise(VerbFactory make)
    {
        var stale = new Option<bool>("--never-stale") { Description = "A read must see every write that was acknowledged before it began" };
        var own = new Option<bool>("--own-writes") { Description = "A client must see what it has written itself" };
        var cause = new Option<bool>("--cause-before-effect") { Description = "An effect must never be seen without its cause" };
        var partition = new Option<bool>("--available-in-partition") { Description = "Reads must be answered without a majority" };
        Option<TimeSpan?> age = GlobalOptions.Durational("--max-age", "How old an answer may be");
        var share = new Option<double?>("--read-share") { Description = "Reads among all requests, 0 to 1", HelpName = "SHARE" };
        return make.Make(
            "advise", "Say what a read must promise; get the weakest level that does, its headers, and why.",
            ["raftkvctl advise --own-writes --read-share 0.95", "raftkvctl advise --max-age 500ms -o json"],
            [stale, own, cause, partition, age, share],
            async run =>
            {
                var body = new JsonObject();
                Wish("mustNeverBeStale", stale);
                Wish("ownWritesVisible", own);
                Wish("causeBeforeEffect", cause);
                Wish("availableInPartition", partition);
                if (run.Parse.GetValue(age) is { } oldest)
                {
                    body["maxStalenessMs"] = (long)oldest.TotalMilliseconds;
                }

                if (run.Parse.GetValue(share) is { } part)
                {
                    body["readShare"] = part;
                }

                JsonObject advice = await run.Rest.SendAsync(HttpMethod.Post, "/api/v1/consistency/advice", body, run.Stop)
                    .ConfigureAwait(false);
                return run.Answer(Report.Item(
                    ("level", advice["level"]?.DeepClone()),
                    ("headers",
                        new JsonArray([.. (advice["headers"] as JsonObject ?? [])
                            .Select(static pair => (JsonNode)$"{pair.Key}: {pair.Value}")])),
                    ("reasons", advice["reasons"]?.DeepClone()), ("tradeOffs", advice["tradeOffs"]?.DeepClone()),
                    ("contradictions", advice["contradictions"]?.DeepClone())));

                void Wish(string name, Option<bool> option)
                {
                    if (run.Parse.GetValue(option))
                    {
                        body[name] = true;
                    }
                }
            });
    }
}
