using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Sessions write, and read at every level, through another node each time, with nothing but their token to tie it
/// together; now and then one takes over what another has seen.
/// </summary>
internal sealed class LevelsWorkload : IWorkload
{
    private const int KeyCount = 6;
    private const int MostTokens = 16;

    /// <summary>Every level there is.</summary>
    public static readonly string[] Levels =
    [
        ReadLevelNames.Linearizable, ReadLevelNames.Lease, ReadLevelNames.Sequential, ReadLevelNames.Causal, ReadLevelNames.Session,
        ReadLevelNames.ReadYourWrites, ReadLevelNames.MonotonicReads, ReadLevelNames.Bounded, ReadLevelNames.ConsistentPrefix,
        ReadLevelNames.Eventual, ReadLevelNames.All,
    ];

    private readonly ConcurrentDictionary<int, Session> _left = [];
    private long _values;

    public string Name => "levels";

    public string Prefix => "levels/";

    public int ClientCount => 6;

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header)
    {
        yield return LevelChecker.Check(history);
        var served = history.OfType<LevelOperation>().Where(o => o.Outcome == Outcome.Ok).Select(o => o.Level).ToHashSet();
        string[] missing = [.. Levels.Where(level => !served.Contains(level))];
        yield return missing.Length == 0
            ? Verdict.Of("levels served", [])
            : Verdict.Unknown("levels served", $"never answered: {string.Join(", ", missing)}");
    }

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        var session = new Session([], 0, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            bool isHandedOver = random.Next(8) == 0 && _left.TryGetValue(random.Next(1, ClientCount + 1), out Session? other) && Take(other);
            LevelOperation done;
            (done, session) = random.Next(3) == 0
                ? await WriteAsync(client, random, session)
                : await ReadAsync(client, random, session, isHandedOver);
            _left[number] = session;
            client.Note(done);
            await WorkloadPause.AfterAsync(done, random);

            bool Take(Session from)
            {
                // Without an answer that merges them, tokens pile up; a server takes no more than so many.
                string[] tokens = [.. session.Tokens.Concat(from.Tokens).Distinct()];
                if (tokens.Length > MostTokens)
                {
                    return false;
                }

                session = new Session(
                    tokens,
                    Math.Max(session.ReadFloor, from.ReadFloor),
                    Math.Max(session.WriteFloor, from.WriteFloor));
                return true;
            }
        }
    }

    private async Task<(LevelOperation Done, Session After)> WriteAsync(WorkloadClient client, Random random, Session session)
    {
        string key = string.Create(CultureInfo.InvariantCulture, $"levels/{random.Next(KeyCount)}");
        long value = Interlocked.Increment(ref _values);
        bool isAll = random.Next(6) == 0;
        List<string> headers = session.Headers;
        if (isAll)
        {
            headers.Add($"{HeaderNames.WriteConcern}: all");
        }

        Reply reply = await client.TryAsync("PUT", $"/api/v1/kv/{key}", headers, value.ToString(CultureInfo.InvariantCulture));
        long? revision = reply.ChangeOutcome == Outcome.Ok ? reply.Answer!.Number("ETag") : null;
        var done = new LevelOperation(
            client.Process, reply.Node, null, key, value, reply.StartNs, reply.EndNs, reply.ChangeOutcome, null, revision,
            session.ReadFloor, session.WriteFloor, IsAll: isAll, Error: reply.Error);
        return (done, session.After(reply, readRevision: 0, writeRevision: revision ?? 0));
    }

    private static async Task<(LevelOperation Done, Session After)> ReadAsync(
        WorkloadClient client, Random random, Session session, bool isHandedOver)
    {
        string level = isHandedOver && random.Next(2) == 0 ? "causal" : Levels[random.Next(Levels.Length)];
        List<string> headers = [.. session.Headers, $"{HeaderNames.Consistency}: {level}"];
        headers.Add($"{HeaderNames.OnUnmet}: " + random.Next(3) switch { 0 => "fail", 1 => "forward", _ => "wait" });
        long? staleness = null;
        long? lag = null;
        if (level == "bounded" && random.Next(3) == 0)
        {
            lag = random.Next(0, 40);
            headers.Add(string.Create(CultureInfo.InvariantCulture, $"{HeaderNames.MaxLag}: {lag}"));
        }
        else if (level == "bounded")
        {
            staleness = random.Next(50, 2000);
            headers.Add(string.Create(CultureInfo.InvariantCulture, $"{HeaderNames.MaxStaleness}: {staleness}ms"));
        }

        Reply reply = await client.TryAsync("GET", "/api/v1/kv?prefix=levels/", headers);
        var done = new LevelOperation(
            client.Process, reply.Answer?.Header(HeaderNames.ServedBy) ?? reply.Node, level, null, null, reply.StartNs, reply.EndNs,
            reply.ReadOutcome, null, null, session.ReadFloor, session.WriteFloor, isHandedOver, staleness, lag, Error: reply.Error);
        if (!reply.IsOk)
        {
            return (done, session);
        }

        JsonElement body = reply.Answer!.Json();
        long revision = body.GetProperty("revision").GetInt64();
        done = done with { Items = Items(body), Revision = revision, StalenessMs = Milliseconds(reply.Answer) };
        return (done, session.After(reply, revision, writeRevision: 0));
    }

    private static SeenPair[] Items(JsonElement body) => [.. body.GetProperty("items").EnumerateArray().Select(item => new SeenPair(
        item.GetProperty("key").GetString()!,
        long.Parse(item.GetProperty("value").GetString()!, CultureInfo.InvariantCulture),
        item.GetProperty("modRevision").GetInt64()))];

    private static double? Milliseconds(HttpAnswer answer) =>
        double.TryParse(answer.Header(HeaderNames.StalenessMs), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    /// <summary>What a session carries from node to node, and what this side knows to be in it.</summary>
    private sealed record Session(IReadOnlyList<string> Tokens, long ReadFloor, long WriteFloor)
    {
        public List<string> Headers => Tokens.Count == 0 ? [] : [$"{HeaderNames.Session}: {string.Join(", ", Tokens)}"];

        /// <summary>The session after an answer: its token replaces those that were sent.</summary>
        public Session After(Reply reply, long readRevision, long writeRevision) =>
            reply.IsOk && reply.Answer!.Header(HeaderNames.Session) is { } token
                ? new Session([token], Math.Max(ReadFloor, readRevision), Math.Max(WriteFloor, writeRevision))
                : this;
    }
}
