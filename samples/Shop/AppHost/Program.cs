// The shop in Aspire: dotnet run --project samples/Shop/AppHost, after a build of src/RaftKv in the same configuration.
using Aspire.Hosting;
using RaftKv.Aspire.Hosting;

string[] parts = AppContext.BaseDirectory.TrimEnd('/', '\\').Replace('\\', '/').Split("/samples/Shop/AppHost/");
IDistributedApplicationBuilder builder = DistributedApplication.CreateBuilder(args);
IResourceBuilder<RaftKvResource> kv = builder
    .AddRaftKv("kv", RaftKvServer.Executable(Path.Combine(parts[0], "src/RaftKv", parts[1], "raftkv.dll")), basePort: 23790)
    .WithNodes(3)
    .WithDashboard();
builder.AddProject<Projects.Shop_Catalog>("catalog").WithHttpEndpoint().WithReference(kv).WaitFor(kv);
builder.AddProject<Projects.Shop_Orders>("orders").WithHttpEndpoint().WithReference(kv).WaitFor(kv);
builder.AddProject<Projects.Shop_Shipping>("shipping").WithHttpEndpoint().WithReference(kv).WaitFor(kv).WithReplicas(2);
await builder.Build().RunAsync();
