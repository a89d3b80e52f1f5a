using System.Globalization;
using System.Text.Json;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Clients fill a store with a small quota. Who is told that there is no room looks, deletes, ends a lease and compacts, and
/// writes on. The quota is the whole store's: other workloads in the same cluster would be refused with it.
/// </summary>
internal sealed class QuotaWorkload : IWorkload
{
    private const int QuotaBytes = 300_000;
    private const int ValueLength = 1_000;
    private const int MostDeletions = 12;
    private const int MostTries = 100;

    private long _next;

    public string Name => "quota";

    public string Prefix => "quota/";

    public int ClientCount => 6;

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header) => [QuotaChecker.Check(history, header.Nodes)];

    public async Task PrepareAsync(WorkloadClient client)
    {
        string body = string.Create(CultureInfo.InvariantCulture, $$"""{"bytes":{{QuotaBytes}}}""");
        while (!(await client.TryAsync("PUT", "/api/v1/quotas", ["Content-Type: application/json"], body)).IsOk)
        {
            await Task.Delay(50);
        }
    }

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        var work = new Work(client);
        while (!cancellationToken.IsCancellationRequested)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"quota/{Interlocked.Increment(ref _next):D9}");
            QuotaOperation put = await work.PutAsync(key);
            if (put.IsFull)
            {
                await work.MakeRoomAsync(random, cancellationToken);
            }
            else if (random.Next(20) == 0)
            {
                await work.GrantAsync();
            }

            await WorkloadPause.AfterAsync(put, random);
        }
    }

    public async Task FinishAsync(LocalCluster cluster, HistoryRecorder history)
    {
        ServerProcess node = cluster.Nodes[0];
        using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(20));
        long start = history.NowNs;
        string? problem = null;
        for (int i = 0; i < MostTries; i++)
        {
            problem = await RecoverAsync(session);
            if (problem is null)
            {
                break;
            }

            await Task.Delay(100);
        }

        history.Add(new QuotaOperation(
            0, node.Name, QuotaStep.Recover, null, start, history.NowNs, problem is null ? Outcome.Ok : Outcome.Fail, Error: problem));
    }

    /// <summary>Deletes all, compacts, writes and looks at the alarms; what did not go well, or null.</summary>
    private static async Task<string?> RecoverAsync(NodeSession session)
    {
        HttpAnswer gone = await session.SendAsync("DELETE", "/api/v1/kv?prefix=quota/", [], default);
        HttpAnswer compacted = gone.Status == 200 ? await CompactAsync(session, gone.Number("RaftKv-Revision") ?? 0) : gone;
        HttpAnswer put = await session.SendAsync("PUT", "/api/v1/kv/quota/after", [], new byte[ValueLength]);
        HttpAnswer alarms = await session.GetAsync("/api/v1/alarms", "RaftKv-Consistency: linearizable");
        return put.Status is not (200 or 201)
            ? $"{OutcomeMapping.Describe(put)} after deletion {gone.Status} and compaction {compacted.Status}"
            : alarms.Text.Contains("NOSPACE", StringComparison.Ordinal) ? "the alarm is still raised"
            : null;
    }

    private static Task<HttpAnswer> CompactAsync(NodeSession session, long revision) => session.SendAsync(
        "POST", "/api/v1/compact", ["Content-Type: application/json"],
        JsonSerializer.SerializeToUtf8Bytes(new { revision, physical = true }));

    /// <summary>One client's keys and lease.</summary>
    private sealed class Work(WorkloadClient client)
    {
        private static readonly string Padding = new('0', ValueLength);

        private readonly List<string> _keys = [];
        private string? _lease;
        private long _revision;

        public async Task<QuotaOperation> PutAsync(string key)
        {
            Reply reply = await client.TryAsync("PUT", "/api/v1/kv/" + key, body: Padding);
            if (reply.IsOk)
            {
                _keys.Add(key);
                _revision = Math.Max(_revision, reply.Answer!.Number("RaftKv-Revision") ?? 0);
            }

            return Note(QuotaStep.Put, key, reply, reply.ChangeOutcome);
        }

        public async Task GrantAsync()
        {
            if (_lease is not null)
            {
                return;
            }

            Reply reply = await client.TryAsync("POST", "/api/v1/leases", body: """{"ttl":"10m"}""");
            _lease = reply.IsOk ? reply.Answer!.JsonString("id") : null;
            Note(QuotaStep.Grant, null, reply, reply.ChangeOutcome);
        }

        public async Task MakeRoomAsync(Random random, CancellationToken cancellationToken)
        {
            await GrantAsync();
            for (int i = random.Next(1, MostDeletions); i > 0 && _keys.Count > 0 && !cancellationToken.IsCancellationRequested; i--)
            {
                int place = random.Next(_keys.Count);
                string key = _keys[place];
                await ReadAsync(key);
                Reply reply = await client.TryAsync("DELETE", "/api/v1/kv/" + key);
                Note(QuotaStep.Delete, key, reply, reply.ChangeOutcome);
                _keys.RemoveAt(place);
                _revision = Math.Max(_revision, reply.IsOk ? reply.Answer!.Number("RaftKv-Revision") ?? 0 : 0);
                await ReadAsync(key);
            }

            if (_lease is not null)
            {
                Reply reply = await client.TryAsync("DELETE", "/api/v1/leases/" + _lease);
                Note(QuotaStep.Revoke, null, reply, reply.ChangeOutcome);
                _lease = null;
            }

            string body = string.Create(CultureInfo.InvariantCulture, $$"""{"revision":{{_revision}}}""");
            Reply compacted = await client.TryAsync("POST", "/api/v1/compact", body: body);
            Note(QuotaStep.Compact, null, compacted, compacted.ChangeOutcome);
        }

        private async Task ReadAsync(string key)
        {
            Reply reply = await client.TryAsync("GET", "/api/v1/kv/" + key, ["RaftKv-Consistency: linearizable"]);
            bool isGone = reply.Answer is { Status: 404 };
            client.Note(new QuotaOperation(
                client.Process, reply.Node, QuotaStep.Read, key, reply.StartNs, reply.EndNs,
                reply.IsOk || isGone ? Outcome.Ok : Outcome.Fail, reply.Is(507), reply.IsOk,
                reply.Answer?.Number("RaftKv-Revision"), isGone ? null : reply.Error));
        }

        private QuotaOperation Note(QuotaStep step, string? key, Reply reply, Outcome outcome) => client.Note(new QuotaOperation(
            client.Process, reply.Node, step, key, reply.StartNs, reply.EndNs, outcome, reply.Is(507), null,
            reply.Answer?.Number("RaftKv-Revision"), reply.Error));
    }
}
