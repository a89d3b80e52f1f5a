using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Lab;

namespace RaftKv.Cli.Verbs.Lab;

/// <summary>Commands the links of a cluster that <c>raftkv dev --lab</c> runs.</summary>
internal static class LabVerbs
{
    private const string Variable = "RAFTKV_LAB";
    private const string DefaultUrl = "http://127.0.0.1:2388";

    public static Command All(VerbFactory make)
    {
        var lab = new Option<string?>("--lab")
        {
            Description = "Where the lab listens, as raftkv dev --lab prints it (RAFTKV_LAB)",
            HelpName = "URL",
            Recursive = true,
        };
        Command group = make.Group(
            "lab", "Hold, delay and cut the links of a cluster that raftkv dev --lab runs; pause its nodes.",
            Show(make, lab), Hold(make, lab), Cut(make, lab), Delay(make, lab), Partition(make, lab), Pause(make, lab, "pause"),
            Pause(make, lab, "resume"), Heal(make, lab));
        group.Add(lab);
        return group;
    }

    private static Command Show(VerbFactory make, Option<string?> lab) => make.Make(
        "show", "Show nodes and links as they are.", ["raftkv lab show"], [], async run =>
            Answer(run, await TellAsync(run, lab).ConfigureAwait(false)));

    private static Command Hold(VerbFactory make, Option<string?> lab)
    {
        Argument<string> node = Node();
        Option<string?> to = To();
        return make.Make(
            "hold", "Keep all that a node sends and is sent, as a network that loses every packet; heal passes it on.",
            ["raftkv lab hold n2", "raftkv lab hold leader", "raftkv lab hold n1 --to n3"], [node, to],
            run => DoAsync(run, lab, "hold", node, to));
    }

    private static Command Cut(VerbFactory make, Option<string?> lab)
    {
        Argument<string> node = Node();
        Option<string?> to = To();
        return make.Make(
            "cut", "Close a node's connections to its peers, and refuse new ones.",
                ["raftkv lab cut leader", "raftkv lab cut n1 --to n3"], [node, to],
            run => DoAsync(run, lab, "cut", node, to));
    }

    private static Command Delay(VerbFactory make, Option<string?> lab)
    {
        Argument<string> node = Node();
        var delay = new Argument<string>("time") { Description = "How much longer each way takes, such as 200ms; 0ms for no longer" };
        return make.Make(
            "delay", "Make the ways to and from a node longer.", ["raftkv lab delay n3 200ms"], [node, delay],
            async run =>
            {
                string text = run.Parse.GetRequiredValue(delay);
                if (!Contract.Durations.TryParse(text, out TimeSpan span))
                {
                    throw CtlException.Usage($"'{text}' is no time: it is {Contract.Durations.Form}.");
                }

                var command = new JsonObject { ["do"] = "delay", ["delayMs"] = (long)span.TotalMilliseconds };
                return await DoAsync(run, lab, command, run.Parse.GetRequiredValue(node), to: null).ConfigureAwait(false);
            });
    }

    private static Command Partition(VerbFactory make, Option<string?> lab)
    {
        var groups = new Argument<string[]>("groups")
        {
            Description = "Nodes that hear each other, separated by commas",
            Arity = ArgumentArity.OneOrMore,
        };
        return make.Make(
            "partition", "Hold every link between nodes of different groups; who is in no group is alone.",
            ["raftkv lab partition n1 n2,n3", "raftkv lab partition n1,n2"], [groups],
            run => SendAsync(run, lab, new JsonObject
            {
                ["do"] = "partition",
                ["groups"] = new JsonArray([.. run.Parse.GetRequiredValue(groups).Select(static group =>
                    (JsonNode)new JsonArray([.. group.Split(',').Select(static name => (JsonNode)name)]))]),
            }));
    }

    private static Command Pause(VerbFactory make, Option<string?> lab, string verb)
    {
        Argument<string> node = Node();
        return make.Make(
            verb, verb == "pause" ? "Make a node's process stand still, as a machine that swaps." : "Let a paused node go on.",
            [$"raftkv lab {verb} n1"], [node], run => DoAsync(run, lab, verb, node, to: null));
    }

    private static Command Heal(VerbFactory make, Option<string?> lab) => make.Make(
        "heal", "Open every link, without delays, and let paused nodes go on.", ["raftkv lab heal"], [],
        run => SendAsync(run, lab, new JsonObject { ["do"] = "heal" }));

