using RaftKv.Akka;
using RaftKv.Akka.Hosting;
using RaftKv.Aspire;
using RaftKv.Aspire.Hosting;
using RaftKv.Integrations.Tests.PublicApi;
using RaftKv.Orleans;
using RaftKv.ServiceDiscovery;
using RaftKv.Yarp;

namespace RaftKv.Hosts.Tests.PublicApi;

/// <summary>What users of the packages for hosts can name, in a file for each package beside this one.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData(typeof(RaftKvLease))]
    [InlineData(typeof(RaftKvLeaseOption))]
    [InlineData(typeof(RaftKvClientSettings))]
    [InlineData(typeof(RaftKvResource))]
    [InlineData(typeof(RaftKvOrleansOptions))]
    [InlineData(typeof(ServiceWatch))]
    [InlineData(typeof(RaftKvProxyOptions))]
    public void What_users_can_name_is_as_written_down(Type one) => PublicApiText.Check(one.Assembly, "RaftKv.Hosts.Tests");
}
