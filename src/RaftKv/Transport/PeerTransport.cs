using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using RaftKv.Core;
using RaftKv.Core.Raft.Messages;
using RaftKv.Engine;
using RaftKv.Node;

namespace RaftKv.Transport;

/// <summary>
/// The network over TCP. Each node dials each peer and sends on that connection; what peers send comes in on the
/// connections that they dialled (<see cref="PeerConnectionHandler"/>). docs/peer-protocol.md has the whole picture.
/// </summary>
internal sealed class PeerTransport : ITransport
{
    private readonly PeerLink[] _links;
    private readonly bool[] _isTouched;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<NodeId, ConnectionContext> _inbound = new();
    private readonly ConcurrentDictionary<NodeId, string> _clientUrls = new();
    private Task _running = Task.CompletedTask;
    private Action<IReadOnlyList<Message>, long>? _receive;

    /// <summary>Makes the transport; nothing is dialled before <see cref="Start"/>.</summary>
    /// <param name="clientUrl">Where this node serves clients, for the peers to know; may be empty.</param>
    /// <param name="queueBytes">What the connection to one peer may hold back.</param>
    public PeerTransport(
        NodeIdentity self, string clientUrl, IReadOnlyList<PeerAddress> peers, TimeProvider time, ILogger logger,
        long queueBytes = PeerLink.UsualQueueBytes)
    {
        Self = self;
        Time = time;
        Logger = logger;
        Handshake = new PeerHandshake(self, clientUrl, peers);
        Refusals = new LogLimiter(time);
        _links = [.. peers.Select(peer => new PeerLink(peer, Handshake, time, logger, queueBytes))];
        _isTouched = new bool[_links.Length];
    }

    /// <summary>This node.</summary>
    internal NodeIdentity Self { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

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
        _running = Task.WhenAll(_links.Select(link => Task.Run(() => link.RunAsync(_stopped.Token))));
    }

    /// <inheritdoc/>
    public void Send(List<Message> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            for (int link = 0; link < _links.Length; link++)
            {
                if (_links[link].Peer.Id == messages[i].To)
                {
                    _links[link].Queue(messages[i]);
                    _isTouched[link] = true;
                    break;
                }
            }
        }

        for (int link = 0; link < _links.Length; link++)
        {
            if (_isTouched[link])
            {
                _isTouched[link] = false;
                _links[link].Flush();
            }
        }
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
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        foreach (ConnectionContext connection in _inbound.Values)
        {
            connection.Abort();
        }

        await _running.ConfigureAwait(false);
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
