using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Cluster;

/// <summary>Quotas: list, show, set, remove. Guards: list, set, remove.</summary>
internal static class QuotaVerbs
{
    private const string Quotas = "/api/v1/quotas";
    private const string Guards = "/api/v1/guards";

    public static IEnumerable<Command> All(VerbFactory make) =>
    [
        make.Group("quota", "Quotas: what the store and prefixes of it may take.", List(make), Show(make), Set(make), Remove(make)),
        make.Group("guard", "Guards: prefixes that are written with a fence only.", ListGuards(make), SetGuard(make), RemoveGuard(make)),
    ];

    private static Command List(VerbFactory make)
    {
        var reads = new ReadFlags();
        return make.Make(
            "list", "List the store's and all quotas, used and allowed.",
            ["raftkvctl quota list", "raftkvctl quota list --level eventual --node n2"], reads.OfNow,
            async run =>
            {
                (JsonObject answer, ResponseMetadata said) =
                    await run.Rest.ReadAsync(Quotas, run.Reads(reads), run.Stop).ConfigureAwait(false);
                JsonNode? space = answer["store"];
                JsonNode?[] store = ["(store)", null, null, Part(space, "bytes", "used"), Part(space, "bytes", "allowed")];
                return run.Answer(Report.List(
                    ["prefix", "keysUsed", "keysAllowed", "bytesUsed", "bytesAllowed"],
                    (answer["quotas"] as JsonArray ?? []).Select(static quota => Row(quota!)).Prepend(store)) with
                {
                    Answer = said,
                });
            });
    }

    private static Command Show(VerbFactory make)
    {
        Argument<string> prefix = Prefix();
        var reads = new ReadFlags();
        return make.Make(
            "show", "Show a prefix's quota.", ["raftkvctl quota show tenants/a/"], [prefix, .. reads.OfNow],
            async run =>
            {
                (JsonObject quota, ResponseMetadata said) =
                    await run.Rest.ReadAsync(PathOf(run, Quotas, prefix), run.Reads(reads), run.Stop).ConfigureAwait(false);
                JsonNode?[] row = Row(quota);
                return run.Answer(Report.Item(
                    ("prefix", row[0]), ("keysUsed", row[1]), ("keysAllowed", row[2]), ("bytesUsed", row[3]), ("bytesAllowed", row[4])) with
                {
                    Answer = said,
                });
            });
    }

    private static Command Set(VerbFactory make)
    {
        var prefix = new Argument<string?>("prefix")
        {
            Description = "Keys that begin so; absent with --store",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var keys = new Option<long?>("--keys") { Description = "Most live keys", HelpName = "N" };
        var bytes = new Option<long?>("--bytes") { Description = "Most bytes of all kept versions", HelpName = "N" };
        var store = new Option<bool>("--store") { Description = "Of the whole store; without --bytes what the smallest member can hold" };
        return make.Make(
            "set", "Limit a prefix, or the whole store.",
            ["raftkvctl quota set tenants/a/ --keys 1000 --bytes 10000000", "raftkvctl quota set --store --bytes 200000000"],
            [prefix, keys, bytes, store],
            async run =>
            {
                string? asked = run.Parse.GetValue(prefix);
                if (run.Parse.GetValue(store) != string.IsNullOrEmpty(asked))
                {
                    throw CtlException.Usage("Name a prefix, or say --store.");
                }

                var body = new JsonObject();
                if (run.Parse.GetValue(keys) is { } mostKeys)
                {
                    body["keys"] = mostKeys;
                }

                if (run.Parse.GetValue(bytes) is { } mostBytes)
                {
                    body["bytes"] = mostBytes;
                }

                string target = string.IsNullOrEmpty(asked) ? Quotas : $"{Quotas}/{Uri.EscapeDataString(asked)}";
                JsonObject answer = await run.Rest.SendAsync(HttpMethod.Put, target, body, run.Stop).ConfigureAwait(false);
                return run.Answer(Report.Item(
                    ("prefix", string.IsNullOrEmpty(asked) ? "(store)" : asked), ("keysAllowed", run.Parse.GetValue(keys)),
                    ("bytesAllowed", run.Parse.GetValue(bytes)), ("revision", answer["revision"]?.DeepClone())));
            });
    }

    private static Command Remove(VerbFactory make)
    {
        Argument<string> prefix = Prefix();
        return make.Make(
            "remove", "Remove a prefix's quota.", ["raftkvctl quota remove tenants/a/"], [prefix],
            run => RemoveAsync(run, Quotas, prefix));
    }

    private static Command ListGuards(VerbFactory make)
    {
        var reads = new ReadFlags();
        return make.Make(
            "list", "List the guards.", ["raftkvctl guard list"], reads.OfNow,
            async run =>
            {
                (JsonObject answer, ResponseMetadata said) =
                    await run.Rest.ReadAsync(Guards, run.Reads(reads), run.Stop).ConfigureAwait(false);
                return run.Answer(Report.List(
                    ["prefix", "kind", "lock"],
                    (answer["guards"] as JsonArray ?? []).Select(static guard => new JsonNode?[]
                    {
                        guard!["prefix"]?.DeepClone(), guard["kind"]?.DeepClone(), guard["lock"]?.DeepClone(),
                    })) with
                {
                    Answer = said,
                });
            });
    }

    private static Command SetGuard(VerbFactory make)
    {
        Argument<string> prefix = Prefix();
        var name = new Option<string?>("--lock") { Description = "The fence must be of this lock; of any when absent", HelpName = "NAME" };
        return make.Make(
            "set", "From now on a write under the prefix needs a fence.", ["raftkvctl guard set jobs/ --lock nightly"], [prefix, name],
            async run =>
            {
                var body = new JsonObject();
                if (run.Parse.GetValue(name) is { } said)
                {
                    body["lock"] = said;
                }

                JsonObject answer = await run.Rest.SendAsync(HttpMethod.Put, PathOf(run, Guards, prefix), body, run.Stop)
                    .ConfigureAwait(false);
                return run.Answer(Report.Item(
                    ("prefix", run.Parse.GetRequiredValue(prefix)), ("lock", run.Parse.GetValue(name)),
                    ("revision", answer["revision"]?.DeepClone())));
            });
    }

    private static Command RemoveGuard(VerbFactory make)
    {
        Argument<string> prefix = Prefix();
        return make.Make(
            "remove", "Remove a prefix's guard.", ["raftkvctl guard remove jobs/"], [prefix], run => RemoveAsync(run, Guards, prefix));
    }

    private static async Task<int> RemoveAsync(Invocation run, string root, Argument<string> prefix)
    {
        JsonObject answer = await run.Rest.SendAsync(HttpMethod.Delete, PathOf(run, root, prefix), null, run.Stop).ConfigureAwait(false);
        return run.Answer(Report.Item(("prefix", run.Parse.GetRequiredValue(prefix)), ("revision", answer["revision"]?.DeepClone())));
    }

    private static JsonNode?[] Row(JsonNode quota) =>
    [
        quota["prefix"]?.DeepClone(), Part(quota, "keys", "used"), Part(quota, "keys", "allowed"), Part(quota, "bytes", "used"),
        Part(quota, "bytes", "allowed"),
    ];

    private static JsonNode? Part(JsonNode? of, string name, string inner) => of?[name]?[inner]?.DeepClone();

    private static string PathOf(Invocation run, string root, Argument<string> prefix) =>
        $"{root}/{Uri.EscapeDataString(run.Parse.GetRequiredValue(prefix))}";

    private static Argument<string> Prefix() => new("prefix") { Description = "Keys that begin so" };
}
