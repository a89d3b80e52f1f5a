namespace RaftKv.Security.Jwt;

/// <summary>Whose JSON Web Tokens are taken, and which users they are. Immutable.</summary>
internal sealed record JwtOptions
{
    /// <summary>The issuer, exactly as its tokens name it.</summary>
    public required string Issuer { get; init; }

    /// <summary>Whom a token must be for: one of these.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>A file with the issuer's keys (a JWK set); null to ask the issuer.</summary>
    public string? KeysFile { get; init; }

    /// <summary>The claim that is the user's name.</summary>
    public string UserClaim { get; init; } = "sub";

    /// <summary>What is put before that name, so that no token is a user who was made here under another's name.</summary>
    public string UserPrefix { get; init; } = "";

    /// <summary>Claims that make their bearer a certain user; the first that holds counts, before the user's claim.</summary>
    public IReadOnlyList<JwtMapping> Mappings { get; init; } = [];

    /// <summary>How far the issuer's clock may be from this node's.</summary>
    public TimeSpan Skew { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Who has this value in this claim is this user.</summary>
internal readonly record struct JwtMapping(string Claim, string Value, string User);
