using System.Globalization;
using System.Net;

namespace RaftKv.Hosting;

/// <summary>An http or https address with an explicit port. The text is canonical, since the cluster's id is made from it.</summary>
internal sealed record ServerUrl
{
    private ServerUrl(string host, int port, bool isTls)
    {
        IsTls = isTls;
        Host = host;
        Port = port;
    }

    /// <summary>Name or address, in lower case; IPv6 without brackets.</summary>
    public string Host { get; }

    /// <summary>1 to 65535.</summary>
    public int Port { get; }

    /// <summary>True for https.</summary>
    public bool IsTls { get; }

    /// <summary>True for an address that only this machine reaches.</summary>
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>True for an address that means "every interface": it can be listened on, not dialled.</summary>
    public bool IsWildcard => Host is "0.0.0.0" or "::" or "*" or "+";

    /// <summary>Reads an address; null, with a sentence, when it is none.</summary>
    public static ServerUrl? Parse(string text, string setting, out string problem)
    {
        problem = "";
        // Uri knows no wildcard host; the address that stands for it means the same.
        string plain = text.Replace("://*:", "://0.0.0.0:", StringComparison.Ordinal).Replace("://+:", "://0.0.0.0:", StringComparison.Ordinal);
        if (!Uri.TryCreate(plain, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0
            || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
        {
            problem = $"{setting}: \"{text}\" is no address; it should look like http://127.0.0.1:2379.";
            return null;
        }

        if (!HasPort(plain, uri.Port))
        {
            problem = $"{setting}: \"{text}\" names no port; write it out, as in {uri.Scheme}://{uri.Host}:2379.";
            return null;
        }

        return new ServerUrl(uri.Host.Trim('[', ']').ToLowerInvariant(), uri.Port, uri.Scheme == "https");
    }

    /// <summary>The same host with another port.</summary>
    public ServerUrl WithHost(string host) => new(host, Port, IsTls);

    /// <summary>The canonical text.</summary>
    public override string ToString() => $"{(IsTls ? "https" : "http")}://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}";

    private static bool HasPort(string text, int port) =>
        port > 0 && text.TrimEnd('/').EndsWith(":" + port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
