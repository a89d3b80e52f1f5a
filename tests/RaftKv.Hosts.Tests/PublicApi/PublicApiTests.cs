using System.Reflection;
using RaftKv.Akka;
using RaftKv.Akka.Hosting;
using RaftKv.Aspire;
using RaftKv.Aspire.Hosting;
using RaftKv.Orleans;
using RaftKv.ServiceDiscovery;
using RaftKv.Tests.Client;
using RaftKv.Tests.Support;
using RaftKv.Yarp;

namespace RaftKv.Hosts.Tests.PublicApi;

/// <summary>What users of the hosts' packages compile against is written down beside each; a change of it is seen in its diff.</summary>
public sealed class PublicApiTests
{
    private static readonly Type[] OneOfEach =
    [
        typeof(RaftKvLease), typeof(RaftKvLeaseOption), typeof(RaftKvClientSettings), typeof(RaftKvResource), typeof(RaftKvOrleansOptions),
        typeof(RaftKvServiceDiscoveryExtensions), typeof(RaftKvReverseProxyExtensions),
    ];

    public static TheoryData<string> Packages => [.. OneOfEach.Select(static type => type.Assembly.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_surface_is_what_is_written_down(string package)
    {
        Assembly assembly = OneOfEach.Single(type => type.Assembly.GetName().Name == package).Assembly;
        string path = PageCode.PathOf($"src/Integrations/{package}/PublicApi.txt");
        string actual = string.Concat(PublicApiText.Of(assembly).Select(static line => line + "\n"));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} is missing; UPDATE_GOLDEN=1 writes it");
        Assert.True(actual == File.ReadAllText(path), $"{path} differs; run once with UPDATE_GOLDEN=1, and say what changed");
    }
}
