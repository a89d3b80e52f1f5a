using System.Globalization;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// Every write has its own key: in the end nothing acknowledged is missing, nothing refused is there, nothing twice.
/// </summary>
internal sealed class SetWorkload : IWorkload
{
    private long _next;

    public string Name => "set";

    public string Prefix => "set/";

    public int ClientCount => 8;

    public async Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            long value = Interlocked.Increment(ref _next);
            Operation done = await client.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"set/{value:D9}"), value);
            await WorkloadPause.AfterAsync(done, random);
        }
    }

    public IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header) =>
        [SetChecker.Check(history, header.Nodes).Verdict];
}
