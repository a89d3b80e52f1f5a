using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using RaftKv.Http;

namespace RaftKv.Security.Jwt;

/// <summary>
/// The issuer's public keys: of a file, or of the issuer as its discovery document says. They are asked for again when a
/// token names a key that is not among them, not more often than every ten seconds, and at least every ten minutes, so that a key
/// that was withdrawn goes. When the issuer is away, those that are known go on. Any thread.
/// </summary>
internal sealed class JwtKeys : IDisposable
{
    /// <summary>Strangers can name keys that are not there: so often the issuer is asked for all of them.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(10);

    /// <summary>So old the keys may be.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    private const int MaxDocumentBytes = 1024 * 1024;
    private const int MinRsaBits = 2048;

    private readonly JwtOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client = new(new ResetHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }))
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = MaxDocumentBytes,
    };

    private readonly SemaphoreSlim _turn = new(1);
    private Set _known = new([], 0, Problem: null);
    private long _askedAt;
    private bool _hasAsked;

    public JwtKeys(JwtOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <summary>Goes up with each set of keys that was taken: what an older one said may not hold.</summary>
    public long Generation => Volatile.Read(ref _known).Generation;

    /// <summary>The keys have to be asked for again.</summary>
    public bool IsStale => IsOlderThan(MaxAge);

    /// <summary>Why the last asking was in vain; null when it was not.</summary>
    public string? Problem => Volatile.Read(ref _known).Problem;

    /// <summary>The keys of this id, or all when a token names none. Null while no key at all is known.</summary>
    public async ValueTask<IReadOnlyList<SecurityKey>?> FindAsync(string? id)
    {
        Set known = Volatile.Read(ref _known);
        if (known.Keys.Count == 0 || IsStale || !HasKey(known, id))
        {
            known = await AskAsync();
        }

        return known.Keys.Count == 0 ? null
            : id is null ? known.Keys
            : [.. known.Keys.Where(key => string.Equals(key.KeyId, id, StringComparison.Ordinal))];
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static bool HasKey(Set known, string? id) =>
        id is null || known.Keys.Any(key => string.Equals(key.KeyId, id, StringComparison.Ordinal));

    private bool IsOlderThan(TimeSpan age) => !_hasAsked || _time.GetElapsedTime(Volatile.Read(ref _askedAt)) >= age;

    // One asks; those who come meanwhile have what it gets.
    private async Task<Set> AskAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (!IsOlderThan(MinInterval))
            {
                return _known;
            }

            Volatile.Write(ref _askedAt, _time.GetTimestamp());
            _hasAsked = true;
            Volatile.Write(ref _known, await ReadAsync());
            return _known;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<Set> ReadAsync()
    {
        try
        {
            string json = _options.KeysFile is { } path ? await File.ReadAllTextAsync(path) : await FetchAsync();
            List<SecurityKey> keys = [.. new JsonWebKeySet(json).Keys.Where(IsGood)];
            return keys.Count > 0
                ? new Set(keys, _known.Generation + 1, Problem: null)
                : _known with { Problem = "the set has no public key that signs, of RSA with 2048 bits or more, or of an elliptic curve" };
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException
            or UnauthorizedAccessException or JsonException or KeyNotFoundException or ArgumentException or InvalidOperationException
            or UriFormatException)
        {
            return _known with { Problem = e.Message };
        }
    }

    private async Task<string> FetchAsync()
    {
        string document = await _client.GetStringAsync(new Uri(_options.Issuer.TrimEnd('/') + "/.well-known/openid-configuration"));
        using JsonDocument discovery = JsonDocument.Parse(document);

        // OpenID Connect Discovery 4.3: a document of another issuer is none of this one's.
        if (discovery.RootElement.GetProperty("issuer").GetString() != _options.Issuer)
        {
            throw new InvalidOperationException("the discovery document names another issuer");
        }

        var keys = new Uri(discovery.RootElement.GetProperty("jwks_uri").GetString() ?? "");
        return IsSafe(keys) ? await _client.GetStringAsync(keys) : throw new InvalidOperationException("jwks_uri is not https");
    }

    /// <summary>True for an address that may be asked for keys: under TLS, or on this machine.</summary>
    public static bool IsSafe(Uri url) => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback);

    // Public keys that sign: a symmetric one in a published set would let everybody sign.
    private static bool IsGood(JsonWebKey key) =>
        (key.Use is null or "" or "sig") && !key.HasPrivateKey
        && key.Kty switch
        {
            JsonWebAlgorithmsKeyTypes.RSA => key.KeySize >= MinRsaBits,
            JsonWebAlgorithmsKeyTypes.EllipticCurve => true,
            _ => false,
        };

    private sealed record Set(IReadOnlyList<SecurityKey> Keys, long Generation, string? Problem);
}
