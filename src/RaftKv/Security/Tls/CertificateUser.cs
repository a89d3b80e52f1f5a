namespace RaftKv.Security.Tls;

/// <summary>
/// Who a client is by its certificate, which was verified in the handshake; a feature of the connection, and so of each of its
/// requests (<c>http.Features.Get&lt;CertificateUser&gt;()</c>). Absent without a certificate, with one that has no such name or
/// two of them, and with a node's own one: what a node passes on for a caller is not said by the node.
/// </summary>
/// <param name="Name">Not empty.</param>
internal sealed record CertificateUser(string Name)
{
    /// <summary>The user; null for none.</summary>
    /// <param name="kind">Where users' names stand.</param>
    public static CertificateUser? Of(ShownCertificate? shown, CertificateNameKind kind) =>
        shown?.Leaf is { } leaf && !CertificateJudge.IsForServers(leaf) && CertificateNames.Only(leaf, kind) is { } name
            ? new CertificateUser(name) : null;
}
