using System.Globalization;

namespace RaftKv.Hosting;

/// <summary>An http address with an explicit port. The text is canonical, since the cluster's id is made from it.</summary>
internal sealed record ServerUrl
{
    private ServerUrl(string host, int port)
    {
        Host = host;
        Port = port;
    }

    /// <summary>Name or address, in lower case; IPv6 without brackets.</summary>
    public string Host { get; }

    /// <summary>1 to 65535.</summary>
    public int Port { get; }

    /// <summary>True for an address that means "every interface": it can be listened on, not dialled.</summary>
    public bool IsWildcard => Host is "0.0.0.0" or "::" or "*" or "+";

    /// <summary>Reads an address; null, with a sentence, when it is none.</summary>
    public static ServerUrl? Parse(string text, string setting, out string problem)
    {
        problem = "";
        if (text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            problem = $"{setting}: \"{text}\" asks for TLS, which this version does not have yet; use http:// or put a TLS proxy in front.";
            return null;
        }

        // Uri knows no wildcard host; the address that stands for it means the same.
        string plain = text.Replace("://*:", "://0.0.0.0:", StringComparison.Ordinal).Replace("://+:", "://0.0.0.0:", StringComparison.Ordinal);
        if (!Uri.TryCreate(plain, UriKind.Absolute, out Uri? uri) || uri.Scheme != "http" || uri.Host.Length == 0
            || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
        {
            problem = $"{setting}: \"{text}\" is no address; it should look like http://127.0.0.1:2379.";
            return null;
        }

        if (!HasPort(plain, uri.Port))
        {
            problem = $"{setting}: \"{text}\" names no port; write it out, as in http://{uri.Host}:2379.";
            return null;
        }

        return new ServerUrl(uri.Host.Trim('[', ']').ToLowerInvariant(), uri.Port);
    }

    /// <summary>The same host with another port.</summary>
    public ServerUrl WithHost(string host) => new(host, Port);

    /// <summary>The canonical text.</summary>
    public override string ToString() => Host.Contains(':') ? $"http://[{Host}]:{Port}" : $"http://{Host}:{Port}";

    private static bool HasPort(string text, int port) =>
        port > 0 && text.TrimEnd('/').EndsWith(":" + port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
