using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using RaftKv.Core.Calls;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors;
using RaftKv.Node;
using RaftKv.Service.Calls;

namespace RaftKv.Tests.Api;

/// <summary>The REST door on a real Kestrel over a fake node, on a free loopback port.</summary>
public sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly SingleNodeFake? _node;

    private ApiHost(WebApplication app, INode node)
    {
        _app = app;
        _node = node as SingleNodeFake;
        Address = new Uri(app.Urls.First());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
    }

    /// <summary>The fake behind the door; there is none when a real node is.</summary>
    public SingleNodeFake Node => _node!;

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static Task<ApiHost> StartAsync(ApiOptions? options = null) => StartAsync(new SingleNodeFake(), options);

    /// <summary>The door over a node of the test's own.</summary>
    /// <param name="secure">Puts more on the port than what is spoken; null for nothing.</param>
    public static async Task<ApiHost> StartAsync(
        INode node, ApiOptions? options = null, HttpProtocols protocols = HttpProtocols.Http1AndHttp2, Action<ListenOptions>? secure = null)
    {
        // The emptiest builder there is, as the server's host uses: the door brings what it needs.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "raftkv" });
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            ApiDoors.ConfigureKestrel(kestrel);
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = protocols;
                secure?.Invoke(listen);
            });
        });
        builder.Services.AddRaftKvApi();
        WebApplication app = builder.Build();
        app.MapRaftKvApi(node, options);
        await app.StartAsync();
        return new ApiHost(app, node);
    }

    /// <summary>Sends a request with a text body and headers.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        string method, string path, string? body = null, string? mediaType = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (mediaType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
            }
        }

        foreach ((string name, string value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value), name);
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Posts JSON.</summary>
    /// <summary>Applies a command past the doors.</summary>
    public async Task ApplyAsync(KvCommand command)
    {
        byte[] envelope = KvCommandCodec.Encode(command, Node.HeadroomBytes);
        ProposeResult applied = await Node.ProposeAsync(envelope, TimeSpan.FromSeconds(5), CancellationToken.None);
        Assert.Equal(CommandStatus.Ok, applied.Result!.Status);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync("POST", path, json, "application/json", headers);

    /// <summary>
    /// Sends bytes as they are and gives the whole answer as text; for what no client library would send.
    /// </summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Address.Port);
        await using NetworkStream stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await reader.ReadToEndAsync(timeout.Token);
    }

    /// <summary>One raw request line with Connection: close and an optional body.</summary>
    public Task<string> SendTargetAsync(string method, string target, string body = "") => SendRawAsync(
        $"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    /// <summary>Stops the web server in good order.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>Shorthands for answers.</summary>
public static class Answers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement;

    public static string? Header(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : null;

    /// <summary>Asserts a problem of a code and status, and that it tells all that a problem must tell.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response, int status, string code, string applied = "no")
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal("urn:raftkv:problem:" + code, problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(applied, problem.GetProperty("applied").GetString());
        Assert.Equal("n1", problem.GetProperty("node").GetString());
        Assert.Equal("n1", problem.GetProperty("leader").GetString());
        Assert.NotEmpty(problem.GetProperty("traceId").GetString()!);
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.True(problem.GetProperty("retryable").ValueKind is JsonValueKind.True or JsonValueKind.False);
        response.AssertStandardHeaders();
        return problem;
    }

    /// <summary>Asserts the headers that stand on every answer; a level stands only where something was served.</summary>
    public static void AssertStandardHeaders(this HttpResponseMessage response)
    {
        foreach (string name in (string[])["RaftKv-Revision", "RaftKv-Term", "RaftKv-Applied-Index", "RaftKv-Served-By", "RaftKv-Role",
            "RaftKv-Leader", "RaftKv-Session", "Server-Timing"])
        {
            Assert.True(response.Header(name) is { Length: > 0 }, $"{name} is missing");
        }

        bool mustNameLevel = response.IsSuccessStatusCode && response.StatusCode != HttpStatusCode.Accepted;
        Assert.True(!mustNameLevel || response.Header("RaftKv-Consistency") is { Length: > 0 }, "an answer that serves names its level");

        Assert.Equal("no-store", response.Header("Cache-Control"));
    }
}
