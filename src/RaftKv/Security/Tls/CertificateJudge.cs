using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftKv.Security.Tls;

/// <summary>
/// Whether a certificate of the other side is good, by the roots of this side alone: time, signatures up to a root, purpose,
/// revocation. What is wrong is a sentence for the owner's log; the other side learns only that it was refused.
/// </summary>
internal static class CertificateJudge
{
    /// <summary>The purpose of a certificate that a server shows.</summary>
    public const string ForServers = "1.3.6.1.5.5.7.3.1";

    /// <summary>The purpose of a certificate that a client shows.</summary>
    public const string ForClients = "1.3.6.1.5.5.7.3.2";

    /// <summary>Null when it is good, else why not.</summary>
    /// <param name="certificate">The other side's.</param>
    /// <param name="sent">Further certificates that it sent, between its own and a root.</param>
    /// <param name="material">The roots, and what is revoked.</param>
    /// <param name="purposes">What it must be good for; all of them.</param>
    public static string? ProblemOf(
        X509Certificate2 certificate, X509Certificate2Collection sent, TlsMaterial material, params ReadOnlySpan<string> purposes)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy = PolicyOf(material.Authorities);
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        foreach (string purpose in purposes)
        {
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(purpose));
        }

        if (!chain.Build(certificate))
        {
            return $"The certificate of {Describe(certificate)} {ReasonOf(certificate, chain, material)}.";
        }

        X509ChainElement? revoked = chain.ChainElements.FirstOrDefault(element => material.Revoked.Contains(element.Certificate));
        return revoked is null ? null
            : $"The certificate of {Describe(revoked.Certificate)} is revoked by {material.Files.RevocationFile}.";
    }

    /// <summary>Chains end at these roots; nothing is fetched from anywhere.</summary>
    public static X509ChainPolicy PolicyOf(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    /// <summary>Whether it may be shown by servers: a node's certificate is, a user's is not.</summary>
    public static bool IsForServers(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(
            static usage => usage.EnhancedKeyUsages.OfType<Oid>().Any(static oid => oid.Value == ForServers));

    private static string Describe(X509Certificate2 certificate) =>
        $"\"{certificate.Subject}\" (serial {certificate.SerialNumber})";

    private static string ReasonOf(X509Certificate2 certificate, X509Chain chain, TlsMaterial material)
    {
        X509ChainStatusFlags all = chain.ChainStatus.Aggregate(
            X509ChainStatusFlags.NoError, static (flags, status) => flags | status.Status);
        DateTime now = TimeProvider.System.GetLocalNow().DateTime;
        if ((all & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
        {
            return certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
                ? $"is signed by itself, and is no authority of {material.Files.AuthorityFile}"
                : $"leads to no authority of {material.Files.AuthorityFile}; its issuer is \"{certificate.Issuer}\"";
        }

        if ((all & X509ChainStatusFlags.NotTimeValid) != 0)
        {
            X509Certificate2 late = chain.ChainElements.Select(static element => element.Certificate)
                .FirstOrDefault(one => now < one.NotBefore || now > one.NotAfter) ?? certificate;
            return now < late.NotBefore
                ? $"is valid from {late.NotBefore.ToUniversalTime():u} on; check both clocks"
                : $"expired at {late.NotAfter.ToUniversalTime():u}";
        }

        return (all & X509ChainStatusFlags.NotValidForUsage) != 0
            ? "is made for another purpose (its extended key usage)"
            : $"is not good: {string.Join(", ", chain.ChainStatus.Select(static status => status.Status.ToString()))}";
    }
}
