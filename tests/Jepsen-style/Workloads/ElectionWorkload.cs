using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Candidates run, lead for a while, proclaim, resign or fall silent; observers keep streams open on changing nodes, and
/// some only ask.
/// </summary>
internal sealed class ElectionWorkload : IWorkload
{
    private const string Election = "jepsen";
    private const int ObserverCount = 3;

    private int _values;

    public string Name => "election";

    public string? Prefix => null;

    public int ClientCount => 8;

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header) => [ElectionChecker.Check(history)];

    public Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken) => number switch
    {
        <= ObserverCount => ObserveAsync(client, random, cancellationToken),
        ObserverCount + 1 => LookAsync(client, random, cancellationToken),
        _ => RunForItAsync(client, random, cancellationToken),
    };

    private static async Task ObserveAsync(WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        for (int stream = 1; !cancellationToken.IsCancellationRequested; stream++)
        {
            int node = random.Next(client.NodeCount);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            end.CancelAfter(random.Next(3000, 12_000));
            try
            {
                using EventStream events = await client.OpenStreamAsync(node, $"/api/v1/elections/{Election}/observe", end.Token);
                while (events.Head.Status == 200 && await events.NextAsync(end.Token) is { } message)
                {
                    Note(client, stream, node, message);
                }
            }
            catch (HttpFailureException)
            {
                // The node went away, or the stream has had its time.
            }

            await Task.Delay(random.Next(20, 200), CancellationToken.None);
        }
    }

    private static void Note(WorkloadClient client, int stream, int node, StreamEvent message)
    {
        if (message.Event is not ("leader" or "vacant"))
        {
            return;
        }

        using JsonDocument data = JsonDocument.Parse(message.Data);
        bool isLed = message.Event == "leader";
        client.Note(new ElectionSight(
            client.Process, stream, client.NodeName(node), Election, client.NowNs,
            isLed ? data.RootElement.GetProperty("token").GetInt64() : null,
            isLed ? data.RootElement.GetProperty("value").GetString() : null,
            long.TryParse(message.Id, NumberStyles.None, CultureInfo.InvariantCulture, out long revision) ? revision : null));
    }

    private static async Task LookAsync(WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Reply reply = await client.TryAsync("GET", $"/api/v1/elections/{Election}", [$"{HeaderNames.Consistency}: linearizable"]);
            var look = new ElectionOperation(
                client.Process, reply.Node, ElectionStep.Look, Election, null, null, reply.StartNs, reply.EndNs, reply.ReadOutcome, Error: reply.Error);
            if (reply.IsOk)
            {
                JsonElement body = reply.Answer!.Json();
                JsonElement leader = body.GetProperty("leader");
                look = look with { Revision = body.GetProperty("revision").GetInt64() };
                look = leader.ValueKind == JsonValueKind.Null
                    ? look
                    : look with { Token = leader.GetProperty("token").GetInt64(), Value = leader.GetProperty("value").GetString() };
            }

            client.Note(look);
            await WorkloadPause.AfterAsync(look, random);
        }
    }

    private async Task RunForItAsync(WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            string body = $$"""{"value":"{{NewValue()}}","ttl":"1500ms","wait":"1500ms"}""";
            Reply reply = await client.TryAsync("POST", $"/api/v1/elections/{Election}/campaign", body: body);
            long? token = reply.IsOk ? reply.Answer!.Json().GetProperty("token").GetInt64() : null;
            ElectionOperation won = Note(ElectionStep.Campaign, reply, token, reply.Is(409, "lock-held") ? Outcome.Fail : reply.ChangeOutcome);
            if (won.Outcome == Outcome.Ok)
            {
                await LeadAsync(token!.Value);
            }

            await WorkloadPause.AfterAsync(won, random);
        }

        async Task LeadAsync(long token)
        {
            for (int proclaims = random.Next(3); proclaims > 0; proclaims--)
            {
                await Task.Delay(random.Next(10, 150), CancellationToken.None);
                string target = string.Create(CultureInfo.InvariantCulture, $"/api/v1/elections/{Election}/value?token={token}");
                Reply reply = await client.TryAsync("PUT", target, body: NewValue());
                Note(ElectionStep.Proclaim, reply, token, reply.ChangeOutcome);
            }

            if (random.Next(4) != 0)
            {
                string target = string.Create(CultureInfo.InvariantCulture, $"/api/v1/elections/{Election}?token={token}");
                Reply reply = await client.TryAsync("DELETE", target);
                Note(ElectionStep.Resign, reply, token, reply.ChangeOutcome);
            }
        }

        ElectionOperation Note(ElectionStep step, Reply reply, long? token, Outcome outcome) => client.Note(new ElectionOperation(
            client.Process, reply.Node, step, Election, null, token, reply.StartNs, reply.EndNs, outcome, Error: reply.Error));

        string NewValue() => string.Create(CultureInfo.InvariantCulture, $"value-{Interlocked.Increment(ref _values)}");
    }
}
