// Prints every change under a prefix, over dying nodes and restarts of the cluster. Change something meanwhile:
//   curl -X PUT http://127.0.0.1:2379/api/v1/kv/app/flag -d on
using RaftKv.Client;
using RaftKv.Samples;

string prefix = args is [var given, ..] ? given : "app/";
await using var client = new RaftKvClient(new RaftKvClientOptions { Endpoints = Cluster.Endpoints });
WatchOptions options = new()
{
    // The present state first, and again whenever what was missed is compacted.
    OnCompacted = WatchCompaction.Snapshot,
    Connected = static node => Console.WriteLine($"-- {node.ServedBy} streams"),
    Disconnected = static reason => Console.WriteLine($"-- {reason.Message} Going on elsewhere."),
};
try
{
    await foreach (WatchBatch batch in client.WatchBatchesAsync(RaftKvRange.Prefix(prefix), options, Cluster.Stop))
    {
        switch (batch)
        {
            case WatchSnapshot snapshot:
                Console.WriteLine($"{snapshot.Revision}: {snapshot.Entries.Count} keys");
                break;
            case WatchChanges changes:
                foreach (WatchEvent change in changes.Events)
                {
                    Console.WriteLine($"{changes.Revision}: {change.Reason} {change.Key} {change.Entry.GetString()}");
                }

                break;
        }
    }
}
catch (OperationCanceledException)
{
    Console.WriteLine("stopped");
}
