using System.Net.Sockets;
using System.Text.RegularExpressions;
using RaftKv.Core.Tests.Architecture;
using RaftKv.Http;

namespace RaftKv.Tests.Api;

/// <summary>A connection that is reset as it is made counts as one that was refused, whoever of us made it.</summary>
public sealed partial class ResetHandlerTests
{
    [Fact]
    public async Task A_connection_that_is_reset_as_it_is_made_counts_as_one_that_was_refused()
    {
        var reset = new SocketException((int)SocketError.NotConnected);
        HttpRequestException told = await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(reset));

        Assert.Equal(HttpRequestError.ConnectionError, told.HttpRequestError);
        Assert.Same(reset, told.InnerException);
        Assert.Contains("http://node.test/", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_else_goes_wrong_comes_as_it_is()
    {
        var broken = new IOException("broken");
        Assert.Same(broken, await Assert.ThrowsAsync<IOException>(() => AskAsync(broken)));
        var refused = new HttpRequestException(HttpRequestError.NameResolutionError, "nobody");
        Assert.Same(refused, await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(refused)));
    }

    [Fact]
    public void Every_client_stands_on_it()
    {
        string[] clients =
        [
            .. SourceTree.CSharpFiles.Where(static path => Regex.IsMatch(path, @"^src/RaftKv(\.Cli|\.Dashboard)?/") && IsOfClient(path)),
        ];
        Assert.InRange(clients.Length, 7, 20);

        // raftkvctl's client is made over its Handlers, that of a web identity over the object store's, which is among them; who
        // joins dials peers too, and takes their SocketException.
        string[] others = ["src/RaftKv.Cli/Connection/Invocation.cs", "src/RaftKv/Hosting/Formation/JoinPhase.cs"];
        Assert.Equal(others, clients.Where(static path => !StandsOnIt(SourceTree.Read(path))).Order(StringComparer.Ordinal));
        Assert.True(StandsOnIt(SourceTree.Read("src/RaftKv.Cli/Connection/Handlers.cs")));
        Assert.Contains("src/RaftKv/Backups/Targets/OffSocketThread.cs", clients);
        Assert.False(StandsOnIt("var http = new HttpClient(new SocketsHttpHandler());"));
    }

    private static bool IsOfClient(string path) => Client().IsMatch(SourceTree.Read(path));

    private static bool StandsOnIt(string source) => source.Contains("new ResetHandler(", StringComparison.Ordinal)
        || source.Contains("new HttpClient(new OffSocketThread())", StringComparison.Ordinal);

    private static async Task AskAsync(Exception failure)
    {
        using var http = new HttpClient(new ResetHandler(new FailingHandler(failure)));
        using HttpResponseMessage answer = await http.GetAsync("http://node.test/");
    }

    [GeneratedRegex(@"new HttpClient\(|\bHttpClient \w+ = new\(|new HttpMessageInvoker\(|: DelegatingHandler\(new ")]
    private static partial Regex Client();

    private sealed class FailingHandler(Exception failure) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(failure);
    }
}
