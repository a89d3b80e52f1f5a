using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace RaftKv.Hosting.Formation;

/// <summary>A seed's addresses, as they are now.</summary>
internal static class SeedLookup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// All of them. Throws <see cref="SocketException"/>, <see cref="DnsResponseException"/> or
    /// <see cref="OperationCanceledException"/> when nobody answers, or knows the name.
    /// </summary>
    public static async Task<IReadOnlyList<DnsEndPoint>> FindAsync(Seed seed, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        if (!seed.IsService && seed.Server is null)
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(seed.Host, both.Token).ConfigureAwait(false);
            return [.. addresses.Select(address => new DnsEndPoint(address.ToString(), seed.Port))];
        }

        LookupClient client = ClientFor(seed.Server);
        return seed.IsService
            ? await ServiceAsync(client, seed, both.Token).ConfigureAwait(false)
            : [.. (await AddressesAsync(client, seed.Host, both.Token).ConfigureAwait(false))
                .Select(address => new DnsEndPoint(address.ToString(), seed.Port))];
    }

    // What moves is asked for anew each time; the servers of this machine may change as well.
    private static LookupClient ClientFor(IPEndPoint? server)
    {
        LookupClientOptions options = server is null ? new LookupClientOptions() : new LookupClientOptions(server);
        options.UseCache = false;
        options.Retries = 0;
        options.Timeout = Patience;
        options.ThrowDnsErrors = true;
        return new LookupClient(options);
    }

    private static async Task<IReadOnlyList<DnsEndPoint>> ServiceAsync(LookupClient client, Seed seed, CancellationToken cancellationToken)
    {
        IDnsQueryResponse answer = await client.QueryAsync(seed.Host, QueryType.SRV, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        var found = new List<DnsEndPoint>();
        foreach (SrvRecord record in answer.Answers.SrvRecords())
        {
            string host = record.Target.Value.TrimEnd('.');
            if (seed.Server is null)
            {
                found.Add(new DnsEndPoint(host, record.Port));
                continue;
            }

            IPAddress[] addresses = await AddressesAsync(client, host, cancellationToken).ConfigureAwait(false);
            found.AddRange(addresses.Select(address => new DnsEndPoint(address.ToString(), record.Port)));
        }

        return found;
    }

    private static async Task<IPAddress[]> AddressesAsync(LookupClient client, string host, CancellationToken cancellationToken)
    {
        IDnsQueryResponse old = await client.QueryAsync(host, QueryType.A, cancellationToken: cancellationToken).ConfigureAwait(false);
        IPAddress[] addresses = [.. old.Answers.ARecords().Select(static record => record.Address)];
        if (addresses.Length > 0)
        {
            return addresses;
        }

        IDnsQueryResponse wide = await client.QueryAsync(host, QueryType.AAAA, cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. wide.Answers.AaaaRecords().Select(static record => record.Address)];
    }
}
