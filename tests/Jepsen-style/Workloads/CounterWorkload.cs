using System.Globalization;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Clients add one to a few counters and read them: an add that counts twice, or not at all, shows in the sums.
/// </summary>
internal sealed class CounterWorkload : IWorkload
{
    private const int CounterCount = 4;

    public string Name => "counter";

    public string Prefix => "counter/";

    public int ClientCount => 6;

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"counter/{random.Next(CounterCount)}");
            Operation done = random.Next(4) == 0 ? await client.ReadAsync(key) : await client.AddAsync(key);
            await WorkloadPause.AfterAsync(done, random);
        }
    }

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header) =>
        [CounterChecker.Check(history, header.Nodes)];
}
