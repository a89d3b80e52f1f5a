using RaftKv.Backups.Targets;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Tests.Storage;

namespace RaftKv.Tests.Backups;

/// <summary>
/// Credentials that a token in a file is exchanged for, as in a pod of EKS: the store takes them, they are fetched anew with the
/// token of then, and what goes wrong is a sentence without a secret.
/// </summary>
public sealed class WebIdentityTests : IAsyncLifetime
{
    private const string Token = "eyJhbGciOi.first.token";
    private static readonly string _name = new BackupName(ArchiveTests.Cluster, 7, ArchiveTests.Epoch).File;

    private readonly TemporaryDirectory _scratch = new();
    private ObjectStoreDouble _store = null!;
    private TokenServiceDouble _tokens = null!;

    private string TokenFile => Path.Combine(_scratch.Path, "token");

    public async Task InitializeAsync()
    {
        _store = await ObjectStoreDouble.StartAsync();
        _tokens = await TokenServiceDouble.StartAsync();
        _store.Keyring = _tokens;
        _tokens.Token = Token;
        await File.WriteAllTextAsync(TokenFile, Token + "\n");
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        await _tokens.DisposeAsync();
        _scratch.Dispose();
    }

    [Fact]
    public async Task A_role_is_asked_for_once_and_the_store_takes_what_was_given()
    {
        using WebIdentity who = Who();
        using S3Target target = Open(who);
        await WriteAsync(target);

        Assert.True(Assert.Single(await target.ListAsync(default)).IsWhole);
        IReadOnlyDictionary<string, string> question = Assert.Single(_tokens.Questions);
        Assert.Equal(("raftkv", Token), (question["RoleSessionName"], question["WebIdentityToken"]));
    }

    [Fact]
    public async Task What_is_about_to_end_is_asked_for_again_with_the_token_that_is_in_the_file_then()
    {
        using WebIdentity who = Who();
        using S3Target target = Open(who);
        _tokens.Life = TimeSpan.FromMinutes(4);
        Assert.Empty(await target.ListAsync(default));
        _tokens.Token = "the.second.token";
        await File.WriteAllTextAsync(TokenFile, _tokens.Token);
        _tokens.Life = TimeSpan.FromHours(1);

        // Beside the calls, which the old ones still do for.
        while (_tokens.Questions.Last()["WebIdentityToken"] != "the.second.token")
        {
            Assert.Empty(await target.ListAsync(default));
        }

        int before = _tokens.Questions.Count;
        who.ClearCredentials();
        Assert.Empty(await target.ListAsync(default));
        Assert.True(_tokens.Questions.Count > before, "what was cleared is asked for anew");
    }

    [Fact]
    public async Task A_refusal_is_told_without_the_token_and_is_no_end()
    {
        using WebIdentity who = Who();
        using S3Target target = Open(who);
        _tokens.Token = "of somebody else";
        IOException refused = await Assert.ThrowsAsync<IOException>(() => target.ListAsync(default));
        Assert.Contains("InvalidIdentityToken", refused.Message, StringComparison.Ordinal);
        Assert.Contains(TokenServiceDouble.Role, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, refused.ToString(), StringComparison.Ordinal);

        _tokens.Token = Token;
        Assert.Empty(await target.ListAsync(default));
    }

    [Theory]
    [InlineData(200, "no XML at all")]
    [InlineData(200, "<a/>")]
    [InlineData(200, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")]
    [InlineData(503, "<html><body>busy</html>")]
    [InlineData(200, "<r><AccessKeyId>k</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></r>")]
    public async Task An_answer_without_credentials_gives_none(int status, string text)
    {
        using WebIdentity who = Who();
        using S3Target target = Open(who);
        _tokens.Instead = (status, text);
        IOException failure = await Assert.ThrowsAsync<IOException>(() => target.ListAsync(default));
        Assert.Contains($"gave no credentials of {TokenServiceDouble.Role}: {status}", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_store.Requests);
    }

    [Fact]
    public async Task A_service_that_is_away_and_a_token_that_is_not_there_are_told()
    {
        using WebIdentity nowhere = Who(new Uri("http://127.0.0.1:1"));
        using S3Target away = Open(nowhere);
        Assert.Contains(
            "http://127.0.0.1:1/ gave no credentials", (await Assert.ThrowsAsync<IOException>(() => away.ListAsync(default))).Message,
            StringComparison.Ordinal);

        File.Delete(TokenFile);
        using WebIdentity who = Who();
        using S3Target target = Open(who);
        IOException failure = await Assert.ThrowsAsync<IOException>(() => target.ListAsync(default));
        Assert.Contains($"AWS_WEB_IDENTITY_TOKEN_FILE {TokenFile} can't be read", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_tokens.Questions);
    }

    [Fact]
    public void The_environment_names_somebody_so_unless_it_names_a_key_or_a_profile()
    {
        (string, string)[] both = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"), ("AWS_ROLE_ARN", "role")];
        Assert.Equal(new WebIdentityTerms("/token", "role", "raftkv", new Uri("https://sts.amazonaws.com")), TermsOf(null, both));
        Assert.Equal("https://sts.eu-central-1.amazonaws.com/", TermsOf("eu-central-1", both)!.Service.ToString());
        Assert.Equal("https://sts.cn-north-1.amazonaws.com.cn/", TermsOf("cn-north-1", both)!.Service.ToString());
        Assert.Equal("http://all:1/", TermsOf("eu-central-1", [.. both, ("AWS_ENDPOINT_URL", "http://all:1")])!.Service.ToString());
        Assert.Equal(
            "http://sts:1/",
            TermsOf(null, [.. both, ("AWS_ENDPOINT_URL", "http://all:1"), ("AWS_ENDPOINT_URL_STS", "http://sts:1")])!.Service.ToString());
        Assert.Equal("mine", TermsOf(null, [.. both, ("AWS_ROLE_SESSION_NAME", "mine")])!.Session);
        Assert.Null(TermsOf(null, both[0]));
        Assert.Null(TermsOf(null, both[1]));
        Assert.Null(TermsOf(null, [.. both, ("AWS_ACCESS_KEY_ID", "k")]));
        Assert.Null(TermsOf(null, [.. both, ("AWS_PROFILE", "p")]));
        Assert.Throws<IOException>(() => TermsOf(null, [.. both, ("AWS_ENDPOINT_URL_STS", "not one")]));
    }

    private static WebIdentityTerms? TermsOf(string? region, params (string Name, string Value)[] variables) =>
        WebIdentityTerms.Of(name => variables.FirstOrDefault(pair => pair.Name == name).Value, region);

    private WebIdentity Who(Uri? service = null) => new(
        new WebIdentityTerms(TokenFile, TokenServiceDouble.Role, "raftkv", service ?? new Uri(_tokens.Endpoint)), TimeSpan.FromSeconds(60));

    private S3Target Open(WebIdentity who) => new(
        new S3Address(ObjectStoreDouble.Bucket, "c1", new Uri(_store.Endpoint), null), new S3Limits(TimeSpan.FromSeconds(60), 0, who));

    private static Task<WrittenBackup> WriteAsync(S3Target target) => target.WriteAsync(
        new BackupUpload(_name, "n1", [new byte[1000]], static (_, _) => { }, 1000), default);
}
