using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace RaftKv.Aspire.Hosting;

/// <summary>Makes the nodes of a cluster.</summary>
internal static class RaftKvNodes
{
    private const int ClientPort = 2379;
    private const int PeerPort = 2380;
    private const int PortsOfANode = 10;
    private const string Peer = RaftKvNode.PeerEndpoint;
    private const string Client = RaftKvNode.ClientEndpoint;

    internal static void Add(IDistributedApplicationBuilder builder, IResourceBuilder<RaftKvResource> cluster, int number)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"n{number}");
        if (cluster.Resource.Server.IsContainer)
        {
            AddContainer(builder, cluster, name, number);
        }
        else
        {
            AddExecutable(builder, cluster, name, number);
        }
    }

    private static void AddContainer(
        IDistributedApplicationBuilder builder, IResourceBuilder<RaftKvResource> cluster, string name, int number)
    {
        string resource = $"{cluster.Resource.Name}-{name}";
        RaftKvServer server = cluster.Resource.Server;
        IResourceBuilder<ContainerResource> node = builder.AddContainer(resource, server.Source, server.Tag)
            .WithHttpEndpoint(port: HostPort(cluster.Resource, number), targetPort: ClientPort, name: Client)
            .WithArgs(context => AddArguments(
                context.Args, cluster.Resource, name, "/data", $"http://0.0.0.0:{ClientPort}", $"http://0.0.0.0:{PeerPort}"))
            .WithArgs("--insecure");

        // Peers talk on the containers' network, where a resource's name is a host's.
        string peer = string.Create(CultureInfo.InvariantCulture, $"http://{resource}:{PeerPort}");
        Finish(cluster, node, new RaftKvNode(name, node.Resource, peer));
    }

    private static void AddExecutable(
        IDistributedApplicationBuilder builder, IResourceBuilder<RaftKvResource> cluster, string name, int number)
    {
        // Fixed ports, and no proxy before them: a node's addresses are what the others have written down.
        int clientPort = (cluster.Resource.BasePort ?? ClientPort) + ((number - 1) * PortsOfANode);
        string client = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{clientPort}");
        string peer = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{clientPort + 1}");
        string path = cluster.Resource.Server.Source;
        bool isAssembly = path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        IResourceBuilder<ExecutableResource> node = builder
            .AddExecutable($"{cluster.Resource.Name}-{name}", isAssembly ? "dotnet" : path, builder.AppHostDirectory)
            .WithHttpEndpoint(port: clientPort, targetPort: clientPort, name: Client, isProxied: false)
            .WithHttpEndpoint(port: clientPort + 1, targetPort: clientPort + 1, name: Peer, isProxied: false)
            .WithArgs(context =>
            {
                if (isAssembly)
                {
                    context.Args.Add(path);
                }

                string data = cluster.Resource.DataDirectory ??= Directory.CreateTempSubdirectory("raftkv-aspire-").FullName;
                AddArguments(context.Args, cluster.Resource, name, Path.Combine(data, name), client, peer);
            });
        Finish(cluster, node, new RaftKvNode(name, node.Resource, peer));
    }

    private static void Finish<T>(IResourceBuilder<RaftKvResource> cluster, IResourceBuilder<T> node, RaftKvNode described)
        where T : IResourceWithEndpoints
    {
        cluster.Resource.Add(described);
        node.WithHttpHealthCheck("/readyz", endpointName: Client)
            .WithParentRelationship(cluster.Resource)
            .WithUrlForEndpoint(Client, url => ShowDashboard(cluster.Resource, url));
    }

    private static void ShowDashboard(RaftKvResource cluster, ResourceUrlAnnotation url)
    {
        if (cluster.HasDashboard)
        {
            url.Url = url.Url.TrimEnd('/') + "/dashboard";
            url.DisplayText = "Dashboard";
        }
    }

    private static void AddArguments(
        IList<object> arguments, RaftKvResource cluster, string name, string data, string client, string peer)
    {
        // Looked up when the node is started: by then all nodes are known.
        foreach (string argument in (string[])
                 ["serve", "--name", name, "--data-dir", data, "--client", client, "--peer", peer, "--cluster", cluster.ClusterList()])
        {
            arguments.Add(argument);
        }
    }

    private static int? HostPort(RaftKvResource cluster, int number) =>
        cluster.BasePort is { } port ? port + ((number - 1) * PortsOfANode) : null;
}
