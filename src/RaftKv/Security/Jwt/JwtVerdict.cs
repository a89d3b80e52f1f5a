namespace RaftKv.Security.Jwt;

/// <summary>What came of a token.</summary>
/// <param name="User">Whom it stands for; null when it is not taken.</param>
/// <param name="EndsMs">When it ends, Unix milliseconds, with the skew.</param>
/// <param name="HasNoKeys">Nothing can be said: no key of the issuer is known, and it can't be asked.</param>
internal readonly record struct JwtVerdict(string? User, long EndsMs, bool HasNoKeys = false);
