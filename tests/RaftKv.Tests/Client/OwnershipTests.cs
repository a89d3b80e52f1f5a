using Microsoft.Extensions.DependencyInjection;
using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Who disposes what, and how the client comes out of a service collection.</summary>
public sealed class OwnershipTests
{
    [Fact]
    public async Task The_caller_s_http_client_is_never_disposed()
    {
        using TellingHandler handler = new();
        using HttpClient http = new(handler);
        await using (RaftKvClient client = new(Options() with { HttpClient = http }))
        {
            await client.DeleteAsync("a");
        }

        Assert.False(handler.IsDisposed);
        using HttpResponseMessage answer = await http.GetAsync(new Uri("http://n1/"));
        Assert.Equal(2, handler.Requests);
    }

    [Fact]
    public async Task The_caller_s_handler_is_never_disposed()
    {
        using TellingHandler handler = new();
        using (RaftKvClient client = new(Options() with { HttpMessageHandler = handler }))
        {
            await client.DeleteAsync("a");
        }

        Assert.False(handler.IsDisposed);
    }

    [Fact]
    public async Task A_disposed_client_sends_nothing_and_may_be_disposed_again()
    {
        using TellingHandler handler = new();
        RaftKvClient client = new(Options() with { HttpMessageHandler = handler });
        await client.DisposeAsync();
        client.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetAsync("a"));
        Assert.Equal(0, handler.Requests);
    }

    [Fact]
    public async Task The_client_uses_the_http_client_factory_when_there_is_one()
    {
        using TellingHandler handler = new();
        ServiceCollection services = new();
        services.AddHttpClient(RaftKvServiceCollectionExtensions.HttpClientName).ConfigurePrimaryHttpMessageHandler(() => handler);
        services.AddRaftKvClient(static o => o.Endpoints = [new Uri("http://n1/")]);
        await using ServiceProvider provider = services.BuildServiceProvider();

        RaftKvClient client = provider.GetRequiredService<RaftKvClient>();
        await client.DeleteAsync("a", new WriteOptions { IsIdempotent = false });

        Assert.Equal(1, handler.Requests);
        Assert.Same(client, provider.GetRequiredService<RaftKvClient>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_repeats_requests_for_all_http_clients_does_not_repeat_this_one_s(bool isDefaultFirst)
    {
        using TellingHandler handler = new();
        ServiceCollection services = new();
        if (isDefaultFirst)
        {
            AddDefault(services);
        }

        services.AddHttpClient(RaftKvServiceCollectionExtensions.HttpClientName).ConfigurePrimaryHttpMessageHandler(() => handler);
        services.AddHttpClient("another").ConfigurePrimaryHttpMessageHandler(() => handler);
        services.AddRaftKvClient(static o => o.Endpoints = [new Uri("http://n1/")]);
        if (!isDefaultFirst)
        {
            AddDefault(services);
        }

        await using ServiceProvider provider = services.BuildServiceProvider();
        await provider.GetRequiredService<RaftKvClient>().DeleteAsync("a", new WriteOptions { IsIdempotent = false });
        Assert.Equal(1, handler.Requests);

        using HttpClient another = provider.GetRequiredService<IHttpClientFactory>().CreateClient("another");
        using HttpResponseMessage answer = await another.GetAsync(new Uri("http://n1/"));
        Assert.Equal(3, handler.Requests);

        static void AddDefault(IServiceCollection services) =>
            services.ConfigureHttpClientDefaults(static http => http.AddHttpMessageHandler(static () => new RepeatingHandler()));
    }

    [Fact]
    public async Task The_client_works_without_a_factory()
    {
        using StubNode node = StubNode.Playing(StubReply.Entry("a", "1", 2));
        ServiceCollection services = new();
        services.AddRaftKvClient(o => o.Endpoints = [node.Endpoint]);
        await using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Equal("1", await provider.GetRequiredService<RaftKvClient>().GetStringAsync("a"));
    }

    [Fact]
    public void Wrong_settings_are_told_in_sentences()
    {
        RaftKvClientOptions options = new()
        {
            Endpoints = [new Uri("ftp://n1/")],
            Timeout = TimeSpan.Zero,
            MaxAttempts = 0,
            Consistency = ReadLevel.Bounded,
            HttpClient = new HttpClient(),
            HttpMessageHandler = new HttpClientHandler(),
        };

        Assert.Equal(5, options.Validate().Count);
        Assert.Contains("MaxAttempts is 0", Assert.Throws<ArgumentException>(() => new RaftKvClient(options)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RaftKvClient());
        Assert.Throws<ArgumentException>(() => new RaftKvClient("n1:2379"));
    }

    [Fact]
    public async Task Later_changes_of_the_options_don_t_reach_the_client()
    {
        using StubNode node = StubNode.Playing(StubReply.Entry("a", "1", 2));
        List<Uri> endpoints = [node.Endpoint];
        RaftKvClientOptions options = new() { Endpoints = endpoints };
        using RaftKvClient client = new(options);
        endpoints.Clear();
        options.Timeout = TimeSpan.Zero;

        Assert.Equal("1", await client.GetStringAsync("a"));
    }

    private static RaftKvClientOptions Options() => ClientFixture.Options(new Uri("http://n1/"));

    /// <summary>Sends everything twice, as a handler may that repeats what failed.</summary>
    private sealed class RepeatingHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using HttpResponseMessage lost = await base.SendAsync(request, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class TellingHandler : HttpMessageHandler
    {
        internal int Requests { get; private set; }

        internal bool IsDisposed { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            Requests++;
            return Task.FromResult(new HttpResponseMessage { Content = new StringContent("""{"deleted":1}""") });
        }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
