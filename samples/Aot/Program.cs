// Compiled ahead of time: dotnet publish samples/Aot -c Release -r linux-x64 -o /tmp/aot && /tmp/aot/RaftKv.Samples.Aot
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using RaftKv.Client;
using RaftKv.Samples;
using static RaftKv.Client.Compare;

ServiceCollection services = new();
services.AddRaftKvClient(static o => o.Endpoints = Cluster.Endpoints);
await using ServiceProvider provider = services.BuildServiceProvider();
var client = provider.GetRequiredService<RaftKvClient>();
TimeSpan ttl = TimeSpan.FromSeconds(5);

UpdateResult<Visits> visits = await client.UpdateAsync(
    "samples/aot/visits", static before => new Visits((before?.Count ?? 0) + 1), AppJson.Default.Visits);
Console.WriteLine($"visit {visits.Value.Count}");

await using (LockHandle handle = await client.Locks.AcquireAsync("samples/aot", ttl, Cluster.Stop))
{
    await client.PutAsync("samples/aot/holder", $"token {handle.FencingToken}", new() { Fence = handle.Fence });
}

await using (Leadership leader = await client.Elections.CampaignAsync("samples/aot", "here", ttl, Cluster.Stop))
{
    TxnResult txn = await client.CommitAsync(
        new TxnBuilder().When(Key("samples/aot/holder").Exists).Then(Op.Increment("samples/aot/terms"), Op.Get("samples/aot/holder")),
        new() { Fence = leader.Fence });
    Console.WriteLine($"led, {(txn.Succeeded ? "after somebody held the lock" : "and nobody held the lock")}");
}

WatchOptions options = new() { StartRevision = visits.ModRevision };
await foreach (WatchEvent change in client.WatchAsync(RaftKvRange.Prefix("samples/aot/"), options, Cluster.Stop))
{
    Console.WriteLine($"{change.Revision}: {change.Key} = {change.Entry.GetString()}");
    if (change.Key == "samples/aot/terms")
    {
        break;
    }
}

Console.WriteLine(RuntimeFeature.IsDynamicCodeSupported ? "on a runtime that compiles" : "native: nothing was compiled at run time");

/// <summary>How often this ran.</summary>
internal sealed record Visits(int Count);

/// <summary>JSON without reflection.</summary>
[JsonSerializable(typeof(Visits))]
internal sealed partial class AppJson : JsonSerializerContext;
