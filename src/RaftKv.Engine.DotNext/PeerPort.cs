using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RaftKv.Core;

namespace RaftKv.Engine.DotNext;

/// <summary>
/// The peer port of a node whose engine is DotNext's: DotNext's HTTP, inside its own host, and RaftKv's frames beside it on
/// the same port. A request counts only from the instance and for the instance that the membership names.
/// </summary>
internal sealed class PeerPort
{
    private const string ClusterHeader = "RaftKv-Peer-Cluster";
    private const string FromHeader = "RaftKv-Peer-From";
    private const string ToHeader = "RaftKv-Peer-To";

    private const int MostWaitingRounds = 4;

    // A frame begins with the length of its payload, little-endian, far below what the letters of a method come to.
    private const uint LongestFrame = 32 * 1024 * 1024;

    private readonly DotNextParts _parts;
    private readonly MemberNames _members;
    private readonly WebApplication _app;

    public PeerPort(DotNextParts parts, DurableLog log)
    {
        _parts = parts;
        _members = new MemberNames(parts.Members);
        DotNextMember self = parts.Members.First(member => member.Id == parts.Self.Id);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "raftkv-peers" });
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLoggers(parts.Loggers));
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton<IHttpMessageHandlerFactory>(new Handlers(this));
        builder.Services.AddSingleton<IPersistentState>(log);
        builder.Services.UseInMemoryConfigurationStorage(list =>
        {
            foreach (UriEndPoint member in _members.EndPoints)
            {
                list.Add(member);
            }
        });
        builder.JoinCluster((options, _, _) => Configure(options, self));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            parts.Listen(kestrel, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => ServeAsync(connection, next));
            });
        });
        _app = builder.Build();
        _app.Use(next => http => IsOfMember(http) ? ServeAsync(http, next) : Refuse(http));
        _app.UseConsensusProtocolHandler();
        Cluster = _app.Services.GetRequiredService<IRaftCluster>();
    }

    /// <summary>DotNext's view of the cluster.</summary>
    public IRaftCluster Cluster { get; }

    /// <summary>Listens, and lets DotNext take part.</summary>
    public Task StartAsync() => _app.StartAsync();

    /// <summary>Ends both.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            await _app.StopAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException or AggregateException)
        {
            // Out of patience: the process or the test ends it.
        }

        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private void Configure(HttpClusterMemberConfiguration options, DotNextMember self)
    {
        options.PublicEndPoint = self.Url;
        options.ColdStart = false;
        options.LowerElectionTimeout = _parts.ElectionTimeoutMs;
        options.UpperElectionTimeout = 2 * _parts.ElectionTimeoutMs;
        options.HeartbeatThreshold = (double)_parts.HeartbeatMs / _parts.ElectionTimeoutMs;

        // Rounds that may wait before one member: each is answered by itself, and a slow member is as many behind for as long as
        // others are quicker.
        options.MaxReplicationLag = MostWaitingRounds;

        // A leader that hears nobody notices by it.
        options.RequestTimeout = TimeSpan.FromMilliseconds(_parts.ElectionTimeoutMs);
    }

    private bool IsOfMember(HttpContext http) =>
        Header(http, ClusterHeader) == _parts.Self.ClusterId
        && Header(http, ToHeader) == _parts.Self.Id.Value
        && new NodeId(Header(http, FromHeader)) is { IsNone: false } from
        && _parts.Members.FirstOrDefault(member => member.Id == from) is { } sender
        && (_parts.IsProven?.Invoke(http.Features, sender.Name) ?? true)
        && (_parts.IsReachable?.Invoke(from) ?? true);

    private static ulong Header(HttpContext http, string name) => Number(http.Request.Headers[name]);

    private static ulong Number(string? text) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) ? value : 0;

    private async Task ServeAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.Headers[FromHeader] = Text(_parts.Self.Id.Value);
        try
        {
            await next(http).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Who asked has hung up, or this node ends.
            http.Abort();
        }
        catch (InvalidOperationException) when (!http.Response.HasStarted)
        {
            // The log said no (DurableLog): to who asked it is as if nobody were here.
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }

    private static string Text(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);

    private static Task Refuse(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        bool? isFrame;
        try
        {
            isFrame = await IsFrameAsync(connection).ConfigureAwait(false);
        }
        catch (Exception end) when (end is ConnectionResetException or ConnectionAbortedException or OperationCanceledException)
        {
            // It hung up before it had said what it speaks.
            return;
        }

        if (isFrame is { } known)
        {
            await (!known ? http(connection) : _parts.Frames?.Invoke(connection) ?? Task.CompletedTask).ConfigureAwait(false);
        }
    }

    // Null when it ends before that can be told.
    private static async Task<bool?> IsFrameAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        while (true)
        {
            ReadResult read = await input.ReadAsync(connection.ConnectionClosed).ConfigureAwait(false);
            if (read.Buffer.Length >= sizeof(uint))
            {
                byte[] start = new byte[sizeof(uint)];
                System.Buffers.BuffersExtensions.CopyTo(read.Buffer.Slice(0, sizeof(uint)), start);
                input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
                return BinaryPrimitives.ReadUInt32LittleEndian(start) <= LongestFrame;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    /// <summary>DotNext's clients: each says who asks whom, and is dialled where the routes say.</summary>
    private sealed class Handlers(PeerPort port) : IHttpMessageHandlerFactory
    {
        public HttpMessageHandler CreateHandler(string name) => new Sender(port)
        {
            InnerHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromMilliseconds(port._parts.ElectionTimeoutMs / 2),
                ConnectCallback = port.DialAsync,
            },
        };
    }

    private async ValueTask<Stream> DialAsync(SocketsHttpConnectionContext context, CancellationToken token) =>
        await _parts.Dial(MemberAt(context.InitialRequestMessage), token).ConfigureAwait(false);

    private DotNextMember MemberAt(HttpRequestMessage request) =>
        _members.Find(request.RequestUri!) is { } member && (_parts.IsReachable?.Invoke(member.Id) ?? true)
            ? member : throw new HttpRequestException($"{request.RequestUri} can't be reached.");

    private sealed class Sender(PeerPort port) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            DotNextParts parts = port._parts;
            DotNextMember member = port.MemberAt(request);
            request.Headers.TryAddWithoutValidation(ClusterHeader, Text(parts.Self.ClusterId));
            request.Headers.TryAddWithoutValidation(FromHeader, Text(parts.Self.Id.Value));
            request.Headers.TryAddWithoutValidation(ToHeader, Text(member.Id.Value));
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (answer.Headers.TryGetValues(FromHeader, out IEnumerable<string>? names) && Number(names.First()) == member.Id.Value)
            {
                return answer;
            }

            // Whoever it is, its word does not count, and to DotNext it is as good as away: an answer that it can't read would
            // end its part in elections for good.
            answer.Dispose();
            throw new HttpRequestException($"{request.RequestUri} was answered by somebody else than {member.Name}.");
        }
    }

    // Signals are the server's to hear.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
