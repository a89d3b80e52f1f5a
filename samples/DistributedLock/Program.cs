// Start this in several terminals: many read a price list together, and one at a time changes it, after it has read it
// under the same handle. Kill the one that holds the lock, or the node that leads, and the others go on.
using Medallion.Threading;
using RaftKv.Client;
using RaftKv.DistributedLock;
using RaftKv.Samples;

await using var client = new RaftKvClient(new RaftKvClientOptions { Endpoints = Cluster.Endpoints });
RaftKvDistributedSynchronizationProvider locks = new(
    client, new RaftKvDistributedLockOptions { Prefix = "samples/", Ttl = TimeSpan.FromSeconds(5) });
RaftKvDistributedReaderWriterLock prices = locks.CreateReaderWriterLock("prices");
while (!Cluster.Stop.IsCancellationRequested)
{
    try
    {
        await using (IDistributedSynchronizationHandle reading = await prices.AcquireReadLockAsync(cancellationToken: Cluster.Stop))
        {
            string? seen = await client.GetStringAsync("samples/prices", cancellationToken: Cluster.Stop);
            Console.WriteLine($"read: {seen ?? "nothing yet"}");
        }

        await using (RaftKvDistributedLockUpgradeableHandle handle =
            await prices.AcquireUpgradeableReadLockAsync(cancellationToken: Cluster.Stop))
        {
            // Others may read meanwhile, and nobody can write: what is read here still holds after the upgrade.
            string? before = await client.GetStringAsync("samples/prices", cancellationToken: Cluster.Stop);
            await handle.UpgradeToWriteLockAsync(cancellationToken: Cluster.Stop);

            // The cluster refuses the write if this process stood still and the lock has gone to another one.
            await client.PutAsync(
                "samples/prices", $"after '{before?.Split(' ')[^1]}': {handle.FencingToken}",
                new WriteOptions { Fence = handle.Fence }, handle.HandleLostToken);
            Console.WriteLine($"wrote under token {handle.FencingToken}");
        }

        await Task.Delay(TimeSpan.FromSeconds(1), Cluster.Stop);
    }
    catch (RaftKvPreconditionException e) when (e.Code == "fence-lost")
    {
        Console.WriteLine("came too late: the lock is another one's, and nothing was written");
    }
    catch (OperationCanceledException) when (!Cluster.Stop.IsCancellationRequested)
    {
        Console.WriteLine("the lock may be lost: beginning again");
    }
    catch (OperationCanceledException)
    {
        Console.WriteLine("stopped");
    }
}
