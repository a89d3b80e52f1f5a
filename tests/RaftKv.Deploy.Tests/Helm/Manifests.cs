using k8s;
using k8s.Models;
using RaftKv.Tests.GeneratedClients;

namespace RaftKv.Deploy.Tests.Helm;

/// <summary>Objects for Kubernetes, read by the types of its API: a member that it does not know is refused.</summary>
internal sealed class Manifests
{
    private readonly List<object> _objects;

    /// <param name="yaml">Documents, one after the other.</param>
    public Manifests(string yaml) => _objects = KubernetesYaml.LoadAllFromString(yaml, strict: true);

    public int Count => _objects.Count;

    public V1StatefulSet Nodes => One<V1StatefulSet>();

    public V1PodDisruptionBudget Budget => One<V1PodDisruptionBudget>();

    public IReadOnlyList<V1Service> Services => [.. _objects.OfType<V1Service>()];

    public IReadOnlyList<V1NetworkPolicy> Policies => [.. _objects.OfType<V1NetworkPolicy>()];

    public IReadOnlyList<V1ServiceAccount> Accounts => [.. _objects.OfType<V1ServiceAccount>()];

    public V1Container Container => Assert.Single(Nodes.Spec.Template.Spec.Containers);

    /// <summary>What the first node is started with.</summary>
    public string[] Arguments =>
        [.. Container.Args.Select(word => word.Replace("$(POD_NAME)", Nodes.Metadata.Name + "-0", StringComparison.Ordinal))];

    /// <summary>What the server says of those arguments.</summary>
    public async Task<(int Code, string Output)> PrintConfigAsync() => await Command.RunAsync(
        Path.GetTempPath(), "dotnet", [Path.Combine(AppContext.BaseDirectory, "raftkv.dll"), .. Arguments, "--print-config"]);

    /// <summary>What must hold of any set of nodes, whoever wrote the manifest.</summary>
    public void AssertSound()
    {
        V1StatefulSetSpec nodes = Nodes.Spec;
        V1PodSpec pod = nodes.Template.Spec;
        IDictionary<string, string> labels = nodes.Template.Metadata.Labels;
        Assert.Equal("Parallel", nodes.PodManagementPolicy);
        Assert.All(nodes.Selector.MatchLabels, label => Assert.Equal(label.Value, labels[label.Key]));
        Assert.Equal(1, int.Parse(Budget.Spec.MaxUnavailable.Value));
        Assert.All(Budget.Spec.Selector.MatchLabels, label => Assert.Equal(label.Value, labels[label.Key]));
        Assert.All(Services, service => Assert.All(service.Spec.Selector, label => Assert.Equal(label.Value, labels[label.Key])));

        // Names of nodes are found before they are ready; clients come to those that are.
        V1Service names = Assert.Single(Services, service => service.Metadata.Name == nodes.ServiceName);
        Assert.True(names.Spec.ClusterIP == "None" && names.Spec.PublishNotReadyAddresses == true);
        Assert.Single(Services, static service => service.Spec.ClusterIP is null && service.Spec.PublishNotReadyAddresses is not true);

        AssertFounding();
        Assert.Equal("/livez", Container.LivenessProbe.HttpGet.Path);
        Assert.Equal("/readyz", Container.ReadinessProbe.HttpGet.Path);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.True(Container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(Container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], Container.SecurityContext.Capabilities.Drop);
        IEnumerable<string> claims = nodes.VolumeClaimTemplates.Select(static claim => claim.Metadata.Name);
        Assert.Equal(
            pod.Volumes.Select(static volume => volume.Name).Concat(claims).Order(),
            Container.VolumeMounts.Select(static mount => mount.Name).Order());
        Assert.Contains(Container.VolumeMounts, static mount => mount.MountPath == "/data");
    }

    // The founding list has each pod by the name that it keeps, and the node is called so.
    private void AssertFounding()
    {
        const string Flag = "--cluster=";
        string list = Assert.Single(Arguments, static word => word.StartsWith(Flag, StringComparison.Ordinal))[Flag.Length..];
        string[][] members = [.. list.Split(',').Select(static one => one.Split('=', 2))];
        string[] pods = [.. Enumerable.Range(0, Nodes.Spec.Replicas!.Value).Select(i => $"{Nodes.Metadata.Name}-{i}")];
        Assert.Equal(pods, members.Select(static one => one[0]));
        Assert.Equal(pods.Select(pod => $"{pod}.{Nodes.Spec.ServiceName}"), members.Select(static one => new Uri(one[1]).Host));
    }

    private T One<T>() => Assert.Single(_objects.OfType<T>());
}
