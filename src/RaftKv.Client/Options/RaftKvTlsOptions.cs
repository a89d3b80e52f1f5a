namespace RaftKv.Client;

/// <summary>
/// TLS for https endpoints, from PEM files. The files are looked at again for each connection that is opened, at the latest every
/// five minutes: rotated certificates and roots count without a restart. What is half written, or does not fit, is not taken.
/// </summary>
public sealed record RaftKvTlsOptions
{
    /// <summary>Roots that the servers' certificates must lead to; null for those of the operating system.</summary>
    public string? CaFile { get; set; }

    /// <summary>This client's certificate, for servers that ask for one; with <see cref="KeyFile"/>.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>Its private key, not encrypted.</summary>
    public string? KeyFile { get; set; }
}
