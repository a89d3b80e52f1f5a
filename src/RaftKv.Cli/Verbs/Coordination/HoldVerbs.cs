using System.CommandLine;
using System.Globalization;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Cli.Processes;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Coordination;

/// <summary>
/// Holding something while a command runs: lock, semaphore, elect. The command finds its fencing token in the
/// environment, and is ended when what was held is lost.
/// </summary>
internal static class HoldVerbs
{
    public static IEnumerable<Command> All(VerbFactory make) => [Lock(make), Semaphore(make), Elect(make)];

    private static Command Lock(VerbFactory make)
    {
        var name = new Argument<string>("name") { Description = "The lock" };
        var shared = new Option<bool>("--shared") { Description = "Together with others that share" };
        var flags = new HoldFlags();
        return make.Make(
            "lock", "Hold a lock while a command runs; without a command, until Ctrl+C. Exit code: the command's; 4 when it was not "
                + "to be had, 9 when it was lost.",
            [
                "raftkvctl lock nightly-report -- ./report.sh", "raftkvctl lock orders/42 --wait 0s -- sh -c 'echo token $RAFTKV_TOKEN'",
                "raftkvctl lock deploy --ttl 30s --owner alice",
            ],
            [name, shared, .. flags.All],
            async run =>
            {
                var options = new LockOptions
                {
                    Mode = run.Parse.GetValue(shared) ? LockMode.Shared : LockMode.Exclusive,
                    Wait = run.Parse.GetValue(flags.Wait),
                    Owner = run.Parse.GetValue(flags.Owner),
                };
                LockHandle held = await run.Client.Locks
                    .AcquireAsync(run.Parse.GetRequiredValue(name), flags.TtlOf(run.Parse), options, run.Stop).ConfigureAwait(false);
                await using (held.ConfigureAwait(false))
                {
                    return await HoldAsync(run, flags, new Held(held.Fence, held.LeaseId, held.LostToken, held.Metadata))
                        .ConfigureAwait(false);
                }
            });
    }

    private static Command Semaphore(VerbFactory make)
    {
        var name = new Argument<string>("name") { Description = "The semaphore" };
        var places = new Option<int>("--limit")
        {
            Description = "How many may hold it; all who use it say the same",
            HelpName = "N",
            Required = true,
        };
        var flags = new HoldFlags();
        return make.Make(
            "semaphore", "Hold one of a semaphore's places while a command runs.",
            ["raftkvctl semaphore downloads --limit 3 -- curl -O https://example.org/big",
                "raftkvctl semaphore downloads --limit 3 --wait 0s"],
            [name, places, .. flags.All],
            async run =>
            {
                var options = new LockOptions { Wait = run.Parse.GetValue(flags.Wait), Owner = run.Parse.GetValue(flags.Owner) };
                LockHandle held = await run.Client.Locks.AcquirePlaceAsync(
                    run.Parse.GetRequiredValue(name), run.Parse.GetValue(places), flags.TtlOf(run.Parse), options, run.Stop)
                        .ConfigureAwait(false);
                await using (held.ConfigureAwait(false))
                {
                    return await HoldAsync(run, flags, new Held(held.Fence, held.LeaseId, held.LostToken, held.Metadata))
                        .ConfigureAwait(false);
                }
            });
    }

    private static Command Elect(VerbFactory make)
    {
        var name = new Argument<string>("name") { Description = "The election" };
        var value = new Option<string?>("--value")
        {
            Description = "What observers see of the leader; its machine when absent",
            HelpName = "TEXT",
        };
        var observe = new Option<bool>("--observe") { Description = "Show each leader as it comes, and vacancies; stand for nothing" };
        var flags = new HoldFlags();
        return make.Make(
            "elect", "Run a command once elected, while leading; or show who leads.",
            ["raftkvctl elect billing -- ./billing-worker", "raftkvctl elect billing --value http://10.0.0.7",
                "raftkvctl elect billing --observe"],
            [name, value, observe, flags.Ttl, flags.Command],
            async run =>
            {
                string election = run.Parse.GetRequiredValue(name);
                if (run.Parse.GetValue(observe))
                {
                    return await ObserveAsync(run, election).ConfigureAwait(false);
                }

                Leadership led = await run.Client.Elections.CampaignAsync(
                    election, run.Parse.GetValue(value) ?? Environment.MachineName, flags.TtlOf(run.Parse), run.Stop).ConfigureAwait(false);
                await using (led.ConfigureAwait(false))
                {
                    return await HoldAsync(run, flags, new Held(led.Fence, led.LeaseId, led.LostToken, led.Metadata)).ConfigureAwait(false);
                }
            });
    }

