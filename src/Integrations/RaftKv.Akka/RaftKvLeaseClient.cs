using Akka.Actor;
using Akka.Configuration;
using RaftKv.Client;

namespace RaftKv.Akka;

/// <summary>One client for all leases of an actor system.</summary>
internal sealed class RaftKvLeaseClient : IExtension
{
    private RaftKvLeaseClient(RaftKvClient client) => Client = client;

    internal RaftKvClient Client { get; }

    internal static RaftKvLeaseClient Get(ActorSystem system) => system.WithExtension<RaftKvLeaseClient, Provider>();

    private static RaftKvLeaseClient Create(ExtendedActorSystem system)
    {
        if (system.Settings.Setup.Get<RaftKvLeaseSetup>() is { HasValue: true } setup)
        {
            return new RaftKvLeaseClient(setup.Value.Client);
        }

        IList<string> endpoints = system.Settings.Config.GetStringList(RaftKvLease.ConfigPath + ".endpoints", []);
        if (endpoints.Count == 0)
        {
            throw new ConfigurationException(
                $"{RaftKvLease.ConfigPath}.endpoints is empty; name the nodes, e.g. [\"http://n1:2379\"], or give a RaftKvLeaseSetup.");
        }

        RaftKvClient client = new([.. endpoints]);
        system.RegisterOnTermination(client.Dispose);
        return new RaftKvLeaseClient(client);
    }

    private sealed class Provider : ExtensionIdProvider<RaftKvLeaseClient>
    {
        public override RaftKvLeaseClient CreateExtension(ExtendedActorSystem system) => Create(system);
    }
}
