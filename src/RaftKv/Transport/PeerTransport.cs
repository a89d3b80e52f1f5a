using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using RaftKv.Core;
using RaftKv.Core.Messages;
using RaftKv.Engine;
using RaftKv.Node;

namespace RaftKv.Transport;

/// <summary>
/// The network over TCP. Each node dials each peer and sends on that connection; what peers send comes in on the
/// connections that they dialled (<see cref="PeerConnectionHandler"/>). docs/peer-protocol.md has the whole picture.
/// </summary>
internal sealed class PeerTransport : ITransport
{
    private readonly Lock _gate = new();
    private readonly PeerDialer _dialer;
    private readonly Func<PeerAddress, PeerLink> _makeLink;
    private readonly List<Task> _ending = [];
    private readonly List<PeerLink> _touched = [];
    private volatile PeerLink[] _links = [];
    private bool _isRunning;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<NodeId, ConnectionContext> _inbound = new();
    private readonly ConcurrentDictionary<NodeId, string> _clientUrls = new();
    private Action<IReadOnlyList<Message>, long>? _receive;

    /// <summary>Makes the transport; nothing is dialled before <see cref="Start"/>.</summary>
    /// <param name="clientUrl">Where this node serves clients, for the peers to know; may be empty.</param>
    /// <param name="queueBytes">What the connection to one peer may hold back.</param>
    /// <param name="standing">What is said of the data directory; null for one that nobody can copy.</param>
    /// <param name="refusedForGood">
    /// Told when a peer knows another copy of this node's directory, or, with true, that the node was removed; any thread.
    /// </param>
    /// <param name="dialer">How peers are dialled; null for in the clear.</param>
    public PeerTransport(
        NodeIdentity self, string clientUrl, IReadOnlyList<PeerAddress> peers, TimeProvider time, ILogger logger,
        long queueBytes = PeerLink.UsualQueueBytes, DirectoryStanding? standing = null, Action<string, bool>? refusedForGood = null,
        string peerUrl = "", PeerDialer? dialer = null)
    {
        Self = self;
        Time = time;
        _dialer = dialer ?? PeerDialer.Plain;
        Logger = logger;
        Book = new PeerBook(peers);
        Handshake = new PeerHandshake(self, clientUrl, peerUrl, Book, standing);
        Refusals = new LogLimiter(time);
        _makeLink = peer => new PeerLink(peer, Handshake, time, logger, queueBytes, refusedForGood, _dialer);
        _links = [.. peers.Select(_makeLink)];
        Book.Changed += FollowBook;
    }

    /// <summary>Who dials must have shown a certificate of the member that it says it is.</summary>
    internal bool IsProofRequired => _dialer.IsProofRequired;

    /// <summary>Whom it talks to.</summary>
    internal PeerBook Book { get; }

    /// <summary>Answers who asks to join; null where nobody can.</summary>
    internal Func<Protocol.Peer.JoinRequest, Task<Protocol.Peer.JoinReply>>? Join { get; set; }

    /// <summary>Answers members that ask about members; null where nobody can.</summary>
    internal Func<MemberQuestion, TimeSpan, Task<MemberAnswer>>? Members { get; set; }

