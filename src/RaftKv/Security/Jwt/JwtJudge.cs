using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using RaftKv.Diagnostics;
using RaftKv.Security.Tls;

namespace RaftKv.Security.Jwt;

/// <summary>
/// Says whom a JSON Web Token stands for: one of the configured issuer, for this cluster, signed with one of the issuer's
/// public keys, within its time. Why another one is refused is for the log; its bearer is told nothing. Any thread.
/// </summary>
internal sealed class JwtJudge : IDisposable
{
    /// <summary>The longest token that is looked at, in characters.</summary>
    public const int MaxLength = 16_384;

    // Signatures that were checked before; as many as there are callers in a while.
    private const int MaxKnown = 4_096;

    private static readonly string[] _algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JwtOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JwtKeys _keys;
    private readonly RefusalNotes _notes;
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxLength };
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    public JwtJudge(JwtOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _keys = new JwtKeys(options, time);
        _notes = new RefusalNotes(time);
    }

    /// <summary>True for a text that looks like a signed token: three parts, the first one JSON.</summary>
    public static bool IsShaped(string text) =>
        text.Length <= MaxLength && text.StartsWith("ey", StringComparison.Ordinal) && text.AsSpan().Count('.') == 2;

    /// <summary>Judges a token.</summary>
    public async ValueTask<JwtVerdict> JudgeAsync(string text)
    {
        string digest = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        if (_known.TryGetValue(digest, out Known? known) && known.Generation == _keys.Generation && !_keys.IsStale)
        {
            return NowMs < known.Verdict.EndsMs ? known.Verdict : Refused("it is over");
        }

        if (!TryRead(text, out JsonWebToken? token))
        {
            return Refused("it can't be read");
        }

        // An extension that must be understood, and is not.
        if (token!.TryGetHeaderValue<object>("crit", out _))
        {
            return Refused("it has critical extensions");
        }

        if (await _keys.FindAsync(string.IsNullOrEmpty(token.Kid) ? null : token.Kid) is not { } keys)
        {
            JwtLog.NoKeys(_logger, _keys.Problem ?? "none was found");
            return new JwtVerdict(User: null, EndsMs: 0, HasNoKeys: true);
        }

        long generation = _keys.Generation;
        TokenValidationResult result = await _handler.ValidateTokenAsync(token, ParametersOf(keys));
        if (!result.IsValid)
        {
            return Refused(result.Exception?.GetType().Name ?? "it is not valid");
        }

        if (UserOf(token) is not { } user)
        {
            return Refused("its claims name no user");
        }

        var verdict = new JwtVerdict(user, EndOf(token.ValidTo));
        Remember(digest, new Known(verdict, generation));
        return verdict;
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static bool TryRead(string text, out JsonWebToken? token)
    {
        try
        {
            token = new JsonWebToken(text);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or System.Text.Json.JsonException or FormatException)
        {
            token = null;
            return false;
        }
    }

    private TokenValidationParameters ParametersOf(IReadOnlyList<SecurityKey> keys) => new()
    {
        ValidIssuer = _options.Issuer,
        ValidAudiences = _options.Audiences,
        IssuerSigningKeys = keys,
        ValidAlgorithms = _algorithms,
        TypeValidator = static (type, _, _) => type is null or "" or "JWT" or "jwt" or "at+jwt" or "application/at+jwt"
            ? type : throw new SecurityTokenInvalidTypeException(),
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        RequireAudience = true,

        // By this node's clock, which a test may move.
        LifetimeValidator = (notBefore, expires, _, _) =>
            expires is { } end && NowMs < EndOf(end)
            && (notBefore is not { } start || _time.GetUtcNow() >= new DateTimeOffset(start, TimeSpan.Zero) - _options.Skew),
    };

    private long EndOf(DateTime expires) => new DateTimeOffset(expires, TimeSpan.Zero).ToUnixTimeMilliseconds()
        + (long)_options.Skew.TotalMilliseconds;

    // Nobody is root by his name alone: an issuer has users of its own. A mapping may say so.
    private string? UserOf(JsonWebToken token)
    {
        foreach (JwtMapping mapping in _options.Mappings)
        {
            if (token.Claims.Any(claim => claim.Type == mapping.Claim && claim.Value == mapping.Value))
            {
                return mapping.User;
            }
        }

        List<string> names = [.. token.Claims.Where(claim => claim.Type == _options.UserClaim).Select(static claim => claim.Value)];
        return names is [{ Length: > 0 } name] && _options.UserPrefix + name is var user && user != "root" ? user : null;
    }

    private void Remember(string digest, Known known)
    {
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        _known[digest] = known;
    }

    private JwtVerdict Refused(string reason)
    {
        if (_notes.MayLog("", reason))
        {
            JwtLog.Refused(_logger, reason);
        }

        return default;
    }

    private sealed record Known(JwtVerdict Verdict, long Generation);
}
