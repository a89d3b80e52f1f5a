using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Verbs.Cluster;

/// <summary>Events of the cluster, as a node sees it: who leads, members, alarms.</summary>
internal static class EventsVerb
{
    public static Command Make(VerbFactory make)
    {
        var limit = new Option<int?>("--limit") { Description = "End after so many", HelpName = "N" };
        Option<TimeSpan?> lasting = GlobalOptions.Durational("--for", "End after this time");
        return make.Make(
            "events", "Follow what happens to the cluster: leaders, members, alarms. The first event is how it is now.",
            ["raftkvctl events", "raftkvctl events --limit 1 -o json", "raftkvctl events --for 10m --node n2"], [limit, lasting],
            async run =>
            {
                string target = "/api/v1/events"
                    + (run.Parse.GetValue(lasting) is { } time ? $"?timeout={(long)time.TotalMilliseconds}ms" : "");
                using HttpResponseMessage answer = await run.Rest.OpenAsync(target, run.Stop).ConfigureAwait(false);
                Stream stream = await answer.Content.ReadAsStreamAsync(run.Stop).ConfigureAwait(false);
                await using (stream.ConfigureAwait(false))
                {
                    return await ShowAsync(run, stream, run.Parse.GetValue(limit)).ConfigureAwait(false);
                }
            });
    }

    private static async Task<int> ShowAsync(Invocation run, Stream stream, int? limit)
    {
        int shown = 0;
        SseParser<JsonObject?> events = SseParser.Create(stream, static (_, data) => JsonNode.Parse(data) as JsonObject);
        await foreach (SseItem<JsonObject?> item in events.EnumerateAsync(run.Stop).ConfigureAwait(false))
        {
            if (item.Data is not { } body)
            {
                continue;
            }

            run.Writer.WriteNext(
                Report.Item([("event", item.EventType), .. Facts(item.EventType, body)]),
                $"{item.EventType,-8} {Line(item.EventType, body)}");
            if (++shown == limit)
            {
                return CtlExit.Ok;
            }

            if (item.EventType == "cancel")
            {
                return CtlExit.Unavailable;
            }
        }

        return CtlExit.Ok;
    }

    private static (string, JsonNode?)[] Facts(string kind, JsonObject body) => kind switch
    {
        "state" =>
        [
            ("term", body["cluster"]?["term"]?.DeepClone()), ("leader", body["cluster"]?["leader"]?["name"]?.DeepClone()),
            ("members", new JsonArray([.. Members(body).Select(static name => (JsonNode)name)])), ("alarms", body["alarms"]?.DeepClone()),
        ],
        "leader" => [("term", body["term"]?.DeepClone()), ("leader", body["leader"]?["name"]?.DeepClone())],
        "member" or "removed" =>
        [
            ("member", body["member"]?["name"]?.DeepClone()), ("voter", body["member"]?["voter"]?.DeepClone()),
        ],
        "alarm" or "cleared" => [("kind", body["alarm"]?["kind"]?.DeepClone()), ("node", body["alarm"]?["node"]?.DeepClone())],
        _ => [("detail", body["detail"]?.DeepClone())],
    };

    private static string Line(string kind, JsonObject body) => TableText.Harmless(kind switch
    {
        "state" => $"term {body["cluster"]?["term"]}, {Name(body["cluster"]?["leader"])} leads, "
            + $"members {string.Join(", ", Members(body))}, "
            + $"{(body["alarms"] as JsonArray)?.Count ?? 0} alarms",
        "leader" => $"{Name(body["leader"])} leads in term {body["term"]}",
        "member" => $"{Name(body["member"])}, {((bool?)body["member"]?["voter"] == true ? "a voter" : "a learner")}",
        "removed" => $"{Name(body["member"])} is no member any more",
        "alarm" or "cleared" => $"{(string?)body["alarm"]?["kind"]} {(string?)body["alarm"]?["node"]}".TrimEnd(),
        _ => (string?)body["detail"] ?? "",
    });

    private static IEnumerable<string> Members(JsonObject body) =>
        (body["cluster"]?["members"] as JsonArray ?? []).Select(static member => Name(member));

    private static string Name(JsonNode? of) => (string?)of?["name"] ?? "nobody";
}