    private static async Task<int> ObserveAsync(Invocation run, string election)
    {
        await foreach (ElectedLeader? leader in run.Client.Elections.ObserveAsync(election, run.Stop).ConfigureAwait(false))
        {
            Report report = Report.Item(
                ("leader", leader?.GetString()), ("token", leader?.Token), ("revision", leader?.Revision));
            run.Writer.WriteNext(report, leader is null ? "nobody leads"
                : $"{TableText.Harmless(leader.GetString())} leads, token {leader.Token}");
        }

        return CtlExit.Ok;
    }

    private static async Task<int> HoldAsync(Invocation run, HoldFlags flags, Held held)
    {
        string[] words = run.Parse.GetValue(flags.Command) ?? [];
        using var both = CancellationTokenSource.CreateLinkedTokenSource(run.Stop, held.Lost);
        if (words.Length == 0)
        {
            run.Writer.WriteNext(
                Report.Item(("name", held.Fence.Name), ("token", held.Fence.Token), ("fence", held.Fence.ToString()),
                    ("lease", held.LeaseId)) with
                {
                    ValueColumn = "token",
                },
                $"{TableText.Harmless(held.Fence.Name)} is held, token {held.Fence.Token}; Ctrl+C gives it back.");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, both.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (run.Stop.IsCancellationRequested)
            {
                return CtlExit.Ok;
            }
            catch (OperationCanceledException)
            {
                // Lost: said below.
            }

            throw new CtlException(CtlExit.Lost, $"{held.Fence.Name} is lost: its lease could not be renewed in time.");
        }

        int exit = await ShellCommand.RunAsync(words, Variables(held), both.Token).ConfigureAwait(false);
        return held.Lost.IsCancellationRequested
            ? throw new CtlException(CtlExit.Lost, $"{held.Fence.Name} was lost while the command ran; it was ended.")
            : exit;
    }

    private static Dictionary<string, string> Variables(Held held) => new()
    {
        ["RAFTKV_LOCK"] = held.Fence.Name,
        ["RAFTKV_TOKEN"] = held.Fence.Token.ToString(CultureInfo.InvariantCulture),
        ["RAFTKV_FENCE"] = held.Fence.ToString(),
        ["RAFTKV_LEASE"] = held.LeaseId,
    };

    private sealed record Held(Fence Fence, string LeaseId, CancellationToken Lost, ResponseMetadata Answer);
}

/// <summary>How something is held.</summary>
internal sealed class HoldFlags
{
    private static readonly TimeSpan _defaultTtl = TimeSpan.FromSeconds(15);

    public Option<TimeSpan?> Ttl { get; } = GlobalOptions.Durational("--ttl", "How long it outlives a holder that died; default 15s");

    public Option<TimeSpan?> Wait { get; } = GlobalOptions.Durational("--wait", "Most time to wait; 0s tries once; for ever when absent");

    public Option<string?> Owner { get; } = new("--owner") { Description = "Who holds it, for people", HelpName = "TEXT" };

    public Argument<string[]> Command { get; } = new("command")
    {
        Description = "What to run, after --",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public IEnumerable<Symbol> All => [Ttl, Wait, Owner, Command];

    public TimeSpan TtlOf(ParseResult parse) => parse.GetValue(Ttl) ?? _defaultTtl;
}
