using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Verbs.Tools;

/// <summary>Contexts of the configuration file: list, add, use, remove. They touch no cluster.</summary>
internal static class ContextVerbs
{
    public static Command All(VerbFactory make) => make.Group(
        "context", "Names for clusters, in a configuration file.", List(make), Add(make), Use(make), Remove(make));

    private static Command List(VerbFactory make) => make.Make(
        "list", "List the contexts.", ["raftkvctl context list"], [],
        run =>
        {
            ConfigFile config = Load(run, make);
            return Task.FromResult(run.Answer(Report.List(
                ["name", "current", "endpoints", "level", "sessionFile", "tokenFile"], config.Names.Select(name =>
                {
                    CliContext context = config.Find(name)!;
                    return new JsonNode?[]
                    {
                        name, name == config.Current, new JsonArray([.. context.Endpoints.Select(static e => (JsonNode)e)]), context.Level,
                        context.SessionFile, context.TokenFile,
                    };
                }))));
        });

    private static Command Add(VerbFactory make)
    {
        Argument<string> name = Name();
        var level = new Option<string?>("--level", "-l") { Description = "Level of reads that name none", HelpName = "LEVEL" };
        var session = new Option<string?>("--session-file")
        {
            Description = "Where to keep the session between commands",
            HelpName = "FILE",
        };
        level.AcceptOnlyFromAmong([.. LevelWords.Every.Where(static word => word != "bounded")]);
        return make.Make(
            "add", "Add or replace a context, from --endpoints, --token-file, --ca, --cert, --key, --output and these options.",
            ["raftkvctl context add prod -e http://n1:2379,http://n2:2379 --token-file ~/.raftkv-token",
                "raftkvctl context add dev -l eventual"],
            [name, level, session],
            run =>
            {
                ConfigFile config = Load(run, make);
                string asked = run.Parse.GetRequiredValue(name);
                config.Set(asked, new CliContext
                {
                    Endpoints = [.. run.Endpoints.Select(static endpoint => endpoint.GetLeftPart(UriPartial.Authority))],
                    Level = run.Parse.GetValue(level),
                    Output = run.Parse.GetValue(make.Global.Output),
                    SessionFile = FullPath(run, session),
                    TokenFile = FullPath(run, make.Global.TokenFile),
                    CaFile = FullPath(run, make.Global.Ca),
                    CertificateFile = FullPath(run, make.Global.Certificate),
                    KeyFile = FullPath(run, make.Global.Key),
                });
                config.Save();
                run.Console.Error.WriteLine($"{config.Path} has {asked}{(config.Current == asked ? ", which is the current one" : "")}.");
                return Task.FromResult(CtlExit.Ok);
            });
    }

    private static Command Use(VerbFactory make)
    {
        Argument<string> name = Name();
        return make.Make(
            "use", "Make a context the one that is used when none is named.", ["raftkvctl context use prod"], [name],
            run => ChangeAsync(run, make, run.Parse.GetRequiredValue(name), static (config, asked) => config.Current = asked));
    }

    private static Command Remove(VerbFactory make)
    {
        Argument<string> name = Name();
        return make.Make(
            "remove", "Remove a context.", ["raftkvctl context remove old"], [name],
            run => ChangeAsync(run, make, run.Parse.GetRequiredValue(name), static (config, asked) => config.Remove(asked)));
    }

    private static Task<int> ChangeAsync(Invocation run, VerbFactory make, string name, Action<ConfigFile, string> change)
    {
        ConfigFile config = Load(run, make);
        if (config.Find(name) is null)
        {
            throw new CtlException(CtlExit.NotFound, $"{config.Path} has no context '{name}'.");
        }

        change(config, name);
        config.Save();
        return Task.FromResult(CtlExit.Ok);
    }

    private static ConfigFile Load(Invocation run, VerbFactory make) => ConfigFile.Load(run.Parse.GetValue(make.Global.Config));

    private static string? FullPath(Invocation run, Option<string?> option) =>
        run.Parse.GetValue(option) is { } path ? Path.GetFullPath(path) : null;

    private static Argument<string> Name()
    {
        var name = new Argument<string>("name") { Description = "The context" };
        return name;
    }
}
