using System.Globalization;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Clients read, write and compare-and-set a few keys through any node, and some only read, with little patience: when a
/// deposed leader wakes, there is a fresh read waiting in its sockets. Keys are left behind after a while: the search
/// for an order grows with the operations of unknown outcome on one key.
/// </summary>
internal sealed class RegisterWorkload : IWorkload
{
    private const int KeysAtOnce = 3;
    private const int OperationsPerKey = 120;
    private const int WriterCount = 6;
    private const int ReaderCount = 3;
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan SearchBudget = TimeSpan.FromSeconds(60);

    private long _operations;
    private long _values;

    public string Name => "register";

    public string Prefix => "register/";

    public int ClientCount => WriterCount + ReaderCount;

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        bool isReader = number > WriterCount;
        if (isReader)
        {
            client.Patience = ReaderPatience;
        }

        var lastSeen = new Dictionary<string, (long? Value, long? Revision)>();
        while (!cancellationToken.IsCancellationRequested)
        {
            long turn = Interlocked.Increment(ref _operations);
            long slot = random.Next(KeysAtOnce);
            string key = string.Create(CultureInfo.InvariantCulture, $"register/{slot}-{turn / (KeysAtOnce * OperationsPerKey)}");
            Operation done = await StepAsync(client, isReader ? 0 : random.Next(10), key, lastSeen);
            if (done.Outcome == Outcome.Ok && done.Kind != OperationKind.CompareAndSet)
            {
                lastSeen[key] = done.Kind == OperationKind.Read ? (done.Result, done.Revision) : (done.Value, done.Revision);
            }
            else
            {
                lastSeen.Remove(key);
            }

            await WorkloadPause.AfterAsync(done, random);
        }
    }

    private Task<Operation> StepAsync(
        WorkloadClient client, int dice, string key, Dictionary<string, (long? Value, long? Revision)> lastSeen)
    {
        if (dice < 4)
        {
            return client.ReadAsync(key);
        }

        long value = Interlocked.Increment(ref _values);
        return dice >= 7 && lastSeen.TryGetValue(key, out var seen) && (seen.Value is null || seen.Revision is not null)
            ? client.CompareAndSetAsync(key, seen.Value, seen.Revision, value)
            : client.WriteAsync(key, value);
    }

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header) =>
        [LinearizabilityChecker.Check(history.OfType<Operation>(), SearchBudget)];
}
