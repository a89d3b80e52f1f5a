using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using RaftKv.Akka;
using RaftKv.Client;

namespace RaftKv.Hosts.Tests.Akka;

/// <summary>An owner that says, for each line of its input, whether it still holds its lease and what became of a fenced write.</summary>
internal static class AkkaOwner
{
    /// <summary>The settings of these tests.</summary>
    /// <param name="timeout">
    /// How long a lease outlives its owner. Where nobody waits for that end, so long that none is lost for a slow machine.
    /// </param>
    internal static Config ConfigOf(
        IEnumerable<string> endpoints, string operationTimeout = "60s", string timeout = "60s") => ConfigurationFactory.ParseString(
        $$"""
        akka.loglevel = WARNING
        akka.stdout-loglevel = WARNING
        {{RaftKvLease.ConfigPath}} {
          endpoints = [{{string.Join(", ", endpoints.Select(static endpoint => $"\"{endpoint}\""))}}]
          heartbeat-timeout = {{timeout}}
          heartbeat-interval = 1s
          lease-operation-timeout = {{operationTimeout}}
        }
        """).WithFallback(RaftKvLease.DefaultConfig);

    internal static RaftKvLease LeaseOf(ActorSystem system, string name, string owner) =>
        (RaftKvLease)LeaseProvider.Get(system).GetLease(name, RaftKvLease.ConfigPath, owner);

    internal static async Task<int> RunAsync(string endpoints, string name, string key)
    {
        string[] addresses = endpoints.Split(',');
        using ActorSystem system = ActorSystem.Create("owner", ConfigOf(addresses, timeout: "3s"));
        using RaftKvClient client = new(addresses);
        RaftKvLease lease = LeaseOf(system, name, "the one that stands still");
        while (!await lease.Acquire())
        {
            await Task.Delay(50);
        }

        // What an owner keeps that doesn't look again.
        Fence fence = lease.Fence ?? throw new InvalidOperationException("Acquired, and no fence.");
        await Console.Out.WriteLineAsync("holding");
        while (await Console.In.ReadLineAsync() is not null)
        {
            bool isHeld = lease.CheckLease();
            string written = "written";
            try
            {
                await client.PutAsync(key, "owner", new WriteOptions { Fence = fence });
            }
            catch (RaftKvPreconditionException e)
            {
                written = e.Code;
            }

            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{isHeld} {written}"));
        }

        return 0;
    }
}
