namespace RaftKv.Security.Tls;

/// <summary>Whether those who connect are asked for a certificate.</summary>
internal enum ClientCertificates
{
    /// <summary>Nobody is.</summary>
    Off,

    /// <summary>Everybody is, and may have none; one that is not good is refused all the same.</summary>
    Requested,

    /// <summary>Everybody is, and who has none is refused.</summary>
    Required,
}
