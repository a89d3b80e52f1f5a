using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Verbs.Cluster;

/// <summary>
/// Changes of the members: add, remove, promote, demote, replace, each an operation whose progress is shown; and who leads, and who
/// is to be stopped.
/// </summary>
internal static class MemberVerbs
{
    private const string Root = "/api/v1/cluster/members";
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(300);

    public static Command All(VerbFactory make) => make.Group(
        "member", "Change the members: one or several steps of joint consensus, never two quorums at once.",
        Add(make), One(make, "remove", "Take a member out; its data stays where it is.", HttpMethod.Delete, ""),
        One(make, "promote", "Give a learner a vote, as soon as it has caught up.", HttpMethod.Post, "/promote"),
        One(make, "demote", "Take a member's vote; it goes on to receive the log.", HttpMethod.Post, "/demote"),
        Replace(make),
        Ask(
            make, "transfer", "/lead",
            "Hand leadership to a member; exit code 6 when it was not seen to lead in time, and may yet."),
        Ask(
            make, "drain", "/drain",
            "Make a node ready to be stopped: no leadership, not ready, no watches, no writes. Only a restart brings it back. Refused when"
                + " nobody would be left who takes writes.", canForce: true));

    private static Command Add(VerbFactory make)
    {
        Argument<string> name = Name();
        var url = new Argument<string>("peer-url") { Description = "Where its peers will reach it" };
        var learner = new Option<bool>("--learner") { Description = "It stays without a vote" };
        Option<bool> wait = Wait();
        return make.Make(
            "add", "Make a place for a new member; its node is then started with --join.",
            ["raftkvctl member add n4 http://10.0.0.4:2380", "raftkvctl member add n4 http://10.0.0.4:2380 --learner --wait"],
            [name, url, learner, wait],
            run =>
            {
                var body = new JsonObject { ["name"] = run.Parse.GetRequiredValue(name), ["peerUrl"] = run.Parse.GetRequiredValue(url) };
                if (run.Parse.GetValue(learner))
                {
                    body["learner"] = true;
                }

                return RunAsync(run, HttpMethod.Post, Root, body, run.Parse.GetValue(wait));
            });
    }

    private static Command Replace(VerbFactory make)
    {
        Argument<string> name = Name();
        var other = new Option<string?>("--with") { Description = "The new node's name; the same when absent", HelpName = "NAME" };
        var url = new Option<string?>("--peer-url")
        {
            Description = "Where its peers will reach it; as before when absent",
            HelpName = "URL",
        };
        Option<bool> wait = Wait();
        return make.Make(
            "replace", "Put another node, or the same one with a new disk, in a member's place: it is then started with --join.",
            ["raftkvctl member replace n2 --wait", "raftkvctl member replace n2 --with n4 --peer-url http://10.0.0.4:2380"],
            [name, other, url, wait],
            run =>
            {
                var body = new JsonObject();
                if (run.Parse.GetValue(other) is { } called)
                {
                    body["name"] = called;
                }

                if (run.Parse.GetValue(url) is { } said)
                {
                    body["peerUrl"] = said;
                }

                string target = PathOf(run.Parse.GetRequiredValue(name)) + "/replace";
                return RunAsync(run, HttpMethod.Post, target, body, run.Parse.GetValue(wait));
            });
    }

    // Answered when it is so: there is nothing to wait for afterwards.
    private static Command Ask(VerbFactory make, string verb, string path, string description, bool canForce = false)
    {
        Argument<string> name = Name();
        var force = new Option<bool>("--force") { Description = "Also when the cluster would be stuck" };
        return make.Make(
            verb, description, [$"raftkvctl member {verb} n2", $"raftkvctl member {verb} n2 -o value"], canForce ? [name, force] : [name],
            async run =>
            {
                bool isForced = canForce && run.Parse.GetValue(force);
                string target = PathOf(run.Parse.GetRequiredValue(name)) + path + (isForced ? "?force=true" : "");
                JsonObject said = await ProgressBar.RunAsync(
                    run.Console, verb, total: null, _ => run.Rest.SendAsync(HttpMethod.Post, target, null, run.Stop))
                    .ConfigureAwait(false);
                return run.Answer(
                    Report.Item(
                        ("node", said["node"]?.DeepClone()), ("phase", said["phase"]?.DeepClone()),
                        ("leader", said["leader"]?["name"]?.DeepClone()), ("term", said["term"]?.DeepClone())) with
                    {
                        ValueColumn = verb == "drain" ? "phase" : "leader",
                    });
            });
    }

    private static Command One(VerbFactory make, string verb, string description, HttpMethod method, string path)
    {
        Argument<string> name = Name();
        Option<bool> wait = Wait();
        return make.Make(
            verb, description, [$"raftkvctl member {verb} n4", $"raftkvctl member {verb} n4 --wait -o json"], [name, wait],
            run => RunAsync(run, method, PathOf(run.Parse.GetRequiredValue(name)) + path, body: null, run.Parse.GetValue(wait)));
    }

    private static async Task<int> RunAsync(Invocation run, HttpMethod method, string target, JsonNode? body, bool mustWait)
    {
        JsonObject operation = await run.Rest.SendAsync(method, target, body, run.Stop).ConfigureAwait(false);
        if (mustWait)
        {
            operation = await ProgressBar.RunAsync(run.Console, "member", 100, progress => WaitAsync(run, operation, progress))
                .ConfigureAwait(false);
        }

        return run.Answer(
            Report.Item(
                ("operation", operation["id"]?.DeepClone()), ("state", operation["state"]?.DeepClone()),
                ("phase", operation["progress"]?["phase"]?.DeepClone()), ("member", operation["member"]?["name"]?.DeepClone()),
                ("detail", operation["detail"]?.DeepClone())) with
            {
                ValueColumn = "state",
            },
            (string?)operation["state"] == "not-applied" ? CtlExit.Failed : CtlExit.Ok);
    }

    private static async Task<JsonObject> WaitAsync(Invocation run, JsonObject operation, Action<double> progress)
    {
        string target = "/api/v1/operations/" + (string?)operation["id"];
        while ((string?)operation["state"] == "pending")
        {
            await Task.Delay(_pause, TimeProvider.System, run.Stop).ConfigureAwait(false);
            operation = await run.Rest.SendAsync(HttpMethod.Get, target, null, run.Stop).ConfigureAwait(false);
            progress((double?)operation["progress"]?["percent"] ?? 0);
        }

        return operation;
    }

    private static string PathOf(string name) => $"{Root}/{Uri.EscapeDataString(name)}";

    private static Argument<string> Name() => new("name") { Description = "The member's name" };

    private static Option<bool> Wait() => new("--wait") { Description = "Until it is done, with its progress" };
}
