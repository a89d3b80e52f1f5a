// The whole shop with one command: three nodes, the services, two of Shipping, and customers. In the middle the node that
// leads is killed, and the Shipping that works. At the end it says what was sold, and shows the trace of an order that was under way.
using RaftKv.Client;
using RaftKv.Client.Testing;
using RaftKv.ServiceDiscovery;
using Shop.Run;

int orderCount = args is ["--orders", var count] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 40;
string traces = Directory.CreateTempSubdirectory("shop-traces-").FullName;
await using RaftKvTestCluster cluster = await RaftKvTestCluster.StartAsync(
    new TestClusterOptions { Nodes = 3, ServerPath = Places.Of("src/RaftKv", "raftkv.dll") });
await using RaftKvClient client = cluster.CreateClient(static options => options.Timeout = TimeSpan.FromSeconds(60));
Console.WriteLine($"three nodes: {string.Join(' ', cluster.Endpoints)}");
await client.Txn().Then(
    Op.Put("shop/prices/lamp", "2000"),
    Op.Put("shop/prices/chair", "9900"),
    Op.Put("shop/stock/lamp", "1000"),
    Op.Put("shop/stock/chair", "1000"),
    Op.Put("shop/settings/DiscountPercent", "10")).CommitAsync();

using Services services = new(cluster.Endpoints, traces);
services.Start("Catalog");
services.Start("Orders");
services.Start("Shipping");
services.Start("Shipping");
await using ServiceWatch orders = new(client, "orders");
await using ServiceWatch catalog = new(client, "catalog");
await Wait.UntilAsync(() => Task.FromResult(orders.Instances.Count == 1 && catalog.Instances.Count == 1), "Orders and Catalog are listed");
Console.WriteLine($"orders are taken at {orders.Instances[0].Address}");

using HttpClient http = new() { BaseAddress = orders.Instances[0].Address, Timeout = TimeSpan.FromSeconds(60) };
Customers customers = new(http);
await customers.BuyAsync("before", 8, Task.CompletedTask);

// What was slow because it was the first is not what is to be seen.
Array.ForEach(Directory.GetFiles(traces), File.Delete);
Task<int> killed = Faults.KillLeaderAsync(cluster, client);
Task during = customers.BuyAsync("during", orderCount, killed);
(string Node, DateTimeOffset At) death = ($"n{await killed + 1}", TimeProvider.System.GetUtcNow());
Console.WriteLine($"the leader, {death.Node}, is killed");
await client.PutAsync("shop/settings/DiscountPercent", "25");
await during;
await Faults.KillShipperAsync(client, services);
Console.WriteLine("the Shipping that worked is killed");
await customers.BuyAsync("after", 4, Task.CompletedTask);
return await Closing.ReportAsync(client, customers.Count, traces, death) ? 0 : 1;
