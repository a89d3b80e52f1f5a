using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.FeatureManagement;
using RaftKv.Client;
using RaftKv.Client.Configuration;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.Application;

/// <summary>Microsoft.FeatureManagement over the configuration provider: it needs nothing more.</summary>
[Collection(ThreeNodes.Name)]
public sealed class FeatureFlagTests(ThreeNodes nodes)
{
    [Fact]
    public async Task Flags_follow_the_keys_filters_included_and_go_on_over_the_death_of_the_leader()
    {
        await nodes.Client.PutAsync("flag-tests/FeatureManagement/NewUi", "true");
        IConfigurationRoot configuration = new ConfigurationBuilder().AddRaftKv(o =>
        {
            o.Endpoints = nodes.Cluster.Endpoints;
            o.Prefix = "flag-tests/";
            o.LoadTimeout = ThreeNodes.Patience;
        }).Build();
        ServiceCollection services = new();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddFeatureManagement();
        await using ServiceProvider provider = services.BuildServiceProvider();
        var features = provider.GetRequiredService<IFeatureManager>();
        Assert.True(await features.IsEnabledAsync("NewUi"));
        Assert.False(await features.IsEnabledAsync("Beta"));

        await using (await nodes.KillLeaderAsync())
        {
            await nodes.Client.PutAsync("flag-tests/FeatureManagement/NewUi", "false");
            await nodes.Client.PutAsync("flag-tests/FeatureManagement/Beta/EnabledFor/0/Name", "AlwaysOn");
            await Until.TrueAsync(async () => !await features.IsEnabledAsync("NewUi") && await features.IsEnabledAsync("Beta"));
        }

        await nodes.Client.DeletePrefixAsync("flag-tests/");
        await Until.TrueAsync(async () => !await features.IsEnabledAsync("Beta"));
        (configuration as IDisposable)?.Dispose();
    }
}
