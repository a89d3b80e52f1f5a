// Prints a setting whenever it changes. Change it meanwhile, or delete it:
//   curl -X PUT http://127.0.0.1:2379/api/v1/kv/config/sample/Greeting/Text -d Hello
// Stop the cluster and start this again: it goes on with the last known values.
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using RaftKv.Client.Configuration;
using RaftKv.Samples;

IConfigurationRoot configuration = new ConfigurationBuilder()
    .AddRaftKv(static o =>
    {
        o.Endpoints = Cluster.Endpoints;
        o.Prefix = "config/sample/";
        o.CacheFile = Path.Combine(Path.GetTempPath(), "raftkv-sample-settings.json");
        o.IsOptional = true;
    })
    .Build();
using IDisposable watching = ChangeToken.OnChange(configuration.GetReloadToken, Print);
Print();
await Task.Delay(Timeout.InfiniteTimeSpan, Cluster.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

void Print() => Console.WriteLine($"Greeting:Text is {configuration["Greeting:Text"] ?? "(not set)"}");
