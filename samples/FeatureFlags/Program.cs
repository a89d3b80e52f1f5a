// While this runs, turn the flag: raftkvctl put samples/flags/FeatureManagement/NewUi true
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.FeatureManagement;
using RaftKv.Client.Configuration;
using RaftKv.Samples;

ServiceCollection services = new();
services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddRaftKv(static o =>
{
    o.Endpoints = Cluster.Endpoints;
    o.Prefix = "samples/flags/";
}).Build());
services.AddFeatureManagement();
await using ServiceProvider provider = services.BuildServiceProvider();
var features = provider.GetRequiredService<IFeatureManager>();
while (!Cluster.Stop.IsCancellationRequested)
{
    Console.WriteLine(await features.IsEnabledAsync("NewUi") ? "the new one" : "the old one");
    await Task.Delay(TimeSpan.FromSeconds(1), Cluster.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
