using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Coordination;

/// <summary>What is held, and by whom: locks, semaphores, fence.</summary>
internal static class LookVerbs
{
    private static readonly string[] _columns = ["name", "holder", "token", "mode", "remainingMs", "waiting"];

    public static IEnumerable<Command> All(VerbFactory make) =>
        [Locks(make, "locks", "locks"), Locks(make, "semaphores", "semaphores"), Fence(make)];

    private static Command Locks(VerbFactory make, string name, string path)
    {
        var one = new Argument<string?>("name")
        {
            Description = "One of them, with those who wait; all when absent",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var reads = new ReadFlags();
        return make.Make(
            name, $"Show which {path} are held, by whom, and who waits.",
            [$"raftkvctl {name}", $"raftkvctl {name} orders/42 -o json", $"raftkvctl {name} --level eventual --node n2"],
            [one, .. reads.OfNow],
            async run =>
            {
                ReadOptions options = run.Reads(reads);
                if (run.Parse.GetValue(one) is not { } asked)
                {
                    return await ListAsync(run, path, options).ConfigureAwait(false);
                }

                LockState state = path == "locks"
                    ? await run.Client.Locks.GetAsync(asked, options, run.Stop).ConfigureAwait(false)
                    : await run.Client.Locks.GetSemaphoreAsync(asked, options, run.Stop).ConfigureAwait(false);
                IEnumerable<JsonNode?[]> rows = state.Holders.Select(holder => Row("holds", holder))
                    .Concat(state.Queue.Select(waiter => Row("waits", waiter)));
                return run.Answer(Report.List(["what", "owner", "token", "mode", "remainingMs", "lease"], rows) with
                {
                    ValueColumn = "owner",
                    Answer = state.Metadata,
                    Note = state.IsFree ? "Nobody holds it." : null,
                });
            });
    }

    private static async Task<int> ListAsync(Invocation run, string path, ReadOptions options)
    {
        var rows = new List<JsonNode?[]>();
        string? cursor = null;
        ResponseMetadata? answer = null;
        do
        {
            string query = cursor is null ? "" : "?cursor=" + Uri.EscapeDataString(cursor);
            (JsonObject page, answer) = await run.Rest.ReadAsync($"/api/v1/{path}{query}", options, run.Stop).ConfigureAwait(false);
            foreach (JsonNode? entry in page[path] as JsonArray ?? [])
            {
                foreach (JsonNode? holder in entry!["holders"] as JsonArray ?? [])
                {
                    rows.Add(
                    [
                        entry["name"]?.DeepClone(), holder!["owner"]?.DeepClone(), holder["fencingToken"]?.DeepClone(),
                            holder["mode"]?.DeepClone(),
                        holder["remainingMs"]?.DeepClone(), entry["queueLength"]?.DeepClone(),
                    ]);
                }
            }

            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);
        return run.Answer(Report.List(_columns, rows) with { Answer = answer });
    }

    private static Command Fence(VerbFactory make)
    {
        var fence = new Argument<string>("fence") { Description = "LOCK;token=N, as in RAFTKV_FENCE" };
        return make.Make(
            "fence", "Ask whether a holder still holds; exit code 4 when it does not.",
            ["raftkvctl fence \"$RAFTKV_FENCE\"", "raftkvctl fence 'orders/42;token=17' -o value"], [fence],
            async run =>
            {
                Fence asked = WriteFlags.ParseFence(run.Parse.GetRequiredValue(fence));
                bool isValid = await run.Client.Locks.VerifyAsync(asked, run.Stop).ConfigureAwait(false);
                return run.Answer(
                    Report.Item(("valid", isValid), ("name", asked.Name), ("token", asked.Token)), isValid ? CtlExit.Ok : CtlExit.Conflict);
            });
    }

    private static JsonNode?[] Row(string what, LockHolder holder) =>
    [
        what, holder.Owner, holder.FencingToken, holder.Mode.ToString().ToLowerInvariant(),
        holder.Remaining is { } left ? (long)left.TotalMilliseconds : null, holder.LeaseId,
    ];
}
