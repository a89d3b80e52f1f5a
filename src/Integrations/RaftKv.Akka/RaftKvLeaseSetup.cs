using Akka.Actor.Setup;
using RaftKv.Client;

namespace RaftKv.Akka;

/// <summary>Brings a client of the application's to the leases of an actor system, which then is not disposed with it.</summary>
/// <remarks><code>
/// ActorSystemSetup setup = BootstrapSetup.Create().WithConfig(config).And(new RaftKvLeaseSetup(client));
/// </code></remarks>
public sealed class RaftKvLeaseSetup(RaftKvClient client) : Setup
{
    /// <summary>The client.</summary>
    public RaftKvClient Client { get; } = client ?? throw new ArgumentNullException(nameof(client));
}
