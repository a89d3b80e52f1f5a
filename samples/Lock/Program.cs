// Start this in several terminals: one works at a time. Stop the one that works with Ctrl+Z for longer than the ttl and wake it with
// `fg`: its fenced write is refused, because the lock has gone to another one meanwhile.
using RaftKv.Client;
using RaftKv.Samples;

await using var client = new RaftKvClient(new RaftKvClientOptions { Endpoints = Cluster.Endpoints });
while (!Cluster.Stop.IsCancellationRequested)
{
    try
    {
        Console.WriteLine("waiting for the lock orders/42 …");
        await using LockHandle handle = await client.Locks.AcquireAsync("orders/42", TimeSpan.FromSeconds(5), Cluster.Stop);
        Console.WriteLine($"holding it with token {handle.FencingToken}");

        // The work: it ends early when the lock is lost.
        using var work = CancellationTokenSource.CreateLinkedTokenSource(Cluster.Stop, handle.LostToken);
        await Task.Delay(TimeSpan.FromSeconds(2), work.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // The cluster itself refuses the write when somebody else holds the lock by now.
        await client.PutAsync("orders/42/state", $"shipped under {handle.FencingToken}", new WriteOptions { Fence = handle.Fence });
        Console.WriteLine("shipped");
    }
    catch (RaftKvPreconditionException e) when (e.Code == "fence-lost")
    {
        Console.WriteLine("came too late: the lock is another one's, and nothing was written");
    }
    catch (OperationCanceledException) when (Cluster.Stop.IsCancellationRequested)
    {
        Console.WriteLine("stopped");
    }
}
