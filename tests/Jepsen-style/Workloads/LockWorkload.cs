using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Clients take locks, write to what they protect with the fencing token, and now and then sleep past their time and
/// write all the same; others look on.
/// </summary>
internal sealed class LockWorkload : IWorkload
{
    private const int LockCount = 3;
    private const int OnlookerCount = 2;

    private int _owners;

    public string Name => "lock";

    public string Prefix => "resource/";

    public int ClientCount => 8;

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header)
    {
        yield return LockChecker.Check(history);
        int fenced = history.OfType<LockOperation>().Count(o => o is { Step: LockStep.FencedWrite, Outcome: Outcome.Ok });
        yield return fenced > 0 ? Verdict.Of("fenced writes", []) : Verdict.Unknown("fenced writes", "no fenced write was taken");
    }

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"jepsen-{random.Next(LockCount)}");
            LockOperation done = number <= OnlookerCount
                ? await LookAsync(client, random, name)
                : await HoldAsync(client, random, name, cancellationToken);
            await WorkloadPause.AfterAsync(done, random);
        }
    }

    private static async Task<LockOperation> LookAsync(WorkloadClient client, Random random, string name)
    {
        bool isResource = random.Next(2) == 0;
        string target = isResource ? $"/api/v1/kv/resource/{name}" : $"/api/v1/locks/{name}";
        Reply reply = await client.TryAsync("GET", target, [$"{HeaderNames.Consistency}: linearizable"]);
        LockStep step = isResource ? LockStep.ReadResource : LockStep.Observe;
        var look = new LockOperation(
            client.Process, reply.Node, step, name, null, null, 0, reply.StartNs, reply.EndNs, reply.ReadOutcome, Error: reply.Error);
        if (isResource && reply.Is(404))
        {
            return client.Note(look with { Outcome = Outcome.Ok, Token = 0, Error = null });
        }

        if (!reply.IsOk)
        {
            return client.Note(look);
        }

        JsonElement body = reply.Answer!.Json();
        return client.Note(isResource
            ? look with { Token = long.Parse(body.GetProperty("value").GetString()!, CultureInfo.InvariantCulture) }
            : look with { Holders = Places(body, "holders"), Queue = Places(body, "queue"), Revision = body.GetProperty("revision").GetInt64() });
    }

    private static LockPlace[] Places(JsonElement body, string member) => [.. body.GetProperty(member).EnumerateArray().Select(place =>
        new LockPlace(place.GetProperty("fencingToken").GetInt64(), place.GetProperty("owner").GetString() ?? ""))];

    private async Task<LockOperation> HoldAsync(WorkloadClient client, Random random, string name, CancellationToken cancellationToken)
    {
        var hold = new Hold(client, name, string.Create(CultureInfo.InvariantCulture, $"owner-{Interlocked.Increment(ref _owners)}"), random.Next(500, 2000));
        LockOperation acquired = await hold.AcquireAsync(random.Next(3) == 0 ? "0s" : "1500ms");
        if (acquired.Outcome != Outcome.Ok)
        {
            return acquired;
        }

        for (int writes = random.Next(1, 5); writes > 0 && !cancellationToken.IsCancellationRequested; writes--)
        {
            // One in eight oversleeps: its write must be refused, or nobody else has come meanwhile.
            await Task.Delay(random.Next(8) == 0 ? hold.TtlMs + random.Next(200, 1500) : random.Next(1, 100), CancellationToken.None);
            await hold.WriteAsync();
            if (random.Next(4) == 0)
            {
                await hold.KeepAliveAsync();
            }
        }

        // One in five is never heard of again.
        return random.Next(5) == 0 ? acquired : await hold.ReleaseAsync();
    }

    /// <summary>One client's hold on a lock.</summary>
    private sealed class Hold(WorkloadClient client, string name, string owner, int ttlMs)
    {
        private long? _token;

        public int TtlMs => ttlMs;

        public async Task<LockOperation> AcquireAsync(string wait)
        {
            string body = string.Create(CultureInfo.InvariantCulture, $$"""{"ttl":"{{ttlMs}}ms","wait":"{{wait}}","owner":"{{owner}}"}""");
            Reply reply = await client.TryAsync("POST", $"/api/v1/locks/{name}", body: body);
            _token = reply.IsOk ? reply.Answer!.Json().GetProperty("fencingToken").GetInt64() : null;
            return Note(LockStep.Acquire, reply, reply.Is(409, "lock-held") ? Outcome.Fail : reply.ChangeOutcome);
        }

        public async Task<LockOperation> WriteAsync()
        {
            string token = _token!.Value.ToString(CultureInfo.InvariantCulture);
            Reply reply = await client.TryAsync(
                "PUT", $"/api/v1/kv/resource/{name}", [$"{HeaderNames.Fence}: {name};token={token}"], token);
            return Note(LockStep.FencedWrite, reply, reply.ChangeOutcome, reply.Answer?.Number("ETag"));
        }

        public async Task<LockOperation> KeepAliveAsync()
        {
            Reply reply = await client.TryAsync("POST", string.Create(CultureInfo.InvariantCulture, $"/api/v1/locks/{name}/keepalive?token={_token}"));
            return Note(LockStep.Keepalive, reply, reply.ChangeOutcome);
        }

        public async Task<LockOperation> ReleaseAsync()
        {
            Reply reply = await client.TryAsync("DELETE", string.Create(CultureInfo.InvariantCulture, $"/api/v1/locks/{name}?token={_token}"));
            return Note(LockStep.Release, reply, reply.ChangeOutcome);
        }

        private LockOperation Note(LockStep step, Reply reply, Outcome outcome, long? revision = null) => client.Note(new LockOperation(
            client.Process, reply.Node, step, name, owner, _token, ttlMs, reply.StartNs, reply.EndNs, outcome,
            Revision: outcome == Outcome.Ok ? revision : null, Error: reply.Error));
    }
}
