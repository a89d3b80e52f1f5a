using Akka.Hosting;
using RaftKv.Client;

namespace RaftKv.Akka.Hosting;

/// <summary>Gives an actor system of Akka.Hosting RaftKv's lease.</summary>
public static class RaftKvAkkaHostingExtensions
{
    /// <summary>The lease over a client of the host's, which is not disposed with the actor system.</summary>
    /// <remarks><code>
    /// services.AddAkka("shop", (akka, provider) => akka
    ///     .WithRaftKvLease(provider.GetRequiredService&lt;RaftKvClient&gt;())
    ///     .WithSingleton&lt;Clerk&gt;("clerk", props, new ClusterSingletonOptions { LeaseImplementation = new RaftKvLeaseOption() }));
    /// </code></remarks>
    /// <param name="options">Null for the defaults.</param>
    public static AkkaConfigurationBuilder WithRaftKvLease(
        this AkkaConfigurationBuilder builder, RaftKvClient client, RaftKvLeaseOption? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(client);
        (options ?? new()).Apply(builder);
        return builder.AddSetup(new RaftKvLeaseSetup(client));
    }
}
