using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Verbs.Access;

/// <summary>Users: list, show, add, password, grant, revoke, remove.</summary>
internal static class UserVerbs
{
    private const string Root = "/api/v1/auth/users";

    public static Command All(VerbFactory make) => make.Group(
        "user", "Users of the cluster. They count once rights are in force: see auth enable.",
        List(make), Show(make), Add(make), Password(make), Role(make, "grant", "Give a user a role."),
        Role(make, "revoke", "Take a role from a user."), Remove(make));

    private static Command List(VerbFactory make) => make.Make(
        "list", "List the users and their roles.", ["raftkvctl user list"], [],
        async run =>
        {
            JsonObject answer = await run.Rest.SendAsync(HttpMethod.Get, Root, null, run.Stop).ConfigureAwait(false);
            return run.Answer(Report.List(
                ["name", "hasPassword", "roles"],
                AccessText.Rows(answer, "users", static user =>
                [
                    AccessText.Part(user, "name"), AccessText.Part(user, "hasPassword"), AccessText.Part(user, "roles"),
                ])));
        });

    private static Command Show(VerbFactory make)
    {
        Argument<string> name = Name();
        return make.Make(
            "show", "Show a user; everybody may look at himself.", ["raftkvctl user show ann -o json"], [name],
            async run =>
            {
                JsonObject user = await run.Rest.SendAsync(HttpMethod.Get, PathOf(run, name), null, run.Stop).ConfigureAwait(false);
                return run.Answer(Report.Item(
                    ("name", AccessText.Part(user, "name")), ("hasPassword", AccessText.Part(user, "hasPassword")),
                    ("roles", AccessText.Part(user, "roles"))));
            });
    }

    private static Command Add(VerbFactory make)
    {
        Argument<string> name = Name();
        var none = new Option<bool>("--no-password") { Description = "The user comes with a certificate or a token only" };
        var secret = new SecretSource();
        return make.Make(
            "add", "Make a user without roles.",
            ["raftkvctl user add ann", "raftkvctl user add ann --password-file ann.txt", "raftkvctl user add robot --no-password"],
            [name, none, secret.FromFile],
            run =>
            {
                var body = new JsonObject { ["name"] = run.Parse.GetRequiredValue(name) };
                if (!run.Parse.GetValue(none))
                {
                    body["password"] = secret.Read(run, $"Password of {run.Parse.GetRequiredValue(name)}");
                }

                return AccessText.ChangeAsync(run, HttpMethod.Post, Root, body, ("user", run.Parse.GetRequiredValue(name)));
            });
    }

    private static Command Password(VerbFactory make)
    {
        Argument<string> name = Name();
        var secret = new SecretSource();
        return make.Make(
            "password", "Set a user's password; logins by the old one end.", ["raftkvctl user password ann --password-file ann.txt"],
            [name, secret.FromFile],
            run => AccessText.ChangeAsync(
                run, HttpMethod.Put, PathOf(run, name) + "/password",
                new JsonObject { ["password"] = secret.Read(run, $"New password of {run.Parse.GetRequiredValue(name)}") },
                ("user", run.Parse.GetRequiredValue(name))));
    }

    private static Command Role(VerbFactory make, string verb, string description)
    {
        Argument<string> name = Name();
        var role = new Argument<string>("role") { Description = "The role's name; root may do everything" };
        return make.Make(
            verb, description, [$"raftkvctl user {verb} ann app"], [name, role],
            run => AccessText.ChangeAsync(
                run, HttpMethod.Post, $"{PathOf(run, name)}/{verb}", new JsonObject { ["role"] = run.Parse.GetRequiredValue(role) },
                ("user", run.Parse.GetRequiredValue(name)), ("role", run.Parse.GetRequiredValue(role))));
    }

    private static Command Remove(VerbFactory make)
    {
        Argument<string> name = Name();
        return make.Make(
            "remove", "Remove a user, and all tokens of it.", ["raftkvctl user remove ann"], [name],
            run => AccessText.ChangeAsync(
                run, HttpMethod.Delete, PathOf(run, name), null, ("user", run.Parse.GetRequiredValue(name))));
    }

    private static string PathOf(Invocation run, Argument<string> name) =>
        $"{Root}/{Uri.EscapeDataString(run.Parse.GetRequiredValue(name))}";

    private static Argument<string> Name() => new("name") { Description = "The user's name" };
}
