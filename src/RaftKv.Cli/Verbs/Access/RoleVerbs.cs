using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Verbs.Access;

/// <summary>Roles: list, show, add, grant, revoke, allow, remove.</summary>
internal static class RoleVerbs
{
    private const string Root = "/api/v1/auth/roles";
    private static readonly string[] _rights = ["read", "write", "watch", "lock"];
    private static readonly string[] _operations = ["lease", "compact", "members", "backup", "alarms", "dashboard", "metrics", "limits"];

    public static Command All(VerbFactory make) => make.Group(
        "role", "Roles: which keys their users may read, write, watch and lock, and which operations they may do.",
        List(make), Show(make), Add(make), Grant(make), Revoke(make), Allow(make), Remove(make));

    private static Command List(VerbFactory make) => make.Make(
        "list", "List the roles.", ["raftkvctl role list"], [],
        async run =>
        {
            JsonObject answer = await run.Rest.SendAsync(HttpMethod.Get, Root, null, run.Stop).ConfigureAwait(false);
            return run.Answer(Report.List(["name"], AccessText.Rows(answer, "roles", static role => [role.DeepClone()])));
        });

    private static Command Show(VerbFactory make)
    {
        Argument<string> name = Name();
        return make.Make(
            "show", "Show what a role allows.", ["raftkvctl role show app -o yaml"], [name],
            async run =>
            {
                JsonObject role = await run.Rest.SendAsync(HttpMethod.Get, PathOf(run, name), null, run.Stop).ConfigureAwait(false);
                var grants = new JsonArray([.. (role["grants"] as JsonArray ?? []).Select(static grant => (JsonNode)WordsOf(grant!))]);
                return run.Answer(Report.Item(
                    ("name", AccessText.Part(role, "name")), ("grants", grants), ("operations", AccessText.Part(role, "operations"))));
            });
    }

    private static Command Add(VerbFactory make)
    {
        Argument<string> name = Name();
        return make.Make(
            "add", "Make a role without rights.", ["raftkvctl role add app"], [name],
            run => AccessText.ChangeAsync(
                run, HttpMethod.Post, Root, new JsonObject { ["role"] = run.Parse.GetRequiredValue(name) },
                ("role", run.Parse.GetRequiredValue(name))));
    }

    private static Command Grant(VerbFactory make)
    {
        Argument<string> name = Name();
        var rights = new Argument<string[]>("rights")
        {
            Description = "read, write, watch, lock; they replace what the role had over exactly these keys",
            Arity = ArgumentArity.OneOrMore,
        };
        rights.AcceptOnlyFromAmong(_rights);
        var keys = new KeyFlags();
        return make.Make(
            "grant", "Give a role rights over keys; for lock they are names of locks, semaphores and elections.",
            ["raftkvctl role grant app read write --prefix app/", "raftkvctl role grant audit read --all"], [name, rights, .. keys.All],
            run =>
            {
                JsonObject body = keys.Read(run);
                string[] asked = run.Parse.GetRequiredValue(rights);
                body["rights"] = new JsonArray([.. asked.Select(static right => (JsonNode)right)]);
                return AccessText.ChangeAsync(
                    run, HttpMethod.Post, PathOf(run, name) + "/grant", body, ("role", run.Parse.GetRequiredValue(name)),
                    ("rights", new JsonArray([.. asked.Select(static right => (JsonNode)right)])));
            });
    }

    private static Command Revoke(VerbFactory make)
    {
        Argument<string> name = Name();
        var keys = new KeyFlags();
        return make.Make(
            "revoke", "Take from a role what it has over exactly these keys.", ["raftkvctl role revoke app --prefix app/"],
            [name, .. keys.All],
            run => AccessText.ChangeAsync(
                run, HttpMethod.Post, PathOf(run, name) + "/revoke", keys.Read(run), ("role", run.Parse.GetRequiredValue(name))));
    }

    private static Command Allow(VerbFactory make)
    {
        Argument<string> name = Name();
        var operations = new Argument<string[]>("operations")
        {
            Description = string.Join(", ", _operations) + "; what is not named is taken away",
            Arity = ArgumentArity.ZeroOrMore,
        };
        operations.AcceptOnlyFromAmong(_operations);
        return make.Make(
            "allow", "Set which operations a role allows.",
            ["raftkvctl role allow operator members alarms dashboard metrics", "raftkvctl role allow operator"], [name, operations],
            run =>
            {
                string[] asked = run.Parse.GetValue(operations) ?? [];
                JsonArray Words() => new([.. asked.Select(static word => (JsonNode)word)]);
                return AccessText.ChangeAsync(
                    run, HttpMethod.Put, PathOf(run, name) + "/operations", new JsonObject { ["operations"] = Words() },
                    ("role", run.Parse.GetRequiredValue(name)), ("operations", Words()));
            });
    }

    private static Command Remove(VerbFactory make)
    {
        Argument<string> name = Name();
        return make.Make(
            "remove", "Remove a role, also from all users.", ["raftkvctl role remove app"], [name],
            run => AccessText.ChangeAsync(
                run, HttpMethod.Delete, PathOf(run, name), null, ("role", run.Parse.GetRequiredValue(name))));
    }

    private static string WordsOf(JsonNode grant)
    {
        string start = (string?)grant["start"] ?? "";
        string keys = (bool?)grant["single"] == true ? start
            : (string?)grant["end"] is { } end ? $"{start} up to {end}"
            : start.Length == 0 ? "every key" : $"{start} and all after it";
        return $"{string.Join('+', (grant["rights"] as JsonArray ?? []).Select(static right => (string?)right))} {keys}";
    }

    private static string PathOf(Invocation run, Argument<string> name) =>
        $"{Root}/{Uri.EscapeDataString(run.Parse.GetRequiredValue(name))}";

    private static Argument<string> Name() => new("name") { Description = "The role's name" };

    /// <summary>Which keys are meant.</summary>
    private sealed class KeyFlags
    {
        private readonly Option<string?> _key = new("--key") { Description = "One key", HelpName = "KEY" };
        private readonly Option<string?> _prefix = new("--prefix") { Description = "Keys that begin so", HelpName = "PREFIX" };
        private readonly Option<string?> _start = new("--start") { Description = "Keys from here on", HelpName = "KEY" };
        private readonly Option<string?> _end = new("--end") { Description = "With --start: keys before this one", HelpName = "KEY" };
        private readonly Option<bool> _all = new("--all") { Description = "Every key" };

        public IEnumerable<Symbol> All => [_key, _prefix, _start, _end, _all];

        public JsonObject Read(Invocation run)
        {
            var body = new JsonObject();
            foreach ((string name, Option<string?> option) in
                new[] { ("key", _key), ("prefix", _prefix), ("start", _start), ("end", _end) })
            {
                if (run.Parse.GetValue(option) is { } said)
                {
                    body[name] = said;
                }
            }

            if (run.Parse.GetValue(_all))
            {
                body["prefix"] = body.Count == 0 ? "" : throw CtlException.Usage("--all stands alone.");
            }

            return body.Count > 0 ? body
                : throw CtlException.Usage("Say which keys: --key, --prefix, --start with --end, or --all.");
        }
    }
}
