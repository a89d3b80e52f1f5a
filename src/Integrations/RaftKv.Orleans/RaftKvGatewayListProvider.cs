using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;

namespace RaftKv.Orleans;

/// <summary>Tells Orleans' clients the gateways of the silos that are active. Any thread.</summary>
internal sealed class RaftKvGatewayListProvider(RaftKvMembershipTable table, IOptions<GatewayOptions> options) : IGatewayListProvider
{
    /// <inheritdoc/>
    public TimeSpan MaxStaleness => options.Value.GatewayListRefreshPeriod;

    /// <inheritdoc/>
    public bool IsUpdatable => true;

    /// <inheritdoc/>
    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IList<Uri>> GetGateways() => GetGatewaysAsync(CancellationToken.None);

    /// <inheritdoc/>
    public async Task<IList<Uri>> GetGatewaysAsync(CancellationToken cancellationToken)
    {
        MembershipTableData all = await table.ReadAllAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. all.Members
                .Select(static member => member.Item1)
                .Where(static silo => silo.Status == SiloStatus.Active && silo.ProxyPort != 0)
                .Select(static silo => SiloAddress
                    .New(silo.SiloAddress.Endpoint.Address, silo.ProxyPort, silo.SiloAddress.Generation).ToGatewayUri()),
        ];
    }
}