    /// <summary>This node.</summary>
    internal NodeIdentity Self { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>The clock that heartbeats are sent by; null where nobody asks how long they take.</summary>
    internal MonotonicClock? Clock { get; set; }

    /// <summary>The log.</summary>
    internal ILogger Logger { get; }

    /// <summary>First frames.</summary>
    internal PeerHandshake Handshake { get; }

    /// <summary>Keeps strangers from filling the log.</summary>
    internal LogLimiter Refusals { get; }

    /// <summary>Ended when the transport is.</summary>
    internal CancellationToken Stopped => _stopped.Token;

    /// <summary>The links, for metrics and tests.</summary>
    internal IReadOnlyList<PeerLink> Links => _links;

    /// <inheritdoc/>
    public void Start(Action<IReadOnlyList<Message>, long> receive)
    {
        Volatile.Write(ref _receive, receive);
        lock (_gate)
        {
            _isRunning = true;
            foreach (PeerLink link in _links)
            {
                Run(link);
            }
        }
    }

    /// <inheritdoc/>
    public void Send(List<Message> messages)
    {
        PeerLink[] links = _links;
        for (int i = 0; i < messages.Count; i++)
        {
            foreach (PeerLink link in links)
            {
                if (link.Peer.Id == messages[i].To)
                {
                    link.Queue(messages[i]);
                    if (!_touched.Contains(link))
                    {
                        _touched.Add(link);
                    }

                    break;
                }
            }
        }

        foreach (PeerLink link in _touched)
        {
            link.Flush();
        }

        _touched.Clear();
    }

    // Links to new peers and to new addresses begin, those to peers that are gone end.
    private void FollowBook()
    {
        lock (_gate)
        {
            PeerLink[] before = _links;
            IReadOnlyList<PeerAddress> peers = Book.Peers;
            PeerLink[] after = [.. peers.Select(peer => Array.Find(before, link => link.Peer == peer) ?? _makeLink(peer))];
            _links = after;
            foreach (PeerLink gone in before.Except(after))
            {
                gone.Stop();
                if (peers.All(peer => peer.Id != gone.Peer.Id) && _inbound.TryGetValue(gone.Peer.Id, out ConnectionContext? connection))
                {
                    connection.Abort(new ConnectionAbortedException("The peer is no member any more."));
                }
            }

            foreach (PeerLink begun in _isRunning ? after.Except(before) : [])
            {
                Run(begun);
            }
        }
    }

    private void Run(PeerLink link)
    {
        _ending.RemoveAll(static task => task.IsCompleted);
        _ending.Add(Task.Run(() => link.RunAsync(_stopped.Token)));
    }

    /// <inheritdoc/>
    public string? ClientUrlOf(NodeId peer)
    {
        if (_clientUrls.TryGetValue(peer, out string? url))
        {
            return url;
        }

        foreach (PeerLink link in _links)
        {
            if (link.Peer.Id == peer)
            {
                return link.ClientUrl;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async Task<MemberAnswer?> AskAsync(
        NodeId peer, MemberQuestion question, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (Book.Find(peer) is not { } address)
        {
            return null;
        }

        using var timeout = new CancellationTokenSource(patience, Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopped.Token, cancellationToken);
        try
        {
            using PeerWire wire = await _dialer.ConnectAsync(address, both.Token).ConfigureAwait(false);
            await wire.SendAsync(Handshake.AskMembers(question, patience), both.Token).ConfigureAwait(false);
            return MemberWire.Read((await HandshakeReply.ReceiveAsync(wire, both.Token).ConfigureAwait(false)).Members);
        }
        catch (Exception failure) when (failure is SocketException or IOException or PeerRefusedException or OperationCanceledException
            or ObjectDisposedException or AuthenticationException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        foreach (ConnectionContext connection in _inbound.Values)
        {
            connection.Abort();
        }

        Task[] ending;
        lock (_gate)
        {
            _isRunning = false;
            ending = [.. _ending];
        }

        await Task.WhenAll(ending).ConfigureAwait(false);
    }

    /// <summary>Hands received messages to the node; false before it has started.</summary>
    internal bool TryDeliver(IReadOnlyList<Message> messages, long bytes)
    {
        if (Volatile.Read(ref _receive) is not { } receive)
        {
            return false;
        }

        receive(messages, bytes);
        return true;
    }

    /// <summary>
    /// Notes a peer's connection. An older one of that peer is dead, or about to be: the peer dials only when it lost
    /// it.
    /// </summary>
    internal void Register(NodeId peer, string clientUrl, ConnectionContext connection)
    {
        if (clientUrl.Length > 0)
        {
            _clientUrls[peer] = clientUrl;
        }

        _inbound.AddOrUpdate(peer, connection, (_, old) =>
        {
            old.Abort(new ConnectionAbortedException("The peer has connected anew."));
            return connection;
        });
        foreach (PeerLink link in _links)
        {
            if (link.Peer.Id == peer)
            {
                link.DialNow();
            }
        }
    }

    /// <summary>Forgets a peer's connection, unless a newer one took its place.</summary>
    internal void Unregister(NodeId peer, ConnectionContext connection) =>
        _inbound.TryRemove(new KeyValuePair<NodeId, ConnectionContext>(peer, connection));
}
