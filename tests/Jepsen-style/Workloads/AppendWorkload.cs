using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Transactions of one to four reads and appends over lists. A read-only one is a single txn of gets; one that appends
/// reads its keys first, and then puts them only if none has changed since.
/// </summary>
internal sealed class AppendWorkload : IWorkload
{
    private const int KeysAtOnce = 5;
    private const int TxnsPerKey = 80;

    private long _txns;
    private long _values;

    public string Name => "append";

    public string Prefix => "append/";

    public int ClientCount => 6;

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header) =>
        [AppendChecker.Check(history, header.Nodes)];

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            List<MicroOp> plan = Plan(random);
            TxnOperation done = plan.Exists(micro => micro.IsAppend) ? await UpdateAsync(client, plan) : await ReadAsync(client, plan);
            client.Note(done);
            await WorkloadPause.AfterAsync(done, random);
        }
    }

    private List<MicroOp> Plan(Random random)
    {
        // Lists are left behind after a while, so that none grows for ever.
        long generation = Interlocked.Increment(ref _txns) / (KeysAtOnce * TxnsPerKey / 2);
        var plan = new List<MicroOp>();
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"append/{generation}-{random.Next(KeysAtOnce)}");
            plan.Add(new MicroOp(key, random.Next(2) == 0 ? Interlocked.Increment(ref _values) : null, null));
        }

        return plan;
    }

    private static async Task<TxnOperation> ReadAsync(WorkloadClient client, List<MicroOp> plan)
    {
        string[] keys = [.. plan.Select(micro => micro.Key).Distinct()];
        Reply reply = await client.TryAsync("POST", "/api/v1/txn", body: $$"""{"then":[{{Gets(keys)}}]}""");
        if (!reply.IsOk)
        {
            return new TxnOperation(client.Process, reply.Node, plan, reply.StartNs, reply.EndNs, Outcome.Fail, Error: reply.Error);
        }

        JsonElement body = reply.Answer!.Json();
        Dictionary<string, (IReadOnlyList<long> List, long ModRevision)> state = State(keys, body.GetProperty("responses"), first: 0);
        return new TxnOperation(
            client.Process, reply.Node, [.. plan.Select(micro => micro with { List = state[micro.Key].List })], reply.StartNs, reply.EndNs,
            Outcome.Ok, body.GetProperty("revision").GetInt64());
    }

    private static async Task<TxnOperation> UpdateAsync(WorkloadClient client, List<MicroOp> plan)
    {
        string[] keys = [.. plan.Select(micro => micro.Key).Distinct()];
        Reply look = await client.TryAsync(
            "POST", "/api/v1/kv/range", [$"{HeaderNames.Consistency}: eventual"], $$"""{"ranges":[{{Ranges(keys)}}]}""");
        if (!look.IsOk)
        {
            return new TxnOperation(client.Process, look.Node, plan, look.StartNs, look.EndNs, Outcome.Fail, Error: look.Error);
        }

        // A stale look costs a refusal, never a wrong result: the txn compares what was seen with what is there.
        Dictionary<string, (IReadOnlyList<long> List, long ModRevision)> seen = State(keys, look.Answer!.Json().GetProperty("results"), first: 0);
        (List<MicroOp> micros, Dictionary<string, List<long>> after) = Apply(plan, seen);
        string compares = string.Join(',', keys.Select(key => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"key":"{{key}}","target":"modRevision","op":"=","operand":{{seen[key].ModRevision}}}""")));
        string puts = string.Join(',', after.Select(list => $$$"""{"put":{"key":"{{{list.Key}}}","value":"{{{string.Join(',', list.Value)}}}"}}"""));
        Reply write = await client.TryAsync("POST", "/api/v1/txn", body: $$"""{"compare":[{{compares}}],"then":[{{puts}}]}""");
        var done = new TxnOperation(
            client.Process, write.Node, micros, look.StartNs, write.EndNs, write.ChangeOutcome, null, write.Error);
        if (done.Outcome != Outcome.Ok)
        {
            return done;
        }

        JsonElement body = write.Answer!.Json();
        return body.GetProperty("succeeded").GetBoolean()
            ? done with { Revision = body.GetProperty("revision").GetInt64() }
            : done with { Outcome = Outcome.Fail, Error = "changed meanwhile" };
    }

    /// <summary>What the plan's reads see, and what its appends leave, on top of what was seen.</summary>
    private static (List<MicroOp> Micros, Dictionary<string, List<long>> After) Apply(
        List<MicroOp> plan, Dictionary<string, (IReadOnlyList<long> List, long ModRevision)> seen)
    {
        var now = seen.ToDictionary(list => list.Key, list => list.Value.List.ToList());
        var micros = new List<MicroOp>();
        foreach (MicroOp micro in plan)
        {
            if (micro.IsAppend)
            {
                now[micro.Key].Add(micro.Value!.Value);
            }

            micros.Add(micro.IsAppend ? micro : micro with { List = [.. now[micro.Key]] });
        }

        var written = plan.Where(micro => micro.IsAppend).Select(micro => micro.Key).ToHashSet();
        return (micros, now.Where(list => written.Contains(list.Key)).ToDictionary());
    }

    private static string Gets(string[] keys) => string.Join(',', keys.Select(key => $$$"""{"get":{"key":"{{{key}}}"}}"""));

    private static string Ranges(string[] keys) => string.Join(',', keys.Select(key => $$"""{"key":"{{key}}"}"""));

    private static Dictionary<string, (IReadOnlyList<long> List, long ModRevision)> State(string[] keys, JsonElement results, int first)
    {
        var state = new Dictionary<string, (IReadOnlyList<long> List, long ModRevision)>();
        for (int i = 0; i < keys.Length; i++)
        {
            JsonElement result = results[first + i];
            JsonElement items = (result.TryGetProperty("get", out JsonElement get) ? get : result).GetProperty("items");
            state[keys[i]] = items.GetArrayLength() == 0
                ? ([], 0)
                : (AppendChecker.ParseList(items[0].GetProperty("value").GetString()!), items[0].GetProperty("modRevision").GetInt64());
        }

        return state;
    }
}
