using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Clients that live through restores and go on with what they had: a session token, a lock and its fencing token, a lease, a
/// client session with writes that are repeated until they are answered. They write pairs of keys, each pair once, and read them at
/// many levels. It is judged under any nemesis.
/// </summary>
internal sealed class RestoreWorkload : IWorkload
{
    /// <summary>So many pairs have the first part of their keys in common, and are read together.</summary>
    public const int GroupSize = 20;

    private static readonly string[] Levels =
    [
        ReadLevelNames.Linearizable, ReadLevelNames.Linearizable, ReadLevelNames.Session, ReadLevelNames.Causal,
        ReadLevelNames.ReadYourWrites, ReadLevelNames.MonotonicReads, ReadLevelNames.ConsistentPrefix, ReadLevelNames.Eventual,
    ];

    private long _pairs;
    private long _names;

    public string Name => "restore";

    public string Prefix => "restore/";

    public int ClientCount => 8;

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header)
    {
        yield return RestoreChecker.Check(history, header.Nodes);
        yield return RestoreChecker.Coverage(history);
    }

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        var life = new Life(client, random, () => Interlocked.Increment(ref _pairs), () => Interlocked.Increment(ref _names));
        while (!cancellationToken.IsCancellationRequested)
        {
            RestoreOperation done = random.Next(10) switch
            {
                < 4 => await life.WriteAsync(),
                < 6 => await life.ListAsync(Interlocked.Read(ref _pairs)),
                < 8 => await life.LockAsync(),
                8 => await life.LeaseAsync(),
                _ => await life.AddAsync(),
            };
            await WorkloadPause.AfterAsync(done, random);
        }
    }

    /// <summary>The keys of a pair begin with this.</summary>
    public static string GroupOf(long number) => string.Create(CultureInfo.InvariantCulture, $"restore/{number / GroupSize:D6}/");

    /// <summary>The keys of a pair.</summary>
    public static string[] KeysOf(long number) =>
        [.. ((string[])["a", "b"]).Select(half => string.Create(CultureInfo.InvariantCulture, $"{GroupOf(number)}{number:D8}{half}"))];

    /// <summary>One client, and what it holds.</summary>
    private sealed class Life(WorkloadClient client, Random random, Func<long> nextPair, Func<long> nextName)
    {
        private const string LongTime = "10m";

        private string? _session;
        private long? _sessionRevision;
        private string? _lockName;
        private long? _token;
        private string? _lease;
        private string? _leaseKey;
        private string? _clientSession;
        private long _answered;

        public async Task<RestoreOperation> WriteAsync()
        {
            long number = nextPair();
            string puts = string.Join(',', KeysOf(number).Select(key =>
                string.Create(CultureInfo.InvariantCulture, $$$"""{"put":{"key":"{{{key}}}","value":"{{{number}}}"}}""")));
            List<string> headers = Session(out long? shown);
            Reply reply = await client.TryAsync("POST", "/api/v1/txn", headers, $$"""{"then":[{{puts}}]}""");
            RestoreOperation done = Tie(Operation(RestoreStep.Write, null, reply, reply.ChangeOutcome, shown), reply);
            long? revision = done.Outcome == Outcome.Ok ? reply.Answer!.Json().GetProperty("revision").GetInt64() : null;
            return client.Note(done with { Number = number, Revision = revision });
        }

        public async Task<RestoreOperation> ListAsync(long newest)
        {
            // What was written last, or anything.
            long number = random.Next(2) == 0 ? Math.Max(0, newest - random.Next(3 * GroupSize)) : random.NextInt64(newest + 1);
            string level = Levels[random.Next(Levels.Length)];
            List<string> headers = [.. Session(out long? shown), $"{HeaderNames.Consistency}: {level}"];
            Reply reply = await client.TryAsync("GET", $"/api/v1/kv?prefix={GroupOf(number)}", headers);
            RestoreOperation done = Tie(Operation(RestoreStep.List, GroupOf(number), reply, reply.ReadOutcome, shown), reply);
            return client.Note(done with { Level = level, Items = reply.IsOk ? Items(reply.Answer!.Json()) : null });
        }

        public async Task<RestoreOperation> LockAsync()
        {
            if (_token is null)
            {
                return client.Note(await AcquireAsync());
            }

            RestoreOperation done = await (random.Next(5) switch
            {
                < 2 => KeepLockAsync(),
                < 4 => FencedWriteAsync(),
                _ => ReleaseAsync(),
            });
            bool isOver = done.Step == RestoreStep.Release ? done.Outcome != Outcome.Fail || IsWordOnHold(done) : IsWordOnHold(done);
            _token = isOver ? null : _token;
            return client.Note(done);
        }

        public async Task<RestoreOperation> LeaseAsync()
        {
            if (_lease is null)
            {
                return client.Note(await GrantAsync());
            }

            RestoreOperation done = await (random.Next(2) == 0 ? RenewAsync() : LookAsync());
            bool isGone = done.IsRefused(ErrorCodes.LeaseNotFound) || random.Next(40) == 0;
            _lease = isGone ? null : _lease;
            return client.Note(done);
        }

        public async Task<RestoreOperation> AddAsync()
        {
            if (_clientSession is null)
            {
                return client.Note(await OpenAsync());
            }

            long number = _answered + 1;
            string stamp = string.Create(
                CultureInfo.InvariantCulture, $"{HeaderNames.ClientSession}: {_clientSession};seq={number};ack={_answered}");
            Reply reply = await client.TryAsync("POST", $"/api/v1/counters/once/{_clientSession}", [stamp], """{"by":1}""");
            RestoreOperation done = Operation(RestoreStep.Add, _clientSession, reply, reply.ChangeOutcome, null) with { Number = number };
            if (done.Outcome == Outcome.Ok)
            {
                _answered = number;
                done = done with { Result = reply.Answer!.Json().GetProperty("value").GetInt64() };
            }
            else if (done.IsRefused(ErrorCodes.ClientSessionUnknown))
            {
                _clientSession = null;
            }

            return client.Note(done);
        }

        private async Task<RestoreOperation> OpenAsync()
        {
            Reply reply = await client.TryAsync("POST", "/api/v1/client-sessions", body: "{}");
            (_clientSession, _answered) = (reply.IsOk ? reply.Answer!.JsonString("id") : null, 0);
            return Operation(RestoreStep.Open, _clientSession, reply, reply.ChangeOutcome, null);
        }

        private async Task<RestoreOperation> AcquireAsync()
        {
            _lockName ??= string.Create(CultureInfo.InvariantCulture, $"restore-{nextName()}");
            string owner = string.Create(CultureInfo.InvariantCulture, $"owner-{nextName()}");
            Reply reply = await client.TryAsync(
                "POST", $"/api/v1/locks/{_lockName}", body: $$"""{"ttl":"{{LongTime}}","wait":"0s","owner":"{{owner}}"}""");
            _token = reply.IsOk ? reply.Answer!.Json().GetProperty("fencingToken").GetInt64() : null;
            Outcome outcome = reply.Is(409, ErrorCodes.LockHeld) ? Outcome.Fail : reply.ChangeOutcome;
            RestoreOperation done = Operation(RestoreStep.Acquire, _lockName, reply, outcome, null) with { Token = _token };

            // An attempt of which nobody knows may hold it for the rest of the run.
            _lockName = outcome == Outcome.Info || reply.Is(409, ErrorCodes.LockHeld) ? null : _lockName;
            return done;
        }

        private async Task<RestoreOperation> KeepLockAsync()
        {
            Reply reply = await client.TryAsync("POST", LockPath("/keepalive"));
            return Operation(RestoreStep.KeepLock, _lockName, reply, reply.ChangeOutcome, null) with { Token = _token };
        }

        private async Task<RestoreOperation> FencedWriteAsync()
        {
            string token = _token!.Value.ToString(CultureInfo.InvariantCulture);
            Reply reply = await client.TryAsync(
                "PUT", $"/api/v1/kv/fenced/{_lockName}", [$"{HeaderNames.Fence}: {_lockName};token={token}"], token);
            return Operation(RestoreStep.FencedWrite, _lockName, reply, reply.ChangeOutcome, null) with { Token = _token };
        }

        private async Task<RestoreOperation> ReleaseAsync()
        {
            Reply reply = await client.TryAsync("DELETE", LockPath(""));
            RestoreOperation done = Operation(RestoreStep.Release, _lockName, reply, reply.ChangeOutcome, null) with { Token = _token };

            // It may be held yet for the rest of the run.
            _lockName = done.Outcome == Outcome.Info ? null : _lockName;
            return done;
        }

        private async Task<RestoreOperation> GrantAsync()
        {
            _leaseKey = string.Create(CultureInfo.InvariantCulture, $"leased/{nextName()}");
            Reply grant = await client.TryAsync("POST", "/api/v1/leases", body: $$"""{"ttl":"{{LongTime}}"}""");
            if (!grant.IsOk)
            {
                return Operation(RestoreStep.Grant, _leaseKey, grant, grant.ChangeOutcome, null);
            }

            string id = grant.Answer!.JsonString("id")!;
            Reply put = await client.TryAsync("PUT", $"/api/v1/kv/{_leaseKey}?lease={id}", body: "x");
            _lease = put.IsOk ? id : null;
            return Operation(RestoreStep.Grant, _leaseKey, put, put.ChangeOutcome, null) with { StartNs = grant.StartNs };
        }

        private async Task<RestoreOperation> RenewAsync()
        {
            Reply reply = await client.TryAsync("POST", $"/api/v1/leases/{_lease}/keepalive");

            // The leader's word, beside which the answer names the view that this node happens to have: none of the renewal's.
            return Operation(RestoreStep.Renew, _leaseKey, reply, reply.ChangeOutcome, null) with { Revision = null };
        }

        private async Task<RestoreOperation> LookAsync()
        {
            Reply reply = await client.TryAsync("GET", $"/api/v1/kv/{_leaseKey}", [$"{HeaderNames.Consistency}: linearizable"]);
            bool isGone = reply.Is(404);
            RestoreOperation done = Operation(RestoreStep.Look, _leaseKey, reply, isGone ? Outcome.Ok : reply.ReadOutcome, null);
            return done with { IsThere = reply.IsOk || isGone ? reply.IsOk : null, Error = isGone ? null : done.Error };
        }

        private string LockPath(string verb) =>
            string.Create(CultureInfo.InvariantCulture, $"/api/v1/locks/{_lockName}{verb}?token={_token}");

        // A token of before is shown again and again, until half of the refusals have made the client begin a new session.
        private List<string> Session(out long? shown)
        {
            bool isShown = _session is not null && random.Next(3) > 0;
            shown = isShown ? _sessionRevision : null;
            return isShown ? [$"{HeaderNames.Session}: {_session}"] : [];
        }

        // The session goes on with the newest answer's token; what was done stays as it is.
        private RestoreOperation Tie(RestoreOperation done, Reply reply)
        {
            bool goesOn = done.SessionRevision is not null || _session is null;
            if (reply.IsOk && goesOn && reply.Answer!.Header(HeaderNames.Session) is { } token && done.Revision is { } revision)
            {
                (_session, _sessionRevision) = (token, revision);
            }
            else if (done.IsRefused(ErrorCodes.SessionMismatch) && random.Next(2) == 0)
            {
                (_session, _sessionRevision) = (null, null);
            }

            return done;
        }

        private RestoreOperation Operation(RestoreStep step, string? name, Reply reply, Outcome outcome, long? shown) => new(
            client.Process, reply.Node, step, name, reply.StartNs, reply.EndNs, outcome,
            Revision: reply.IsOk ? reply.Answer!.Number(HeaderNames.Revision) : null, SessionRevision: shown, Error: reply.Error);

        private static bool IsWordOnHold(RestoreOperation done) =>
            done.IsRefused(ErrorCodes.NotHolder) || done.IsRefused(ErrorCodes.FenceLost);

        private static SeenPair[] Items(JsonElement body) => [.. body.GetProperty("items").EnumerateArray().Select(item => new SeenPair(
            item.GetProperty("key").GetString()!,
            long.Parse(item.GetProperty("value").GetString()!, CultureInfo.InvariantCulture),
            item.GetProperty("modRevision").GetInt64()))];
    }
}
