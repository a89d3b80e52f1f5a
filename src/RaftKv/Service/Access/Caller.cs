using System.Globalization;

namespace RaftKv.Service.Access;

/// <summary>How a caller has said who it is.</summary>
internal enum CallerProof
{
    /// <summary>Not at all, or nobody asked: rights are not in force.</summary>
    None = 0,

    /// <summary>A user's name and password.</summary>
    Password = 1,

    /// <summary>A token of a login.</summary>
    Login = 2,

    /// <summary>A token that can be listed and revoked.</summary>
    Token = 3,

    /// <summary>A client's certificate.</summary>
    Certificate = 4,

    /// <summary>A token of an OpenID Connect issuer.</summary>
    Jwt = 5,
}

/// <summary>Who calls, as far as it is proven. Immutable.</summary>
/// <param name="Name">The user's; empty for nobody in particular.</param>
/// <param name="CredentialRevision">
/// Of the password that the proof rests on: with another one the proof is void. 0 for proofs that rest on none.
/// </param>
internal sealed record Caller(string Name, CallerProof Proof, long CredentialRevision)
{
    private readonly byte[] _principal = System.Text.Encoding.UTF8.GetBytes(Name);

    /// <summary>The id of the token that was shown, when it is one that can be revoked; else empty.</summary>
    public byte[] TokenId { get; init; } = [];

    /// <summary>When the proof is over, Unix milliseconds: what goes on then has no rights any more. 0 for never.</summary>
    public long EndsMs { get; init; }

    /// <summary>Stands for all that its rights depend on.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Name}\0{CredentialRevision}\0{Convert.ToHexString(TokenId)}");

    /// <summary>Somebody who says nothing of himself.</summary>
    public static Caller Anonymous { get; } = new("", CallerProof.None, 0);

    /// <summary>The name as commands carry it.</summary>
    public ReadOnlyMemory<byte> Principal => _principal;

    /// <summary>True for nobody in particular.</summary>
    public bool IsAnonymous => _principal.Length == 0;
}
