using RaftKv.Security.Tls;

namespace RaftKv.Hosting;

/// <summary>The settings of TLS, of both ports. Paths; what the files hold is no setting, and is never printed.</summary>
internal sealed record TlsOptions
{
    /// <summary>The clients' port: certificate and the chain behind it.</summary>
    public string? Certificate { get; init; }

    /// <summary>Its private key.</summary>
    public string? Key { get; init; }

    /// <summary>Roots for certificates of clients, and of other members' clients' ports.</summary>
    public string? Authority { get; init; }

    /// <summary>Revoked certificates of clients.</summary>
    public string? Revoked { get; init; }

    /// <summary>off, request or require: whether clients show certificates.</summary>
    public string ClientAuth { get; init; } = "off";

    /// <summary>cn, dns, email or uri: which name of a client's certificate is its user.</summary>
    public string UserFrom { get; init; } = "cn";

    /// <summary>The peers' port: certificate and the chain behind it.</summary>
    public string? PeerCertificate { get; init; }

    /// <summary>Its private key.</summary>
    public string? PeerKey { get; init; }

    /// <summary>Roots for certificates of members.</summary>
    public string? PeerAuthority { get; init; }

    /// <summary>Revoked certificates of members.</summary>
    public string? PeerRevoked { get; init; }

    /// <summary>required or mixed: whether peers may be spoken to in the clear, while a cluster goes over to TLS.</summary>
    public string PeerMode { get; init; } = "required";

    /// <summary>Nothing is protected beyond this machine, and that is meant.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>The files of the clients' port; null without TLS there.</summary>
    public TlsFiles? ClientFiles =>
        Certificate is null || Key is null ? null : new TlsFiles("client", Certificate, Key, Authority, Revoked);

    /// <summary>The files of the peers' port; null without TLS there.</summary>
    public TlsFiles? PeerFiles => PeerCertificate is null || PeerKey is null || PeerAuthority is null
        ? null : new TlsFiles("peer", PeerCertificate, PeerKey, PeerAuthority, PeerRevoked);

    /// <summary>Whether clients are asked for certificates.</summary>
    public ClientCertificates AskedOfClients => ClientAuth switch
    {
        "request" => ClientCertificates.Requested,
        "require" => ClientCertificates.Required,
        _ => ClientCertificates.Off,
    };

    /// <summary>Where a user's name stands.</summary>
    public CertificateNameKind UserName => UserFrom switch
    {
        "dns" => CertificateNameKind.Dns,
        "email" => CertificateNameKind.Email,
        "uri" => CertificateNameKind.Uri,
        _ => CertificateNameKind.CommonName,
    };

    /// <summary>Peers may be spoken to in the clear.</summary>
    public bool IsMixed => PeerMode == "mixed";
}
