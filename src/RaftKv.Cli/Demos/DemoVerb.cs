using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;

namespace RaftKv.Cli.Demos;

/// <summary><c>demo NAME</c>: three nodes of its own, started for it and ended with it; no other cluster is touched.</summary>
internal static class DemoVerb
{
    public static Command Make(VerbFactory make)
    {
        var name = new Argument<string>("name")
        {
            Description = "One of the names, all, or list",
            HelpName = "NAME",
            DefaultValueFactory = static _ => "list",
        };
        name.AcceptOnlyFromAmong([.. Demo.All.Select(static demo => demo.Name), "all", "list"]);
        return make.Make(
            "demo", "See a read level, an anomaly or a pattern on three real nodes, wrong and right, with the curl lines.",
            ["raftkv demo list", "raftkv demo linearizable", "raftkv demo all"], [name],
            async run =>
            {
                string asked = run.Parse.GetRequiredValue(name);
                if (asked == "list")
                {
                    return run.Answer(Report.List(["name", "title"], Demo.All
                        .Select(static demo => new JsonNode?[] { demo.Name, demo.Title })));
                }

                return await PlayAsync(run.Console, [.. Demo.All.Where(demo => asked == "all" || demo.Name == asked)], run.Stop)
                    .ConfigureAwait(false);
            });
    }

    /// <summary>Plays them one after the other; exit code 1 when one did not go as it must.</summary>
    public static async Task<int> PlayAsync(CliConsole console, IReadOnlyList<Demo> demos, CancellationToken stop)
    {
        console.Error.WriteLine("Starting three nodes.");
        DemoStage stage;
        try
        {
            stage = await ProgressBar.RunAsync(console, "three nodes", total: null, _ => DemoStage.StartAsync(console.Out, stop))
                .ConfigureAwait(false);
        }
        catch (FileNotFoundException missing)
        {
            throw CtlException.Usage(missing.Message);
        }

        int failed = 0;
        await using (stage.ConfigureAwait(false))
        {
            foreach (Demo demo in demos)
            {
                stop.ThrowIfCancellationRequested();
                stage.Begin(demo);
                try
                {
                    await demo.PlayAsync(stage).ConfigureAwait(false);
                }
                catch (DemoFailedException failure)
                {
                    failed++;
                    console.Out.WriteLine($"  FAILED {failure.Message}");
                }

                await stage.HealAsync().ConfigureAwait(false);
                console.Out.WriteLine();
            }
        }

        console.Out.WriteLine($"{demos.Count - failed} of {demos.Count} demos went as they must.");
        return failed == 0 ? CtlExit.Ok : CtlExit.Failed;
    }
}
