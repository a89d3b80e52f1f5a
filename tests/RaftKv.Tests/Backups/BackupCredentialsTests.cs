using RaftKv.Cli;
using RaftKv.Tests.Client;

namespace RaftKv.Tests.Backups;

/// <summary>Who calls is said to a node that is asked for its state, and to nobody else that a backup is loaded from.</summary>
public sealed class BackupCredentialsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-credentials-").FullName;
    private readonly StubNode _server = StubNode.Playing(new StubReply(404, "{}"));

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("api/v1/snapshot", true)]
    [InlineData("backups/today.snap", false)]
    [InlineData("api/v1/files/today.snap", false)]
    [InlineData("elsewhere/api/v1/snapshot", false)]
    public async Task A_token_goes_to_a_node_and_to_no_other_address(string path, bool isShown)
    {
        string token = Path.Combine(_directory, "token");
        await File.WriteAllTextAsync(token, "rkt.secret.secret\n");
        string from = _server.Endpoint + path;
        var said = new StringWriter();
        int restored = await RestoreCommand.RunAsync(
            ["--from", from, "--data-dir", Path.Combine(_directory, "data"), "--token-file", token], said, said);
        int verified = await BackupCommand.RunAsync(["verify", from, "--token-file", token], said, said);

        Assert.NotEqual(0, restored);
        Assert.NotEqual(0, verified);
        Assert.Equal(2, _server.Requests.Count);
        Assert.All(_server.Requests, request => Assert.Equal(isShown ? "Bearer rkt.secret.secret" : null, request.Header("Authorization")));
        Assert.DoesNotContain("rkt.secret", said.ToString(), StringComparison.Ordinal);
    }
}
