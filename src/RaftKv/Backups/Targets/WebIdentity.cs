using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Amazon;
using Amazon.Runtime;

namespace RaftKv.Backups.Targets;

/// <summary>How somebody is known whom a platform names by a token in a file, as Amazon's EKS does.</summary>
/// <param name="TokenFile">The platform writes it anew before the token in it ends.</param>
/// <param name="Role">Of which the credentials are wanted.</param>
/// <param name="Session">What Amazon's records call it.</param>
/// <param name="Service">The token service, STS.</param>
internal sealed record WebIdentityTerms(string TokenFile, string Role, string Session, Uri Service)
{
    /// <summary>
    /// As the environment says it; null when it names nobody so, or names a key or a profile, which come first.
    /// </summary>
    /// <param name="variable">A variable of the environment; null for one that is not set.</param>
    /// <param name="region">Null for none in particular.</param>
    public static WebIdentityTerms? Of(Func<string, string?> variable, string? region)
    {
        bool isNamedElse = variable("AWS_ACCESS_KEY_ID") is not null || variable("AWS_PROFILE") is not null;
        if (isNamedElse || variable("AWS_WEB_IDENTITY_TOKEN_FILE") is not { } file || variable("AWS_ROLE_ARN") is not { } role)
        {
            return null;
        }

        string service = variable("AWS_ENDPOINT_URL_STS") ?? variable("AWS_ENDPOINT_URL")
            ?? (region is null ? "https://sts.amazonaws.com"
                : $"https://sts.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}");
        return Uri.TryCreate(service, UriKind.Absolute, out Uri? url)
            ? new WebIdentityTerms(file, role, variable("AWS_ROLE_SESSION_NAME") ?? "raftkv", url)
            : throw new IOException("AWS_ENDPOINT_URL_STS, or AWS_ENDPOINT_URL, is no URL.");
    }
}

/// <summary>
/// Credentials of a role for an hour or so, given by STS for a token that says who this is (AssumeRoleWithWebIdentity): one call
/// that nobody signs. Amazon's library would need a second one of its packages to make it. Any thread.
/// </summary>
internal sealed class WebIdentity : RefreshingAWSCredentials
{
    private const int MaxTokenBytes = 64 * 1024;
    private const int MaxAnswerBytes = 256 * 1024;
    private const int MaxTextLength = 300;

    private readonly WebIdentityTerms _terms;
    private readonly HttpClient _http;

    /// <summary>Nothing is asked of anybody yet.</summary>
    /// <param name="patience">The longest time of a call.</param>
    public WebIdentity(WebIdentityTerms terms, TimeSpan patience)
    {
        _terms = terms;
        _http = new HttpClient(new OffSocketThread()) { Timeout = patience, MaxResponseContentBufferSize = MaxAnswerBytes };

        // New ones are asked for while the old ones still hold, so that a call in between is not refused.
        PreemptExpiryTime = TimeSpan.FromMinutes(5);
    }

    /// <inheritdoc/>
    protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
    {
        string token = await ReadTokenAsync().ConfigureAwait(false);
        using var question = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["Action"] = "AssumeRoleWithWebIdentity",
            ["Version"] = "2011-06-15",
            ["RoleArn"] = _terms.Role,
            ["RoleSessionName"] = _terms.Session,
            ["WebIdentityToken"] = token,
        });
        try
        {
            using HttpResponseMessage answer = await _http.PostAsync(_terms.Service, question).ConfigureAwait(false);
            string text = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
            XElement? said = Read(text);
            return answer.IsSuccessStatusCode && said is not null && StateIn(said) is { } state
                ? state
                : throw Refusal((int)answer.StatusCode, said);
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            throw new IOException($"{_terms.Service} gave no credentials of {_terms.Role}: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _http.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<string> ReadTokenAsync()
    {
        try
        {
            var file = new FileInfo(_terms.TokenFile);
            return file.Exists && file.Length > MaxTokenBytes
                ? throw new IOException($"it is longer than {MaxTokenBytes} bytes")
                : (await File.ReadAllTextAsync(_terms.TokenFile).ConfigureAwait(false)).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"AWS_WEB_IDENTITY_TOKEN_FILE {_terms.TokenFile} can't be read: {failure.Message}", failure);
        }
    }

    private IOException Refusal(int status, XElement? said)
    {
        string code = said is null ? "" : Word(said, "Code") ?? "";
        string message = said is null ? "" : Word(said, "Message") ?? "";
        string why = $"{status} {code}: {message}".TrimEnd(' ', ':');
        return new IOException($"{_terms.Service} gave no credentials of {_terms.Role}: {why[..Math.Min(why.Length, MaxTextLength)]}");
    }

    private static CredentialsRefreshState? StateIn(XElement said)
    {
        string? key = Word(said, "AccessKeyId");
        string? secret = Word(said, "SecretAccessKey");
        string? token = Word(said, "SessionToken");
        bool isTime = DateTimeOffset.TryParse(
            Word(said, "Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset end);
        return key is not null && secret is not null && token is not null && isTime
            ? new CredentialsRefreshState(new ImmutableCredentials(key, secret, token), end.UtcDateTime)
            : null;
    }

    private static string? Word(XElement said, string name) =>
        said.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value is { Length: > 0 } word ? word : null;

    // Null for what is no XML, as what a proxy in between may say.
    private static XElement? Read(string text)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
