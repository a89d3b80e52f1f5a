namespace RaftKv.Security.Tls;

/// <summary>The PEM files of one port. Paths only; <see cref="TlsSource"/> reads them.</summary>
/// <param name="Use">The port's name in logs, metrics and /status: client or peer.</param>
/// <param name="CertificateFile">The leaf, and behind it the authorities between it and a root, if any.</param>
/// <param name="KeyFile">The leaf's private key, not encrypted.</param>
/// <param name="AuthorityFile">Roots by which certificates of the other side are judged; null where none are asked for.</param>
/// <param name="RevocationFile">Lists of revoked certificates, each signed by one of those roots; null for none.</param>
internal sealed record TlsFiles(
    string Use, string CertificateFile, string KeyFile, string? AuthorityFile = null, string? RevocationFile = null);
