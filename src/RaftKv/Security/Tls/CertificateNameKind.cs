namespace RaftKv.Security.Tls;

/// <summary>A kind of names in certificates.</summary>
internal enum CertificateNameKind
{
    /// <summary>The subject's common name, as etcd takes it.</summary>
    CommonName,

    /// <summary>A host's name among the alternative names.</summary>
    Dns,

    /// <summary>An address of mail among them.</summary>
    Email,

    /// <summary>An address of any scheme among them, such as SPIFFE's.</summary>
    Uri,
}
