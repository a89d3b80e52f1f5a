using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RaftKv.Security.Tls;

namespace RaftKv.Security.Certificates;

/// <summary>Makes an authority and what it signs, for a first cluster: ECDSA over P-256, SHA-256, extensions of RFC 5280.</summary>
internal static class CertificateMaker
{
    private const int SerialBytes = 16;

    // A machine whose clock is a little behind takes what was made just now.
    private static readonly TimeSpan _clockSlack = TimeSpan.FromMinutes(5);

    /// <summary>A root, with its key.</summary>
    public static X509Certificate2 Authority(string name, DateTimeOffset now, int days)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = RequestOf(name, key);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        return request.CreateSelfSigned(now - _clockSlack, now.AddDays(days));
    }

    /// <summary>
    /// A node's: for both sides of both ports. Its DNS names are the member's name, which is what peers look at, and its hosts,
    /// which is what clients look at.
    /// </summary>
    public static X509Certificate2 Node(X509Certificate2 authority, string name, IEnumerable<string> hosts, DateTimeOffset now, int days)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        foreach (string host in hosts.Where(host => host != name).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return Leaf(authority, name, names, [CertificateJudge.ForServers, CertificateJudge.ForClients], now, days);
    }

    /// <summary>A user's: for clients only, so that it passes for no node. Its common name is the user.</summary>
    public static X509Certificate2 User(X509Certificate2 authority, string name, DateTimeOffset now, int days) =>
        Leaf(authority, name, names: null, [CertificateJudge.ForClients], now, days);

    /// <summary>A list of what an authority revokes: the former list's, and one more.</summary>
    /// <param name="former">The list so far, PEM; null for none.</param>
    public static string Revoke(X509Certificate2 authority, X509Certificate2 revoked, string? former, DateTimeOffset now, int days)
    {
        BigInteger number = 0;
        CertificateRevocationListBuilder list = former is null
            ? new CertificateRevocationListBuilder() : CertificateRevocationListBuilder.LoadPem(former, out number);
        list.AddEntry(revoked, now);
        byte[] der = list.Build(authority, number + 1, now.AddDays(days), HashAlgorithmName.SHA256, thisUpdate: now - _clockSlack);
        return PemEncoding.WriteString("X509 CRL", der) + "\n";
    }

    private static X509Certificate2 Leaf(
        X509Certificate2 authority, string name, SubjectAlternativeNameBuilder? names, string[] purposes, DateTimeOffset now, int days)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = RequestOf(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        OidCollection usages = [];
        Array.ForEach(purposes, purpose => usages.Add(new Oid(purpose)));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
                authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        DateTimeOffset until = now.AddDays(days);
        DateTimeOffset end = authority.NotAfter.ToUniversalTime();
        using X509Certificate2 signed = request.Create(authority, now - _clockSlack, until < end ? until : end, serial);
        return signed.CopyWithPrivateKey(key);
    }

    private static CertificateRequest RequestOf(string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }
}
