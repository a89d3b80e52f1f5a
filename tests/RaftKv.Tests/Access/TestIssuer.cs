using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace RaftKv.Tests.Access;

/// <summary>
/// An OpenID Connect issuer on a real web server of this process. Its tokens are put together by hand, so that any can be made.
/// </summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _askedCount;

    private TestIssuer(WebApplication app)
    {
        _app = app;
        Published = [Key];
    }

    /// <summary>As its tokens name it.</summary>
    public string Name => _app.Urls.First();

    /// <summary>What it signs with.</summary>
    public SigningKey Key { get; set; } = new("k1");

    /// <summary>The keys that it shows.</summary>
    public List<SigningKey> Published { get; }

    /// <summary>More in the set of keys, as it stands there.</summary>
    public List<JsonObject> MoreKeys { get; } = [];

    /// <summary>What it says that its name is, when that is another one.</summary>
    public string? SaysName { get; set; }

    /// <summary>Where it sends whoever asks; null for nowhere.</summary>
    public string? SendsTo { get; set; }

    /// <summary>It answers with an error.</summary>
    public bool IsAway { get; set; }

    /// <summary>Times that its keys were asked for.</summary>
    public int AskedCount => Volatile.Read(ref _askedCount);

    public static async Task<TestIssuer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "issuer" });
        builder.Services.AddLogging();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        TestIssuer issuer = null!;
        app.Run(http => issuer.AnswerAsync(http));
        await app.StartAsync();
        return issuer = new TestIssuer(app);
    }

    /// <summary>The usual claims of a token for ann, which a test changes.</summary>
    public JsonObject Claims(TimeProvider time, string user = "ann") => new()
    {
        ["iss"] = Name,
        ["aud"] = "raftkv",
        ["sub"] = user,
        ["exp"] = time.GetUtcNow().ToUnixTimeSeconds() + 300,
    };

    /// <summary>A token, signed as its header says.</summary>
    public string Token(JsonObject claims, JsonObject? header = null, Func<byte[], byte[]>? sign = null)
    {
        header ??= new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = Key.Id };
        string signed = $"{Encode(header)}.{Encode(claims)}";
        byte[] signature = (sign ?? Key.Sign)(Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The set of keys as it is served.</summary>
    public string KeySet() => new JsonObject
    {
        ["keys"] = new JsonArray([.. Published.Select(static key => key.Public()), .. MoreKeys.Select(static key => key.DeepClone())]),
    }.ToJsonString();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private Task AnswerAsync(HttpContext http)
    {
        if (IsAway)
        {
            http.Response.StatusCode = 503;
            return Task.CompletedTask;
        }

        if (SendsTo is { } elsewhere)
        {
            http.Response.Redirect(elsewhere);
            return Task.CompletedTask;
        }

        if (http.Request.Path == "/keys")
        {
            Interlocked.Increment(ref _askedCount);
            return http.Response.WriteAsync(KeySet());
        }

        return http.Response.WriteAsync(JsonSerializer.Serialize(new { issuer = SaysName ?? Name, jwks_uri = Name + "/keys" }));
    }
}

/// <summary>A key of an issuer.</summary>
internal sealed class SigningKey(string id, int bits = 2048)
{
    /// <summary>Both halves.</summary>
    public RSA Rsa { get; } = RSA.Create(bits);

    public string Id => id;

    /// <summary>Signs with RS256.</summary>
    public byte[] Sign(byte[] bytes) => Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>The public half as a JWK.</summary>
    public JsonNode Public()
    {
        RSAParameters parameters = Rsa.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["kid"] = id,
            ["n"] = Base64Url.EncodeToString(parameters.Modulus),
            ["e"] = Base64Url.EncodeToString(parameters.Exponent),
        };
    }
}
