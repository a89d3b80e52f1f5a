using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RaftKv.Client;
using RaftKv.Hosts.Tests.Support;
using RaftKv.Tests.Support;
using RaftKv.Yarp;

namespace RaftKv.Hosts.Tests.Yarp;

/// <summary>A real proxy of YARP 2.3 before real servers, configured by keys in three real nodes.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed partial class YarpTests(ThreeNodesFixture nodes) : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-yarp-").FullName;

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Routes_and_clusters_change_with_their_keys_and_a_wrong_one_holds_up_no_other()
    {
        string root = ThreeNodesFixture.NewName("proxy") + "/";
        await using WebApplication one = await StartServerAsync("one");
        await using WebApplication two = await StartServerAsync("two");
        await using WebApplication proxy = await StartProxyAsync(root);
        Assert.Equal("404", await GetAsync(proxy, "/a/x"));

        await nodes.Client.Txn().Then(
            Op.Put(root + "routes/a", """{"clusterId":"c","match":{"path":"/a/{**rest}"},"transforms":[{"pathRemovePrefix":"/a"}]}"""),
            Op.Put(root + "clusters/c", ClusterOf(one))).CommitAsync();
        await UntilAsync(proxy, "/a/x", "one /x");

        await nodes.Client.PutAsync(root + "clusters/c", ClusterOf(two));
        await UntilAsync(proxy, "/a/x", "two /x");

        // Wrong in three ways: no JSON, a path that is none, no path and no host at all. What was right about them stays.
        await nodes.Client.Txn().Then(
            Op.Put(root + "routes/a", """{"clusterId":"c","match":{"path":"/a/{**rest"}}"""),
            Op.Put(root + "routes/b", "{}"),
            Op.Put(root + "clusters/d", "no json"),
            Op.Put(root + "routes/e", """{"clusterId":"c","match":{"path":"/e/{**rest}"}}""")).CommitAsync();
        await UntilAsync(proxy, "/e/x", "two /e/x");
        Assert.Equal("two /x", await GetAsync(proxy, "/a/x"));

        await nodes.Client.DeleteAsync(root + "routes/a");
        await UntilAsync(proxy, "/a/x", "404");
    }

    [Fact]
    public async Task Changes_of_routes_and_clusters_come_into_force_together_while_the_leader_is_killed()
    {
        string root = ThreeNodesFixture.NewName("proxy") + "/";
        (string Name, WebApplication Server)[] servers = [("one", await StartServerAsync("one")), ("two", await StartServerAsync("two"))];
        await using WebApplication proxy = await StartProxyAsync(root);
        await nodes.WithoutLeaderAsync(async dead =>
        {
            // One change is always under way until the leader is dead, and one more comes after that.
            bool isLast;
            int count = 0;
            do
            {
                isLast = dead.IsCompleted;
                (string name, WebApplication server) = servers[count % 2];
                string path = $"/{count++}/";
                await nodes.Client.Txn().Then(
                    Op.Put($"{root}routes/r{count}", $$$"""{"clusterId":"c","match":{"path":"{{{path}}}{**rest}"}}"""),
                    Op.Put(root + "clusters/c", ClusterOf(server))).CommitAsync();

                // As soon as there is the route, it leads to where the cluster of the same transaction is.
                string answer = "404";
                await ThreeNodesFixture.UntilAsync(async () => (answer = await GetAsync(proxy, path + "x")) != "404", path + " is there");
                Assert.Equal($"{name} {path}x", answer);
                Assert.Equal($"{name} /0/x", await GetAsync(proxy, "/0/x"));
            }
            while (!isLast);

            await using WebApplication fresh = await StartProxyAsync(root);
            await UntilAsync(fresh, "/0/x", $"{servers[(count - 1) % 2].Name} /0/x");
        });
        await servers[0].Server.DisposeAsync();
        await servers[1].Server.DisposeAsync();
    }

    [Fact]
    public async Task Destinations_are_a_services_instances_and_all_stays_while_the_cluster_is_away()
    {
        string root = ThreeNodesFixture.NewName("proxy") + "/";
        string service = ThreeNodesFixture.NewName("backend");
        string file = Path.Combine(_directory, "proxy.json");
        await using WebApplication one = await StartServerAsync("one");
        await using WebApplication two = await StartServerAsync("two");
        await using WebApplication proxy = await StartProxyAsync(root, file);
        await nodes.Client.Txn().Then(
            Op.Put(root + "routes/a", """{"clusterId":"c","match":{"path":"/a/{**rest}"}}"""),
            Op.Put(root + "clusters/c", """{"metadata":{"RaftKv:Service":"NAME"}}""".Replace("NAME", service, StringComparison.Ordinal)))
            .CommitAsync();
        await UntilAsync(proxy, "/a/x", "503");

        LeaseGrant lease = await nodes.Client.Leases.GrantAsync(TimeSpan.FromMinutes(5));
        await nodes.Client.PutAsync($"services/{service}/1", InstanceOf(one), new WriteOptions { Lease = lease.Id });
        await UntilAsync(proxy, "/a/x", "one /a/x");
        await nodes.Client.PutAsync($"services/{service}/2", InstanceOf(two));
        await UntilAsync(proxy, "/a/x", "two /a/x");
        await nodes.Client.Leases.RevokeAsync(lease.Id);
        await ThreeNodesFixture.UntilAsync(
            async () => (await File.ReadAllTextAsync(file)) is var saved && saved.Contains(Address(two), StringComparison.Ordinal)
                && !saved.Contains(Address(one), StringComparison.Ordinal),
            "the one whose lease has ended is gone");
        await UntilAsync(proxy, "/a/x", "two /a/x");

        await nodes.WithoutClusterAsync(async () =>
        {
            Assert.Equal("two /a/x", await GetAsync(proxy, "/a/x"));
            await using WebApplication fresh = await StartProxyAsync(root, file);
            Assert.Equal("two /a/x", await GetAsync(fresh, "/a/x"));
            await using WebApplication bare = await StartProxyAsync(root, Path.Combine(_directory, "none.json"));
            Assert.Equal("404", await GetAsync(bare, "/a/x"));
        });
        await nodes.Client.PutAsync($"services/{service}/2", InstanceOf(one));
        await UntilAsync(proxy, "/a/x", "one /a/x");
    }

    [Fact]
    public async Task What_the_page_puts_is_a_route_and_a_cluster()
    {
        string root = ThreeNodesFixture.NewName("proxy") + "/";
        string service = ThreeNodesFixture.NewName("basket");
        await using WebApplication one = await StartServerAsync("one");
        await using WebApplication proxy = await StartProxyAsync(root);
        IReadOnlyList<Match> lines = Put().Matches(Assert.Single(PageCode.Blocks("docs/dotnet/yarp.md", "sh")));
        Assert.Equal(2, lines.Count);
        foreach (Match line in lines)
        {
            string value = line.Groups["value"].Value;
            string own = value.Replace("Service\":\"basket\"", $"Service\":\"{service}\"", StringComparison.Ordinal);
            await nodes.Client.PutAsync(root + line.Groups["key"].Value, own);
        }

        await nodes.Client.PutAsync($"services/{service}/1", InstanceOf(one));
        await UntilAsync(proxy, "/basket/x", "one /x");
    }

    private static async Task<WebApplication> StartServerAsync(string name)
    {
        WebApplication app = NewBuilder().Build();
        app.Run(context => context.Response.WriteAsync($"{name} {context.Request.Path}"));
        await app.StartAsync();
        return app;
    }

    private async Task<WebApplication> StartProxyAsync(string root, string? file = null)
    {
        WebApplicationBuilder builder = NewBuilder();
        builder.Services.AddRaftKvClient(options => options.Endpoints = nodes.Cluster.Endpoints);
        builder.Services.AddReverseProxy().LoadFromRaftKv(options =>
        {
            options.KeyRoot = root;
            options.CacheFile = file;
        });
        WebApplication app = builder.Build();
        app.MapReverseProxy();
        await app.StartAsync();
        return app;
    }

    private static WebApplicationBuilder NewBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder;
    }

    private static string Address(WebApplication app) => app.Urls.First();

    private static string ClusterOf(WebApplication app) =>
        """{"destinations":{"only":{"address":"WHERE"}}}""".Replace("WHERE", Address(app), StringComparison.Ordinal);

    private static string InstanceOf(WebApplication app) => $$"""{"address":"{{Address(app)}}"}""";

    private async Task<string> GetAsync(WebApplication proxy, string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri(Address(proxy) + path));
        return answer.IsSuccessStatusCode
            ? await answer.Content.ReadAsStringAsync()
            : ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private Task UntilAsync(WebApplication proxy, string path, string expected) =>
        ThreeNodesFixture.UntilAsync(async () => await GetAsync(proxy, path) == expected, $"{path} answers '{expected}'");

    [GeneratedRegex("^raftkvctl put proxy/(?<key>\\S+) +'(?<value>[^']+)'$", RegexOptions.Multiline)]
    private static partial Regex Put();
}
