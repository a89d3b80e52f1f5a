using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace RaftKv.Security.Tls;

/// <summary>
/// Which members a peer's certificate says that it is, verified in the handshake; a feature of the connection. A member's name
/// must stand among the certificate's DNS names, letter by letter.
/// </summary>
internal sealed record MemberProof(IReadOnlyList<string> Names)
{
    /// <summary>Null when who is at the other end may speak for that member, else why not.</summary>
    /// <param name="isRequired">Without a certificate nobody may.</param>
    public static string? ProblemOf(ConnectionContext connection, bool isRequired, string member) =>
        ProblemOf(connection.Features, isRequired, member);

    /// <summary>The same, of a connection's features.</summary>
    public static string? ProblemOf(IFeatureCollection features, bool isRequired, string member)
    {
        MemberProof? proof = features.Get<MemberProof>();
        return proof is null ? isRequired ? "It showed no certificate." : null
            : proof.Covers(member) ? null
            : proof.ProblemOf(member);
    }

    /// <summary>Whether the certificate speaks for that member.</summary>
    public bool Covers(string member) => Names.Contains(member, StringComparer.Ordinal);

    /// <summary>The sentence for a certificate that does not.</summary>
    public string ProblemOf(string member) =>
        $"The certificate is for {(Names.Count == 0 ? "no member" : string.Join(", ", Names))}, not for {member}: a member's name"
        + " must be one of the certificate's DNS names.";
}
