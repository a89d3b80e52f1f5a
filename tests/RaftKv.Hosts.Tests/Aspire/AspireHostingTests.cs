using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RaftKv.Aspire.Hosting;

namespace RaftKv.Hosts.Tests.Aspire;

/// <summary>The model that an app host makes of a cluster.</summary>
public sealed class AspireHostingTests
{
    [Fact]
    public async Task Executables_are_three_nodes_of_one_cluster_on_fixed_ports()
    {
        IDistributedApplicationBuilder builder = NewBuilder();
        IResourceBuilder<RaftKvResource> kv = builder
            .AddRaftKv("kv", RaftKvServer.Executable("/opt/raftkv/raftkv.dll"), basePort: 4000)
            .WithNodes(3)
            .WithDataDirectory("/var/lib/kv");

        Assert.Equal(["kv-n1", "kv-n2", "kv-n3"], kv.Resource.Nodes.Select(static node => node.Resource.Name));
        const string Founders = "n1=http://127.0.0.1:4001,n2=http://127.0.0.1:4011,n3=http://127.0.0.1:4021";
        Assert.Equal(
            [
                "/opt/raftkv/raftkv.dll", "serve", "--name", "n2", "--data-dir", "/var/lib/kv/n2", "--client", "http://127.0.0.1:4010",
                "--peer", "http://127.0.0.1:4011", "--cluster", Founders,
            ],
            await ArgumentsAsync(kv.Resource.Nodes[1].Resource));
        Assert.Equal("dotnet", Assert.IsType<ExecutableResource>(kv.Resource.Nodes[1].Resource).Command);
        Assert.Equal((4010, false), PortOf(kv.Resource.Nodes[1].Resource, "client"));

        Allocate(kv.Resource);
        Assert.Equal(
            "http://localhost:4000,http://localhost:4010,http://localhost:4020",
            await kv.Resource.ConnectionStringExpression.GetValueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Containers_talk_by_their_names_and_keep_their_data_in_volumes()
    {
        IDistributedApplicationBuilder builder = NewBuilder();
        IResourceBuilder<RaftKvResource> kv = builder.AddRaftKv("kv").WithNodes(2).WithDataVolume();
        IResourceWithEndpoints node = kv.Resource.Nodes[0].Resource;
        Assert.Equal(
            [
                "serve", "--name", "n1", "--data-dir", "/data", "--client", "http://0.0.0.0:2379", "--peer", "http://0.0.0.0:2380",
                "--cluster", "n1=http://kv-n1:2380,n2=http://kv-n2:2380", "--insecure",
            ],
            await ArgumentsAsync(node));
        ContainerImageAnnotation image = Assert.Single(node.Annotations.OfType<ContainerImageAnnotation>());
        Assert.Equal(("raftkv", "0.1.0"), (image.Image, image.Tag));
        ContainerMountAnnotation mount = Assert.Single(node.Annotations.OfType<ContainerMountAnnotation>());
        Assert.Equal(("raftkv-kv-n1", "/data"), (mount.Source, mount.Target));
        Assert.Throws<InvalidOperationException>(() => kv.WithDataDirectory("x"));
        Assert.Throws<ArgumentOutOfRangeException>(() => kv.WithNodes(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => kv.WithNodes(8));
    }

    [Fact]
    public void The_cluster_and_each_node_have_a_health_check_and_a_node_belongs_to_its_cluster()
    {
        IDistributedApplicationBuilder builder = NewBuilder();
        IResourceBuilder<RaftKvResource> kv = builder.AddRaftKv("kv", RaftKvServer.Executable()).WithNodes(3).WithDashboard();
        Assert.Equal("raftkv_kv", Assert.Single(kv.Resource.Annotations.OfType<HealthCheckAnnotation>()).Key);
        Assert.All(kv.Resource.Nodes, static node => Assert.Single(node.Resource.Annotations.OfType<HealthCheckAnnotation>()));
        Assert.All(kv.Resource.Nodes, static node => Assert.Single(node.Resource.Annotations.OfType<ResourceRelationshipAnnotation>()));
        using DistributedApplication app = builder.Build();
        Assert.NotNull(app.Services.GetRequiredService<HealthCheckService>());
    }

    private static IDistributedApplicationBuilder NewBuilder() =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true, Args = [] });

    private static (int? Port, bool IsProxied) PortOf(IResource node, string name) =>
        node.Annotations.OfType<EndpointAnnotation>()
            .Where(endpoint => endpoint.Name == name)
            .Select(static endpoint => (endpoint.Port, endpoint.IsProxied))
            .Single();

    /// <summary>As the host does it before a start.</summary>
    private static void Allocate(RaftKvResource cluster)
    {
        foreach (EndpointAnnotation endpoint in cluster.Nodes
                     .SelectMany(static node => node.Resource.Annotations.OfType<EndpointAnnotation>()))
        {
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", endpoint.Port!.Value);
        }
    }

    private static async Task<string[]> ArgumentsAsync(IResource node)
    {
        List<object> arguments = [];
        CommandLineArgsCallbackContext context = new(arguments, CancellationToken.None);
        foreach (CommandLineArgsCallbackAnnotation callback in node.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await callback.Callback(context);
        }

        return [.. arguments.Select(static argument => argument.ToString()!)];
    }
}
