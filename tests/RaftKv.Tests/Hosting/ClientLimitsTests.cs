using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Hosting.Server;

namespace RaftKv.Tests.Hosting;

/// <summary>What the server puts up with from its clients' connections.</summary>
public sealed class ClientLimitsTests
{
    [Fact]
    public void A_client_that_is_gone_without_a_word_is_asked_and_its_connection_ends()
    {
        var limits = new KestrelServerLimits();
        ClientLimits.Set(limits);

        // By default it is never asked; as long as it answers it stays, also without a call for so long.
        Assert.True(limits.Http2.KeepAlivePingDelay < limits.KeepAliveTimeout, limits.Http2.KeepAlivePingDelay.ToString());
        Assert.InRange(limits.Http2.KeepAlivePingTimeout, TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(1));
    }
}
