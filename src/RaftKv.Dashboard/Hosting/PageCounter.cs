using Microsoft.AspNetCore.Components.Server.Circuits;

namespace RaftKv.Dashboard.Hosting;

/// <summary>Counts pages as they come and go.</summary>
internal sealed class PageCounter(OpenPages pages) : CircuitHandler
{
    /// <inheritdoc/>
    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        pages.Opened();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        pages.Closed();
        return Task.CompletedTask;
    }
}
