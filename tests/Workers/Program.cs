// Programs of users, as small as they come, for tests that stop and kill them: each says on its output what happened to it.
//   hold LOCK TTL-MS KEY       holds the lock and writes its token to the key under its fence, lost or not, until that is refused
//   lead ELECTION TTL-MS PREFIX   works under an election: each step creates the next key of the prefix under its fence
// Where the cluster is says RAFTKV_ENDPOINTS.
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RaftKv.Client;
using RaftKv.Workers;

if (args is not [string mode and ("hold" or "lead"), string name, string ttlText, string place])
{
    await Console.Error.WriteLineAsync("usage: hold LOCK TTL-MS KEY | lead ELECTION TTL-MS PREFIX");
    return 2;
}

Uri[] endpoints = [.. Environment.GetEnvironmentVariable("RAFTKV_ENDPOINTS")!.Split(',').Select(text => new Uri(text))];
TimeSpan ttl = TimeSpan.FromMilliseconds(int.Parse(ttlText, CultureInfo.InvariantCulture));
if (mode == "hold")
{
    await using var client = new RaftKvClient(new RaftKvClientOptions { Endpoints = endpoints });
    await new Holder(client, name, ttl, place).RunAsync(Console.In, Console.Out);
    return 0;
}

HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddRaftKvClient(o => o.Endpoints = endpoints);
builder.Services.AddSingleton(new StepPlan(name, ttl, place));
builder.Services.AddHostedService<StepWorker>();
await builder.Build().RunAsync();
return 0;
