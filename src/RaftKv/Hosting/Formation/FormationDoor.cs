using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Protocol.Peer;
using RaftKv.Security.Tls;
using RaftKv.Transport;
using FoundingWord = RaftKv.Core.Identity.FoundingWord;

namespace RaftKv.Hosting.Formation;

/// <summary>
/// What a node shows before its cluster is founded: its word to the other directories, /livez to who watches over it, and
/// to everybody else that it is not ready.
/// </summary>
internal sealed class FormationDoor : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly byte[] NotReady = Encoding.UTF8.GetBytes(
        """
        {"type":"about:blank","title":"Not ready","status":503,"code":"not-ready","applied":"no","retryable":true,
        "detail":"The cluster is not founded yet: every node that founds it must have been started once."}
        """);

    private static readonly byte[] Damaged = Encoding.UTF8.GetBytes(
        """
        {"type":"about:blank","title":"Not ready","status":503,"code":"not-ready","applied":"no","retryable":true,
        "detail":"The data of this node is damaged; it asks the others to take it in again with a new data directory."}
        """);

    private readonly byte[] _notReady;
    private readonly NodeOptions _options;
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopped = new();

    /// <summary>Makes the door; <see cref="OpenAsync"/> opens it.</summary>
    /// <param name="own">Gives the present word, which is durable.</param>
    /// <param name="damaged">Where the data is damaged: the answer to who asks for a place. Null else.</param>
    /// <param name="circle">Hears who asked, and knows others; null for who answers only.</param>
    public FormationDoor(
        NodeOptions options, NodeTls tls, Func<FoundingWord> own, Func<JoinRequest, JoinReply>? damaged = null,
        FoundingCircle? circle = null)
    {
        _options = options;
        _notReady = damaged is null ? NotReady : Damaged;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "raftkv" });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        Func<JoinRequest, JoinReply> join = damaged ?? NobodyIn;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            foreach (ServerUrl url in options.ClientUrls)
            {
                kestrel.Listen(url, listen =>
                {
                    if (url.IsTls)
                    {
                        tls.ListenForClients(listen, _patience);
                    }
                });
            }

            kestrel.Listen(
                options.EffectivePeerUrl,
                listen => tls.ListenForPeers(listen, new PeersDoor(own, circle, join, tls.Dialer.IsProofRequired, _stopped.Token)));
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>Listens. Throws <see cref="StartRefusedException"/> when it can't.</summary>
    public Task OpenAsync() => Listening.ListenAsync(_app.StartAsync(), _options);

    /// <summary>Closes, and leaves the ports to the node.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        using var patience = new CancellationTokenSource(StopTimeout);
        await _app.StopAsync(patience.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _stopped.Dispose();
    }

    private static JoinReply NobodyIn(JoinRequest request) => new() { Refusal = "Its cluster is not founded yet.", IsRetry = true };

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/livez")
        {
            await context.Response.WriteAsync("ok\n").ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.RetryAfter = "1";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(_notReady).ConfigureAwait(false);
    }

    private sealed class PeersDoor(
        Func<FoundingWord> own, FoundingCircle? circle, Func<JoinRequest, JoinReply> join, bool isProofRequired, CancellationToken stopped)
        : ConnectionHandler
    {
        private static string SpeakerOf(Hello hello) => hello.Founding?.Name ?? hello.Join?.Name ?? hello.FromName;

        public override async Task OnConnectedAsync(ConnectionContext connection)
        {
            try
            {
                Hello? hello = await PeerConnectionHandler.ReadHelloAsync(connection, TimeProvider.System, stopped).ConfigureAwait(false);
                if (hello is not null
                    && MemberProof.ProblemOf(connection, isProofRequired, SpeakerOf(hello)) is null)
                {
                    byte[] answer = hello.Founding is not null ? Meet(hello.Founding)
                        : hello.Join is null ? FoundingWire.NotYet(own())
                        : PeerHandshake.JoinAnswer(join(hello.Join));
                    await connection.Transport.Output.WriteAsync(answer, CancellationToken.None).ConfigureAwait(false);
                }
            }
            catch (Exception end) when (end is ConnectionResetException or ConnectionAbortedException or OperationCanceledException
                or IOException)
            {
                // Who asked is gone, or the phase is over.
            }
        }

        private byte[] Meet(Protocol.Peer.FoundingWord asking)
        {
            circle?.Meet(asking.Url);
            return FoundingWire.Reply(own(), circle?.Known);
        }
    }
}
