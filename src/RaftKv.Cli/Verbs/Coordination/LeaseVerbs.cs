using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Coordination;

/// <summary>Leases: grant, list, show, keep, revoke.</summary>
internal static class LeaseVerbs
{
    public static Command All(VerbFactory make) =>
        make.Group("lease", "Leases: keys that hang on one go when it ends.", Grant(make), List(make), Show(make), Keep(make),
            Revoke(make));

    private static Command Grant(VerbFactory make)
    {
        Option<TimeSpan?> ttl = GlobalOptions.Durational("--ttl", "How long it lives without a renewal; default 60s");
        return make.Make(
            "grant", "Grant a lease. Nobody renews it but lease keep.", ["raftkvctl lease grant --ttl 30s -o value"], [ttl],
            async run =>
            {
                LeaseGrant lease = await run.Client.Leases
                    .GrantAsync(run.Parse.GetValue(ttl) ?? TimeSpan.FromMinutes(1), cancellationToken: run.Stop).ConfigureAwait(false);
                Report report = Report.Item(("lease", lease.Id), ("ttlMs", (long)lease.Ttl.TotalMilliseconds));
                return run.Answer(report with { Answer = lease.Metadata });
            });
    }

    private static Command List(VerbFactory make)
    {
        var reads = new ReadFlags();
        return make.Make(
            "list", "List the leases.", ["raftkvctl lease list", "raftkvctl lease list --level eventual --node n2"], reads.OfNow,
            async run =>
            {
                JsonObject? page = null;
                ResponseMetadata? answer = null;
                var rows = new List<JsonNode?[]>();
                ReadOptions options = run.Reads(reads);
                do
                {
                    string query = (string?)page?["nextCursor"] is { } cursor ? "&cursor=" + Uri.EscapeDataString(cursor) : "";
                    (page, answer) = await run.Rest.ReadAsync("/api/v1/leases?limit=1000" + query, options, run.Stop).ConfigureAwait(false);
                    rows.AddRange((page["leases"] as JsonArray ?? []).Select(static lease => new JsonNode?[]
                    {
                        lease!["id"]?.DeepClone(), lease["ttlMs"]?.DeepClone(),
                    }));
                }
                while (page["nextCursor"] is not null);
                return run.Answer(Report.List(["lease", "ttlMs"], rows) with { Answer = answer });
            });
    }

    private static Command Show(VerbFactory make)
    {
        Argument<string> id = Id();
        var reads = new ReadFlags();
        return make.Make(
            "show", "Show a lease: what is left of it, and its keys.",
            ["raftkvctl lease show 7f3a -o yaml", "raftkvctl lease show 7f3a --level eventual --node n2"], [id, .. reads.OfNow],
            async run =>
            {
                string asked = run.Parse.GetRequiredValue(id);
                LeaseInfo lease = await run.Client.Leases.GetAsync(asked, run.Reads(reads), run.Stop).ConfigureAwait(false)
                    ?? throw Missing(asked);
                return run.Answer(Report.Item(
                    ("lease", lease.Id), ("ttlMs", (long)lease.Ttl.TotalMilliseconds),
                    ("remainingMs", lease.Remaining is { } left ? (long)left.TotalMilliseconds : null),
                    ("keys", new JsonArray([.. lease.Keys.Select(static key => (JsonNode)key.ToString())]))) with
                {
                    ValueColumn = "remainingMs",
                    Answer = lease.Metadata,
                });
            });
    }

    private static Command Keep(VerbFactory make)
    {
        Argument<string> id = Id();
        var once = new Option<bool>("--once") { Description = "Renew it once" };
        return make.Make(
            "keep", "Renew a lease at a third of its life, until Ctrl+C; exit code 3 when it has ended.", ["raftkvctl lease keep 7f3a"],
                [id, once],
            async run =>
            {
                string asked = run.Parse.GetRequiredValue(id);
                while (await run.Client.Leases.KeepAliveAsync(asked, run.Stop).ConfigureAwait(false))
                {
                    LeaseInfo lease = await run.Client.Leases.GetAsync(asked, run.Stop).ConfigureAwait(false) ?? throw Missing(asked);
                    run.Writer.WriteNext(
                        Report.Item(("lease", asked), ("ttlMs", (long)lease.Ttl.TotalMilliseconds)),
                        $"{asked} lives for another {lease.Ttl.TotalSeconds:0.#} s.");
                    if (run.Parse.GetValue(once))
                    {
                        return CtlExit.Ok;
                    }

                    await Task.Delay(lease.Ttl / 3, TimeProvider.System, run.Stop).ConfigureAwait(false);
                }

                throw Missing(asked);
            });
    }

    private static Command Revoke(VerbFactory make)
    {
        Argument<string> id = Id();
        return make.Make(
            "revoke", "End a lease; its keys go, in one revision.", ["raftkvctl lease revoke 7f3a"], [id],
            async run =>
            {
                string asked = run.Parse.GetRequiredValue(id);
                bool isEnded = await run.Client.Leases.RevokeAsync(asked, run.Stop).ConfigureAwait(false);
                return isEnded ? run.Answer(Report.Item(("revoked", true), ("lease", asked))) : throw Missing(asked);
            });
    }

    private static Argument<string> Id() => new("id") { Description = "The lease's id, as hex" };

    private static CtlException Missing(string id) => new(CtlExit.NotFound, $"There is no lease {id}; it may have ended.");
}