    private static Task<int> DoAsync(Invocation run, Option<string?> lab, string verb, Argument<string> node, Option<string?>? to) =>
        DoAsync(run, lab, new JsonObject { ["do"] = verb }, run.Parse.GetRequiredValue(node), to is null ? null : run.Parse.GetValue(to));

    private static async Task<int> DoAsync(Invocation run, Option<string?> lab, JsonObject command, string node, string? to)
    {
        command["node"] = await NameAsync(run, lab, node).ConfigureAwait(false);
        if (to is not null)
        {
            command["to"] = await NameAsync(run, lab, to).ConfigureAwait(false);
        }

        return await SendAsync(run, lab, command).ConfigureAwait(false);
    }

    // "leader" is whoever says so of itself in the highest term.
    private static async Task<string> NameAsync(Invocation run, Option<string?> lab, string node)
    {
        if (node != "leader")
        {
            return node;
        }

        JsonObject told = await TellAsync(run, lab).ConfigureAwait(false);
        (string? Name, long Term) best = (null, -1);
        foreach (JsonNode? one in told["nodes"] as JsonArray ?? [])
        {
            try
            {
                JsonObject status = await run.Rest.SendAsync(
                    new Uri((string)one!["clientUrl"]!), HttpMethod.Get, "/api/v1/status", null, run.Stop).ConfigureAwait(false);
                if ((string?)status["role"] == "leader" && (long?)status["term"] is { } term && term > best.Term)
                {
                    best = ((string?)one["name"], term);
                }
            }
            catch (HttpRequestException)
            {
                // It is down; another one leads, or none.
            }
        }

        return best.Name ?? throw new CtlException(CtlExit.Unavailable, "No node leads at present.");
    }

    private static async Task<int> SendAsync(Invocation run, Option<string?> lab, JsonObject command)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url(run, lab))
        {
            Content = new StringContent(command.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add(LabControl.Header, "1");
        return Answer(run, await SendAsync(run, request).ConfigureAwait(false));
    }

    private static async Task<JsonObject> TellAsync(Invocation run, Option<string?> lab)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(run, lab));
        return await SendAsync(run, request).ConfigureAwait(false);
    }

    private static async Task<JsonObject> SendAsync(Invocation run, HttpRequestMessage request)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await run.Http.SendAsync(request, run.Stop).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            throw new CtlException(
                CtlExit.Unavailable, $"No lab listens at {request.RequestUri}; start one by raftkv dev --lab, or say --lab URL.");
        }

        using (answer)
        {
            var told = JsonNode.Parse(await answer.Content.ReadAsStringAsync(run.Stop).ConfigureAwait(false)) as JsonObject ?? [];
            return answer.IsSuccessStatusCode ? told
                : throw CtlException.Usage((string?)told["detail"] ?? $"The lab answers {(int)answer.StatusCode}.");
        }
    }

    private static int Answer(Invocation run, JsonObject told) => run.Answer(
        Report.List(["from", "to", "state", "delayMs"], (told["links"] as JsonArray ?? []).Select(static link => new JsonNode?[]
        {
            link!["from"]?.DeepClone(), link["to"]?.DeepClone(), link["state"]?.DeepClone(), link["delayMs"]?.DeepClone(),
        })) with
        {
            ValueColumn = "state",
            Note = (told["nodes"] as JsonArray ?? []).Where(static node => (bool?)node!["paused"] == true)
                .Select(static node => (string?)node!["name"])
                .ToList() is { Count: > 0 } paused ? $"Paused: {string.Join(", ", paused)}." : null,
        });

    private static Uri Url(Invocation run, Option<string?> lab)
    {
        string text = run.Parse.GetValue(lab) ?? Environment.GetEnvironmentVariable(Variable) ?? DefaultUrl;
        return Uri.TryCreate(text.TrimEnd('/') + "/lab", UriKind.Absolute, out Uri? url) ? url
            : throw CtlException.Usage($"'{text}' is no address.");
    }

    private static Argument<string> Node() => new("node") { Description = "A node's name, or leader" };

    private static Option<string?> To() => new("--to") { Description = "Only what the first node sends to this one", HelpName = "NODE" };
}
