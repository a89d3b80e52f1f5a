using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Verbs.Access;

/// <summary>Whether rights are in force, logins, and tokens.</summary>
internal static class AuthVerbs
{
    private const string Root = "/api/v1/auth";

    public static IEnumerable<Command> All(VerbFactory make) =>
    [
        make.Group("auth", "Rights: whether they are in force, and logins.", Status(make), Switch(make, "enable",
            "Put rights in force: from then on every call needs its right. The user root with the role root has to be there."),
            Switch(make, "disable", "Take rights out of force: everybody may do everything."), Login(make)),
        make.Group("token", "Tokens: for programs, listed and revoked one by one.", List(make), Add(make), Revoke(make)),
    ];

    private static Command Status(VerbFactory make) => make.Make(
        "status", "Say whether rights are in force, and who you are.", ["raftkvctl auth status"], [],
        async run =>
        {
            JsonObject state = await run.Rest.SendAsync(HttpMethod.Get, Root, null, run.Stop).ConfigureAwait(false);
            return run.Answer(Report.Item(
                ("enabled", AccessText.Part(state, "enabled")), ("user", AccessText.Part(state, "user")),
                ("revision", AccessText.Part(state, "revision"))));
        });

    private static Command Switch(VerbFactory make, string verb, string description) => make.Make(
        verb, description, [$"raftkvctl auth {verb}"], [],
        run => AccessText.ChangeAsync(run, HttpMethod.Post, $"{Root}/{verb}", null, ("enabled", verb == "enable")));

    private static Command Login(VerbFactory make)
    {
        var user = new Argument<string>("user") { Description = "The user's name" };
        var to = new Option<string?>("--to")
        {
            Description = "Keep the token in this file, which only its owner reads, for --token-file",
            HelpName = "FILE",
        };
        var secret = new SecretSource();
        return make.Make(
            "login", "Get a token for a name and a password; it lasts for a day after its last use.",
            ["raftkvctl auth login ann --to ~/.raftkv-token", "export RAFTKV_AUTH_TOKEN=$(raftkvctl auth login ann -o value)"],
            [user, to, secret.FromFile],
            async run =>
            {
                string name = run.Parse.GetRequiredValue(user);
                JsonObject login = await run.Rest.SendAsync(
                    HttpMethod.Post, Root + "/login",
                    new JsonObject { ["user"] = name, ["password"] = secret.Read(run, $"Password of {name}") }, run.Stop)
                    .ConfigureAwait(false);
                if (run.Parse.GetValue(to) is not { } file)
                {
                    return run.Answer(Report.Item(("token", AccessText.Part(login, "token")), ("user", name)));
                }

                PrivateFile.Write(file, (string?)login["token"] + "\n");
                return run.Answer(Report.Item(("file", file), ("user", name)));
            });
    }

    private static Command List(VerbFactory make) => make.Make(
        "list", "List the tokens: your own, or all for root.", ["raftkvctl token list"], [],
        async run =>
        {
            JsonObject answer = await run.Rest.SendAsync(HttpMethod.Get, Root + "/tokens", null, run.Stop).ConfigureAwait(false);
            return run.Answer(Report.List(
                ["id", "user", "label", "created", "expires"],
                AccessText.Rows(answer, "tokens", static token =>
                [
                    AccessText.Part(token, "id"), AccessText.Part(token, "user"), AccessText.Part(token, "label"),
                    Time(token, "createdMs"), Time(token, "expiresMs"),
                ])));
        });

    private static Command Add(VerbFactory make)
    {
        var user = new Option<string?>("--user") { Description = "Whose it is; your own when absent", HelpName = "NAME" };
        var label = new Option<string?>("--label") { Description = "What it is for", HelpName = "TEXT" };
        var ttl = new Option<string?>("--ttl")
        {
            Description = "How long it lasts, such as 12h or 90d; for ever when absent",
            HelpName = "TIME",
        };
        var to = new Option<string?>("--to") { Description = "Keep the token in this file, which only its owner reads", HelpName = "FILE" };
        return make.Make(
            "add", "Make a token. It is shown once.",
            ["raftkvctl token add --label ci --ttl 90d --to ci.token", "raftkvctl token add --user robot -o value"],
            [user, label, ttl, to],
            async run =>
            {
                var body = new JsonObject();
                foreach ((string name, string? said) in new[]
                {
                    ("user", run.Parse.GetValue(user)), ("label", run.Parse.GetValue(label)), ("ttl", run.Parse.GetValue(ttl)),
                })
                {
                    if (said is not null)
                    {
                        body[name] = said;
                    }
                }

                JsonObject made = await run.Rest.SendAsync(HttpMethod.Post, Root + "/tokens", body, run.Stop).ConfigureAwait(false);
                if (run.Parse.GetValue(to) is { } file)
                {
                    PrivateFile.Write(file, (string?)made["token"] + "\n");
                    return run.Answer(Report.Item(
                        ("id", AccessText.Part(made, "id")), ("user", AccessText.Part(made, "user")), ("file", file)));
                }

                return run.Answer(Report.Item(
                    ("token", AccessText.Part(made, "token")), ("id", AccessText.Part(made, "id")),
                    ("user", AccessText.Part(made, "user"))));
            });
    }

    private static Command Revoke(VerbFactory make)
    {
        var id = new Argument<string>("id") { Description = "As token list shows it" };
        return make.Make(
            "revoke", "Remove a token; it counts for nothing at once.", ["raftkvctl token revoke 7Jm0…"], [id],
            run => AccessText.ChangeAsync(
                run, HttpMethod.Delete, $"{Root}/tokens/{Uri.EscapeDataString(run.Parse.GetRequiredValue(id))}", null,
                ("id", run.Parse.GetRequiredValue(id))));
    }

    private static JsonNode? Time(JsonNode token, string name) => (long?)token[name] is { } ms
        ? DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        : null;
}
