using System.Security.Cryptography.X509Certificates;

namespace RaftKv.Security.Tls;

/// <summary>What ends when, of the files that a node was given.</summary>
/// <param name="Use">client or peer: the port.</param>
/// <param name="Kind">certificate, authority or revocations.</param>
/// <param name="Subject">Whose.</param>
internal sealed record CertificateFact(string Use, string Kind, string Subject, DateTimeOffset From, DateTimeOffset Until)
{
    // A month is enough to act by hand; of a certificate for some days, its last third.
    private static readonly TimeSpan _longNotice = TimeSpan.FromDays(30);

    /// <summary>The fact of a certificate.</summary>
    public static CertificateFact Of(string use, string kind, X509Certificate2 certificate) => new(
        use, kind, certificate.Subject, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());

    /// <summary>It should have been replaced by now.</summary>
    public bool EndsSoon(DateTimeOffset now)
    {
        TimeSpan third = (Until - From) / 3;
        return Until - now <= (third < _longNotice ? third : _longNotice);
    }
}
