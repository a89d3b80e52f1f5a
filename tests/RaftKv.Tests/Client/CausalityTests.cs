using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using RaftKv.Client;
using RaftKv.Client.AspNetCore;

namespace RaftKv.Tests.Client;

/// <summary>Tokens between services, without code in between.</summary>
public sealed class CausalityTests
{
    [Fact]
    public async Task A_caller_s_token_reaches_the_calls_of_the_service_it_calls_and_comes_back()
    {
        using StubNode node = StubNode.Computing(static request => request.Method == "PUT"
            ? StubReply.Ok(
                """{"key":"a","createRevision":2,"modRevision":2,"version":1,"lease":null}""",
                ("RaftKv-Session", "write7"), ("RaftKv-Revision", "7"))
            : StubReply.Entry("a", "1", 8) with { Headers = [("RaftKv-Session", "read8"), ("RaftKv-Revision", "8")] });
        using RaftKvClient kv = ClientFixture.Client(node.Endpoint);
        await using WebApplication service = await StartAsync(async () => (await kv.GetAsync("a", ReadLevel.Causal))!.GetString());
        using HttpClient http = new(new RaftKvTokenHandler(new SocketsHttpHandler()));

        string body;
        string? after;
        using (RaftKvCausality.Begin())
        {
            await kv.PutAsync("a", "1");
            body = await http.GetStringAsync(new Uri(service.Urls.First()));
            after = RaftKvCausality.Token;
        }

        Assert.Equal("1", body);
        Assert.Equal("write7", node.Requests[1].Header("RaftKv-Session"));
        Assert.Equal(["read8", "write7"], after!.Split(',').Order());
        Assert.False(RaftKvCausality.IsActive);
    }

    [Fact]
    public async Task Requests_that_a_service_serves_at_once_do_not_mix_their_tokens()
    {
        TaskCompletionSource bothInside = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int inside = 0;
        await using WebApplication service = await StartAsync(async () =>
        {
            if (Interlocked.Increment(ref inside) == 2)
            {
                bothInside.SetResult();
            }

            await bothInside.Task;
            return RaftKvCausality.Token ?? "";
        });
        using HttpClient http = new();

        string[] answers = await Task.WhenAll(SendAsync(http, service, "left"), SendAsync(http, service, "right"));

        Assert.Equal(["left", "right"], answers);
    }

    [Fact]
    public async Task Without_a_context_nothing_is_added_and_a_caller_s_own_header_is_left_alone()
    {
        using StubNode node = StubNode.Playing(StubReply.Ok("{}", ("RaftKv-Session", "answered")));
        using HttpClient http = new(new RaftKvTokenHandler(new SocketsHttpHandler()));

        await http.GetStringAsync(node.Endpoint);
        using (RaftKvCausality.Begin("mine"))
        {
            using HttpRequestMessage request = new(HttpMethod.Get, node.Endpoint) { Headers = { { RaftKvCausality.HeaderName, "theirs" } } };
            using HttpResponseMessage answer = await http.SendAsync(request);
        }

        Assert.Equal([null, "theirs"], node.Requests.Select(static request => request.Header("RaftKv-Session")));
    }

    [Fact]
    public void Contexts_nest_and_text_that_is_no_token_is_left_out()
    {
        using (RaftKvCausality.Begin("outer"))
        {
            using (RaftKvCausality.Begin(new string('x', 5_000)))
            {
                RaftKvCausality.Accept("a\r\nInjected: 1");
                Assert.Null(RaftKvCausality.Token);
                RaftKvCausality.Accept("in, in");
                Assert.Equal("in", RaftKvCausality.Token);
            }

            Assert.Equal("outer", RaftKvCausality.Token);
        }

        RaftKvCausality.Accept("nobody");
        Assert.Null(RaftKvCausality.Token);
    }

    private static async Task<string> SendAsync(HttpClient http, WebApplication service, string token)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, service.Urls.First()) { Headers = { { RaftKvCausality.HeaderName, token } } };
        using HttpResponseMessage answer = await http.SendAsync(request);
        Assert.Equal(token, Assert.Single(answer.Headers.GetValues(RaftKvCausality.HeaderName)));
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<WebApplication> StartAsync(Func<Task<string>> serve)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        app.UseRaftKvCausality();
        app.MapGet("/", serve);
        await app.StartAsync();
        return app;
    }
}
