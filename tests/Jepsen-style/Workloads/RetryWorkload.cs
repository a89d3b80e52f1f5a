using System.Globalization;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Adds to counters, each under an idempotency key, or under a number in a client session for every other client, and
/// repeated through any node until it is acknowledged; some are repeated once more afterwards. Whatever the faults, each
/// counts once.
/// </summary>
internal sealed class RetryWorkload : IWorkload
{
    private const int CounterCount = 4;
    private const int MostAttempts = 40;

    public string Name => "counter-retry";

    public string Prefix => "retry/";

    public int ClientCount => 6;

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header)
    {
        yield return CounterChecker.Check(history, header.Nodes);
        yield return RetryChecker.Check(history);
        bool isTried = history.OfType<Operation>().Any(o => o.Kind == OperationKind.Repeat && o.Outcome == Outcome.Ok);
        yield return isTried ? Verdict.Of("repeats", []) : Verdict.Unknown("repeats", "no add was repeated");
    }

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        string? session = number % 2 == 1 ? await OpenSessionAsync(client, cancellationToken) : null;
        for (int turn = 1; !cancellationToken.IsCancellationRequested; turn++)
        {
            // The add before is done with once this one is sent, and the one before that will surely never be repeated.
            string retry = session is null
                ? string.Create(CultureInfo.InvariantCulture, $"{HeaderNames.IdempotencyKey}: {client.Process}-{turn}")
                : string.Create(CultureInfo.InvariantCulture, $"{HeaderNames.ClientSession}: {session};seq={turn};ack={Math.Max(0, turn - 2)}");
            string key = string.Create(CultureInfo.InvariantCulture, $"retry/{random.Next(CounterCount)}");
            Operation done = random.Next(4) == 0
                ? await client.ReadAsync(key)
                : await AddAsync(client, random, key, retry, cancellationToken);
            if (done is { Kind: OperationKind.Add, Outcome: Outcome.Ok } && random.Next(5) == 0)
            {
                await RepeatAsync(client, done);
            }

            await WorkloadPause.AfterAsync(done, random);
        }
    }

    private static async Task<Operation> AddAsync(
        WorkloadClient client, Random random, string key, string retry, CancellationToken cancellationToken)
    {
        Operation? add = null;
        bool isInDoubt = false;
        for (int attempt = 1; attempt <= MostAttempts; attempt++)
        {
            Reply reply = await SendAsync(client, key, retry);
            add ??= new Operation(client.Process, reply.Node, OperationKind.Add, key, 1, null, reply.StartNs, 0, Outcome.Info, Retry: retry);
            add = add with { Node = reply.Node, EndNs = reply.EndNs, Attempts = attempt, Error = reply.Error };
            if (reply.ChangeOutcome == Outcome.Ok)
            {
                add = add with { Outcome = Outcome.Ok, Result = Value(reply), Revision = Revision(reply), IsReplayed = IsReplayed(reply) };
                break;
            }

            // "Not applied" is the word on this attempt; an earlier one may have come through, or may yet.
            isInDoubt |= reply.ChangeOutcome == Outcome.Info || reply.Is(409);
            add = add with { Outcome = isInDoubt ? Outcome.Info : Outcome.Fail };
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            await Task.Delay(random.Next(20, 150), CancellationToken.None);
        }

        return client.Note(add!);
    }

    private static async Task RepeatAsync(WorkloadClient client, Operation done)
    {
        Reply reply = await SendAsync(client, done.Key, done.Retry!);
        bool isOk = reply.ChangeOutcome == Outcome.Ok;
        client.Note(new Operation(
            client.Process, reply.Node, OperationKind.Repeat, done.Key, 1, null, reply.StartNs, reply.EndNs, isOk ? Outcome.Ok : Outcome.Fail,
            isOk ? Value(reply) : null, true, null, reply.Error, done.Retry, 1, isOk && IsReplayed(reply)));
    }

    private static Task<Reply> SendAsync(WorkloadClient client, string key, string retry) =>
        client.TryAsync("POST", "/api/v1/counters/" + key, [retry], """{"by":1}""");

    private static async Task<string?> OpenSessionAsync(WorkloadClient client, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // One that is opened and not heard of costs a place in a table, and no more.
            Reply reply = await client.TryAsync("POST", "/api/v1/client-sessions", [], "");
            if (reply.ChangeOutcome == Outcome.Ok)
            {
                return reply.Answer!.JsonString("id");
            }

            await Task.Delay(50, CancellationToken.None);
        }

        return null;
    }

    private static long Value(Reply reply) => reply.Answer!.Json().GetProperty("value").GetInt64();

    private static long? Revision(Reply reply) => reply.Answer!.Number(HeaderNames.Revision);

    private static bool IsReplayed(Reply reply) => reply.Answer!.Header(HeaderNames.Replayed) == "true";
}
