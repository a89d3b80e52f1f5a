using System.Text;
using RaftKv.Security.Jwt;
using RaftKv.Security.Tls;
using RaftKv.Service.Access;

namespace RaftKv.Doors.Http;

/// <summary>What a request over HTTP shows of who makes it. Stateless.</summary>
internal static class HttpCredentials
{
    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";

    // Two bytes of text for one of a name and a password at most, or an issuer's token, and room for the word.
    private const int MaxHeaderLength = JwtJudge.MaxLength + 16;

    /// <summary>
    /// What the Authorization header says, or else what the connection has proven; null for nothing.
    /// </summary>
    /// <param name="mayBeBare">A text without a scheme is a token, as clients of etcd's gateway send it.</param>
    public static Credentials? Of(HttpContext http, bool mayBeBare = false)
    {
        string header = http.Request.Headers.Authorization.ToString();
        if (header.Length > MaxHeaderLength)
        {
            return new UnreadableCredentials();
        }

        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return new TokenCredentials(header[Bearer.Length..].Trim());
        }

        if (header.Length > 0 && !header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
        {
            return mayBeBare ? new TokenCredentials(header) : new UnreadableCredentials();
        }

        // A browser adds these by itself, also when another site's page makes it ask (CVE-2018-1098): from there they say nothing.
        if (IsFromAnotherSite(http))
        {
            return null;
        }

        return header.Length > 0 ? OfBasic(header[Basic.Length..].Trim()) : OfConnection(http);
    }

    // The connection's certificate stands in a feature that the TLS of the port sets.
    private static CertificateCredentials? OfConnection(HttpContext http) =>
        http.Features.Get<CertificateUser>() is { } user ? new CertificateCredentials(user.Name) : null;

    private static Credentials OfBasic(string encoded)
    {
        byte[] bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out int length))
        {
            return new UnreadableCredentials();
        }

        string text = Encoding.UTF8.GetString(bytes, 0, length);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? new PasswordCredentials(text[..colon], text[(colon + 1)..]) : new UnreadableCredentials();
    }

    private static bool IsFromAnotherSite(HttpContext http)
    {
        string origin = http.Request.Headers.Origin.ToString();
        return origin.Length > 0
            && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? url)
                && string.Equals(url.Authority, http.Request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
