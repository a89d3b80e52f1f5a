using System.Security.Cryptography.X509Certificates;

namespace RaftKv.Security.Tls;

/// <summary>What the other side of a connection showed and was let in for; a feature of the connection.</summary>
/// <param name="Leaf">Its own certificate.</param>
/// <param name="Sent">All that it sent, those between its own and a root among them.</param>
internal sealed record ShownCertificate(X509Certificate2 Leaf, X509Certificate2Collection Sent);
