using System.Globalization;
using System.Net;

namespace RaftKv.Hosting;

/// <summary>
/// Where a node that founds its cluster without a list looks for the others: an address, all addresses behind a name, or a
/// service of the DNS, which says ports too.
/// </summary>
/// <param name="Text">As it was given.</param>
/// <param name="Host">Name or address; of a service its whole name.</param>
/// <param name="Port">Port of the peers; 0 for a service.</param>
/// <param name="Server">The DNS server that is asked; null for those of this machine.</param>
internal sealed record Seed(string Text, string Host, int Port, IPEndPoint? Server)
{
    /// <summary>What stands in front of a name that is looked up in the DNS.</summary>
    public const string DnsPrefix = "dns:";

    private const int UsualPeerPort = 2380;
    private const int DnsPort = 53;

    /// <summary>True for SRV records.</summary>
    public bool IsService => Port == 0;

    /// <summary>Reads one; null, with a sentence, when it is none.</summary>
    public static Seed? Parse(string text, string setting, out string problem)
    {
        problem = "";
        string plain = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        Seed? seed = text.StartsWith(DnsPrefix, StringComparison.Ordinal) ? ParseDns(text)
            : ServerUrl.Parse(plain, setting, out _) is { IsWildcard: false } url ? new Seed(text, url.Host, url.Port, null)
            : null;
        if (seed is null)
        {
            problem = $"{setting}: \"{text}\" is nowhere to look for peers; it should look like n1.example.com:2380,"
                + " dns:peers.example.com:2380 or dns:_raftkv-peer._tcp.example.com.";
        }

        return seed;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    // dns:NAME[:PORT][@SERVER[:PORT]]; a name that begins with an underscore is a service's.
    private static Seed? ParseDns(string text)
    {
        string name = text[DnsPrefix.Length..];
        IPEndPoint? server = null;
        int at = name.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!IPEndPoint.TryParse(name[(at + 1)..], out server))
            {
                return null;
            }

            server.Port = server.Port == 0 ? DnsPort : server.Port;
            name = name[..at];
        }

        if (name.StartsWith('_'))
        {
            return IsName(name) ? new Seed(text, name, 0, server) : null;
        }

        int colon = name.IndexOf(':', StringComparison.Ordinal);
        int port = UsualPeerPort;
        if (colon >= 0 && (!int.TryParse(name[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port)
            || port is < 1 or > ushort.MaxValue))
        {
            return null;
        }

        string host = colon < 0 ? name : name[..colon];
        return IsName(host) ? new Seed(text, host, port, server) : null;
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 253 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
