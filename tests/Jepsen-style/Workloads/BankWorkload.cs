using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Money goes from account to account in transactions; looks at all accounts, at strong and weak levels alike, must
/// always come to the same total.
/// </summary>
internal sealed class BankWorkload : IWorkload
{
    private const string AllAccounts = "/api/v1/kv?prefix=bank/";

    public string Name => "bank";

    public string Prefix => "bank/";

    public int ClientCount => 6;

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header) => [BankChecker.Check(history, header.Nodes)];

    public async Task PrepareAsync(WorkloadClient client)
    {
        string puts = string.Join(',', Enumerable.Range(0, BankChecker.AccountCount).Select(account => Put(account, BankChecker.OpeningBalance)));
        Reply reply = await client.TryAsync("POST", "/api/v1/txn", body: $$"""{"then":[{{puts}}]}""", serverTimeout: "10s");
        if (!reply.IsOk)
        {
            throw new TimeoutException($"The accounts could not be opened: {reply.Error}");
        }
    }

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            BankOperation done = random.Next(3) == 0
                ? await ReadAsync(client, random.Next(2) == 0 ? "linearizable" : "eventual")
                : await TransferAsync(client, random);
            client.Note(done);
            await WorkloadPause.AfterAsync(done, random);
        }
    }

    private static async Task<BankOperation> ReadAsync(WorkloadClient client, string level)
    {
        Reply reply = await client.TryAsync("GET", AllAccounts, [$"{HeaderNames.Consistency}: {level}"]);
        var done = new BankOperation(
            client.Process, reply.Node, null, null, 0, reply.StartNs, reply.EndNs, reply.ReadOutcome, Level: level, Error: reply.Error);
        if (!reply.IsOk)
        {
            return done;
        }

        (Dictionary<string, (long Balance, long ModRevision)> accounts, long revision) = Accounts(reply.Answer!);
        return done with
        {
            Balances = [.. Enumerable.Range(0, BankChecker.AccountCount)
                .Select(i => accounts.TryGetValue(BankChecker.Key(i), out var account) ? account.Balance : long.MinValue)],
            Revision = revision,
        };
    }

    private static async Task<BankOperation> TransferAsync(WorkloadClient client, Random random)
    {
        int from = random.Next(BankChecker.AccountCount);
        int to = (from + random.Next(1, BankChecker.AccountCount)) % BankChecker.AccountCount;
        long amount = random.Next(1, 40);
        Reply look = await client.TryAsync("GET", AllAccounts, [$"{HeaderNames.Consistency}: eventual"]);
        var done = new BankOperation(client.Process, look.Node, from, to, amount, look.StartNs, look.EndNs, Outcome.Fail, Error: look.Error);
        if (!look.IsOk)
        {
            return done;
        }

        (Dictionary<string, (long Balance, long ModRevision)> accounts, _) = Accounts(look.Answer!);
        (long Balance, long ModRevision) payer = accounts.GetValueOrDefault(BankChecker.Key(from));
        (long Balance, long ModRevision) payee = accounts.GetValueOrDefault(BankChecker.Key(to));
        if (payer.Balance < amount)
        {
            return done with { Error = "too little money" };
        }

        string body = $$"""
            {"compare":[{{Compare(from, payer.ModRevision)}},{{Compare(to, payee.ModRevision)}}],
             "then":[{{Put(from, payer.Balance - amount)}},{{Put(to, payee.Balance + amount)}}]}
            """;
        Reply reply = await client.TryAsync("POST", "/api/v1/txn", body: body);
        done = done with { Node = reply.Node, EndNs = reply.EndNs, Outcome = reply.ChangeOutcome, Error = reply.Error };
        return done.Outcome != Outcome.Ok ? done
            : reply.Answer!.Json().GetProperty("succeeded").GetBoolean() ? done with { Revision = reply.Answer.Json().GetProperty("revision").GetInt64() }
            : done with { Outcome = Outcome.Fail, Error = "changed meanwhile" };
    }

    private static (Dictionary<string, (long Balance, long ModRevision)> Accounts, long Revision) Accounts(HttpAnswer answer)
    {
        JsonElement body = answer.Json();
        return (
            body.GetProperty("items").EnumerateArray().ToDictionary(
                item => item.GetProperty("key").GetString()!,
                item => (
                    long.Parse(item.GetProperty("value").GetString()!, CultureInfo.InvariantCulture),
                    item.GetProperty("modRevision").GetInt64())),
            body.GetProperty("revision").GetInt64());
    }

    private static string Put(int account, long balance) => string.Create(
        CultureInfo.InvariantCulture, $$$"""{"put":{"key":"{{{BankChecker.Key(account)}}}","value":"{{{balance}}}"}}""");

    private static string Compare(int account, long revision) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"key":"{{BankChecker.Key(account)}}","target":"modRevision","op":"=","operand":{{revision}}}""");
}
