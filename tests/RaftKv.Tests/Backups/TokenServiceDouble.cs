using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace RaftKv.Tests.Backups;

/// <summary>
/// A token service that speaks as much of STS as web identities need: one call, not signed, in a form; the answer in XML. The
/// protocol is that of Amazon's reference (AssumeRoleWithWebIdentity, 2011-06-15); no real one was at hand.
/// </summary>
internal sealed class TokenServiceDouble : IAsyncDisposable
{
    public const string Role = "arn:aws:iam::123456789012:role/backups";
    public const string SecretKey = "a-secret-for-an-hour";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _given = new();

    private TokenServiceDouble(WebApplication app) => _app = app;

    /// <summary>The token that it takes; another one is refused.</summary>
    public string Token { get; set; } = "";

    /// <summary>How long what it gives is good for.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Answered in place of everything: a status and a text; null for none.</summary>
    public (int Status, string Text)? Instead { get; set; }

    /// <summary>The forms that came, in order.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Questions { get; } = new();

    public string Endpoint => _app.Urls.Single();

    public static async Task<TokenServiceDouble> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        var service = new TokenServiceDouble(app);
        app.Run(service.ServeAsync);
        await app.StartAsync();
        return service;
    }

    /// <summary>The signature is by a key that was given here, and its session token stands beside it.</summary>
    public bool HasGiven(string authorization, string sessionToken)
    {
        const string start = "AWS4-HMAC-SHA256 Credential=";
        return authorization.StartsWith(start, StringComparison.Ordinal)
            && _given.TryGetValue(authorization[start.Length..].Split('/')[0], out string? token) && token == sessionToken;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(0);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext http)
    {
        IFormCollection form = await http.Request.ReadFormAsync();
        Dictionary<string, string> question = form.ToDictionary(static pair => pair.Key, static pair => pair.Value.ToString());
        Questions.Enqueue(question);
        bool isAsked = http.Request is { Method: "POST", Path.Value: "/" } && http.Request.Headers.Authorization.Count == 0
            && question.GetValueOrDefault("Action") == "AssumeRoleWithWebIdentity" && question.GetValueOrDefault("Version") == "2011-06-15"
            && question.GetValueOrDefault("RoleArn") == Role && question.GetValueOrDefault("RoleSessionName")?.Length >= 2;
        (int status, string text) = Instead ?? (isAsked switch
        {
            false => (400, Error("ValidationError", "The question is not one.")),
            true when question.GetValueOrDefault("WebIdentityToken") != Token =>
                (400, Error("InvalidIdentityToken", "The token is not known.")),
            _ => (200, Give()),
        });
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/xml";
        await http.Response.WriteAsync(text);
    }

    private string Give()
    {
        string key = string.Create(CultureInfo.InvariantCulture, $"ASIATEST{Questions.Count:D8}");
        string token = $"session-of-{key}==";
        _given[key] = token;
        string end = (DateTimeOffset.UtcNow + Life).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return $"""
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <AssumeRoleWithWebIdentityResult>
                <SubjectFromWebIdentityToken>system:serviceaccount:default:raftkv</SubjectFromWebIdentityToken>
                <AssumedRoleUser><Arn>{Role}/raftkv</Arn><AssumedRoleId>AROATEST:raftkv</AssumedRoleId></AssumedRoleUser>
                <Credentials>
                  <SessionToken>{token}</SessionToken>
                  <SecretAccessKey>{SecretKey}</SecretAccessKey>
                  <Expiration>{end}</Expiration>
                  <AccessKeyId>{key}</AccessKeyId>
                </Credentials>
              </AssumeRoleWithWebIdentityResult>
              <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
            </AssumeRoleWithWebIdentityResponse>
            """;
    }

    private static string Error(string code, string message) =>
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
        + $"<Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>";
}
