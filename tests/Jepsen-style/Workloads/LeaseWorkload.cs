using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Each client grants a lease, hangs two keys on it, renews it a few times or not at all, ends it now and then, and
/// watches when the keys go.
/// </summary>
internal sealed class LeaseWorkload : IWorkload
{
    private int _leases;

    public string Name => "lease";

    public string? Prefix => null;

    public int ClientCount => 8;

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header)
    {
        yield return LeaseChecker.Check(history);
        int ends = history.OfType<LeaseOperation>().Where(o => o.SeenKeys == 0 && o.Outcome == Outcome.Ok).Select(o => o.Number).Distinct().Count();
        yield return ends > 0 ? Verdict.Of("leases ended", []) : Verdict.Unknown("leases ended", "no lease was seen to end");
    }

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var life = new Life(client, Interlocked.Increment(ref _leases), random.Next(600, 3000));
            LeaseOperation granted = await life.GrantAsync();
            if (granted.Outcome == Outcome.Ok && (await life.AttachAsync()).Outcome == Outcome.Ok)
            {
                await LiveAsync(life, random, cancellationToken);
            }

            await WorkloadPause.AfterAsync(granted, random);
        }
    }

    private static async Task LiveAsync(Life life, Random random, CancellationToken cancellationToken)
    {
        for (int renewals = random.Next(4); renewals > 0 && !cancellationToken.IsCancellationRequested; renewals--)
        {
            await Task.Delay(random.Next(50, (int)(life.TtlMs * 0.8)), CancellationToken.None);
            await life.KeepAliveAsync();
            await life.ReadAsync();
        }

        if (random.Next(5) == 0)
        {
            await life.RevokeAsync();
        }

        // The last look may be the one that finds them gone; one more shows that they stay gone, and that a renewal is
        // refused.
        while (!cancellationToken.IsCancellationRequested)
        {
            LeaseOperation look = await life.ReadAsync();
            if (look.SeenKeys == 0)
            {
                await life.KeepAliveAsync();
                await life.ReadAsync();
                return;
            }

            await Task.Delay(random.Next(20, 120), CancellationToken.None);
        }
    }

    /// <summary>One lease, from its grant to its end.</summary>
    private sealed class Life(WorkloadClient client, int number, int ttlMs)
    {
        private string? _id;

        public int TtlMs => ttlMs;

        public async Task<LeaseOperation> GrantAsync()
        {
            Reply reply = await client.TryAsync(
                "POST", "/api/v1/leases", body: string.Create(CultureInfo.InvariantCulture, $$"""{"ttl":"{{ttlMs}}ms"}"""));
            _id = reply.IsOk ? reply.Answer!.JsonString("id") : null;
            return Note(LeaseStep.Grant, reply, reply.ChangeOutcome);
        }

        public async Task<LeaseOperation> AttachAsync()
        {
            string puts = string.Join(',', Enumerable.Range(0, LeaseChecker.KeysPerLease).Select(i => string.Create(
                CultureInfo.InvariantCulture, $$$"""{"put":{"key":"lease/{{{number}}}/{{{i}}}","value":"x","lease":"{{{_id}}}"}}""")));
            Reply reply = await client.TryAsync("POST", "/api/v1/txn", body: $$"""{"then":[{{puts}}]}""");
            return Note(LeaseStep.Attach, reply, reply.ChangeOutcome);
        }

        public async Task<LeaseOperation> KeepAliveAsync()
        {
            Reply reply = await client.TryAsync("POST", $"/api/v1/leases/{_id}/keepalive");
            return Note(LeaseStep.Keepalive, reply, reply.ChangeOutcome);
        }

        public async Task<LeaseOperation> RevokeAsync()
        {
            Reply reply = await client.TryAsync("DELETE", $"/api/v1/leases/{_id}");
            return Note(LeaseStep.Revoke, reply, reply.ChangeOutcome);
        }

        public async Task<LeaseOperation> ReadAsync()
        {
            string target = string.Create(CultureInfo.InvariantCulture, $"/api/v1/kv?prefix=lease/{number}/");
            Reply reply = await client.TryAsync("GET", target, [$"{HeaderNames.Consistency}: linearizable"]);
            if (!reply.IsOk)
            {
                return Note(LeaseStep.Read, reply, Outcome.Fail);
            }

            JsonElement body = reply.Answer!.Json();
            return Note(
                LeaseStep.Read, reply, Outcome.Ok, body.GetProperty("items").GetArrayLength(), body.GetProperty("revision").GetInt64());
        }

        private LeaseOperation Note(LeaseStep step, Reply reply, Outcome outcome, int? seenKeys = null, long? revision = null) =>
            client.Note(new LeaseOperation(
                client.Process, reply.Node, step, number, _id, ttlMs, reply.StartNs, reply.EndNs, outcome, seenKeys, revision, reply.Error));
    }
}
