using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using RaftKv.Core;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Messages;
using RaftKv.Diagnostics;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Protocol.Peer;

namespace RaftKv.Transport;

/// <summary>
/// The way to one peer: a connection that this node dials and only it sends on, kept up for ever. The loop's thread
/// encodes and, as long as the socket takes it, sends itself: no hop to another thread stands between an entry and its
/// follower.
/// </summary>
internal sealed class PeerLink
{
    /// <summary>What a stalled connection may hold back where no budget says less.</summary>
    public const long UsualQueueBytes = 64L * 1024 * 1024;

    // Small messages (votes, heartbeats, answers) find room even when entries do not.
    private const long ControlSlackBytes = 1024 * 1024;

    // While there is no connection: the first words of an election, not a backlog of entries that would be stale.
    private const long MaxUnconnectedBytes = 256 * 1024;

    private const int MinBackoffMs = 50;
    private const int MaxBackoffMs = 1000;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    // Nodes that are started together, or one that is started anew, need no word in the log.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    // etcd's.
    private static readonly long[] _roundTripBoundsMicros = [.. Enumerable.Range(0, 16).Select(static power => 100L << power)];

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _dialNow = new(initialCount: 0, maxCount: 1);
    private readonly PeerHandshake _handshake;
    private readonly PeerDialer _dialer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<string, bool>? _refusedForGood;
    private readonly LogLimiter _unreachable;
    private readonly LogLimiter _refused;
    private readonly LogLimiter _full;

    // Two buffers share what may be held back: one is being sent while the other one fills. Beyond it new entries are
    // dropped; the leader sends them again once the follower answers.
    private readonly long _maxBufferBytes;
    private SendQueue _queued = new();
    private SendQueue _sending = new();
    private PeerWire? _wire;
    private bool _isSending;
    private long _droppedCount;
    private long _sentBytes;
    private long _receivedBytes;
    private Task _sendTask = Task.CompletedTask;

    /// <summary>Makes the link; <see cref="RunAsync"/> keeps it up.</summary>
    public PeerLink(
        PeerAddress peer, PeerHandshake handshake, TimeProvider time, ILogger logger, long queueBytes = UsualQueueBytes,
        Action<string, bool>? refusedForGood = null, PeerDialer? dialer = null)
    {
        _refusedForGood = refusedForGood;
        _maxBufferBytes = queueBytes / 2;
        Peer = peer;
        _handshake = handshake;
        _dialer = dialer ?? PeerDialer.Plain;
        _time = time;
        _logger = logger;
        _unreachable = new LogLimiter(time, StartPatience);
        _refused = new LogLimiter(time);
        _full = new LogLimiter(time);
    }

    /// <summary>The peer.</summary>
    public PeerAddress Peer { get; }

    /// <summary>Where the peer serves clients, as it said; null before the first connection.</summary>
    public string? ClientUrl { get; private set; }

    /// <summary>Messages that were dropped because the queue was full.</summary>
    public long DroppedCount => Volatile.Read(ref _droppedCount);

    /// <summary>Bytes of frames that this peer's socket took.</summary>
    public long SentBytes => Interlocked.Read(ref _sentBytes);

    /// <summary>Bytes of frames that came from this peer, on the connection that it dialled.</summary>
    public long ReceivedBytes => Interlocked.Read(ref _receivedBytes);

    /// <summary>How long heartbeats to this peer and their answers took, in microseconds.</summary>
    public Histogram RoundTrips { get; } = new(_roundTripBoundsMicros, unitsPerShown: 1_000_000);

    /// <summary>Counts bytes from this peer. Any thread.</summary>
    public void CountReceived(long bytes) => Interlocked.Add(ref _receivedBytes, bytes);

    /// <summary>Queues a message, or drops it when too much waits already. Loop thread only.</summary>
    public void Queue(Message message)
    {
        int payloadBytes = MessageCodec.EncodedSize(message);
        bool isBulk = message is AppendRequest or SnapshotChunk or ForwardRequest;
        lock (_gate)
        {
            long limit = (_wire is null ? MaxUnconnectedBytes : _maxBufferBytes) + (isBulk ? 0 : ControlSlackBytes);

            // One always fits a connection that holds back nothing, or a large entry would never get through a small budget.
            bool isRoom = _queued.Length + (long)payloadBytes <= limit || (_wire is not null && _queued.Length == 0);
            if (payloadBytes <= PeerFrame.MaxPayloadBytes && isRoom)
            {
                _queued.Add(message, payloadBytes);
                return;
            }

            _droppedCount++;
            if (_wire is null)
            {
                return;
            }
        }

        if (_full.MayLog())
        {
            Log.PeerQueueFull(_logger, DroppedCount, Peer.Name);
        }
    }

    /// <summary>
    /// Sends what is queued, as far as it goes without waiting; the rest follows by itself. Any thread: one sends, the
    /// other leaves it to that one.
    /// </summary>
    public void Flush()
    {
        PeerWire wire;
        lock (_gate)
        {
            if (_wire is null || _isSending || _queued.Length == 0)
            {
                return;
            }

            wire = _wire;
            _isSending = true;
            (_queued, _sending) = (_sending, _queued);
        }

        try
        {
            ReadOnlyMemory<byte> rest = _sending.Frames;
            while (!rest.IsEmpty)
            {
                int sent = wire.TrySend(rest.Span);
                if (sent == 0)
                {
                    _sendTask = SendRestAsync(wire, rest);
                    return;
                }

                Interlocked.Add(ref _sentBytes, sent);
                rest = sent < rest.Length ? rest[sent..] : TakeNext(wire);
            }
        }
        catch (Exception broken) when (broken is SocketException or IOException or ObjectDisposedException)
        {
            EndSending(wire);
        }
    }

    /// <summary>The peer is up, since it has just connected: no more waiting. Any thread.</summary>
    public void DialNow()
    {
        lock (_gate)
        {
            if (_wire is null && _dialNow.CurrentCount == 0)
            {
                _dialNow.Release();
            }
        }
    }

    /// <summary>Ends <see cref="RunAsync"/>: the peer is none any more, or is elsewhere. Any thread.</summary>
    public void Stop() => _ended.Cancel();

    /// <summary>Keeps the connection up until cancelled, or stopped.</summary>
    public async Task RunAsync(CancellationToken stopped)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopped, _ended.Token);
        CancellationToken cancellationToken = either.Token;
        int backoffMs = MinBackoffMs;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using PeerWire wire = await ConnectAsync(cancellationToken).ConfigureAwait(false);
                backoffMs = MinBackoffMs;
                Attach(wire);
                try
                {
                    await WaitForEndAsync(wire, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    Detach();
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (PeerRefusedException refusal)
            {
                backoffMs = MaxBackoffMs;
                if (_refused.MayLog())
                {
                    Log.RefusedByPeer(_logger, Peer.Name, Peer.Text, refusal.Message);
                }
            }
            catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException or OperationCanceledException
                or AuthenticationException)
            {
                if (_unreachable.MayLog())
                {
                    Log.PeerUnreachable(_logger, Peer.Name, Peer.Text, Reason(failure));
                }
            }

            // Jitter, so that nodes which lost each other at one moment do not dial in step.
            double wait = backoffMs * (0.5 + Random.Shared.NextDouble() / 2);
            backoffMs = Math.Min(backoffMs * 2, MaxBackoffMs);
            await ((Task)_dialNow.WaitAsync(TimeSpan.FromMilliseconds(wait), cancellationToken))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _sendTask.ConfigureAwait(false);
    }

    private static string Reason(Exception failure) =>
        failure is OperationCanceledException ? "no answer in time" : failure.Message;

    private async Task<PeerWire> ConnectAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        PeerWire wire = await _dialer.ConnectAsync(Peer, both.Token).ConfigureAwait(false);
        try
        {
            await wire.SendAsync(_handshake.HelloTo(Peer.Id), both.Token).ConfigureAwait(false);
            HelloReply reply = await HandshakeReply.ReceiveAsync(wire, both.Token).ConfigureAwait(false);
            if (reply.IsFounding && reply.NodeId == Peer.Id.Value)
            {
                // Who founds a cluster with others knows it a moment before they do. Another directory is another matter.
                throw new IOException("It does not know yet that its cluster is founded.");
            }

            if (_handshake.Check(reply, Peer) is { } refusal)
            {
                if (reply.IsFinal)
                {
                    _refusedForGood?.Invoke(refusal, reply.IsRemoved);
                }

                throw new PeerRefusedException(refusal);
            }

            ClientUrl = reply.ClientUrl.Length > 0 ? reply.ClientUrl : ClientUrl;
            return wire;
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    private void Attach(PeerWire wire)
    {
        lock (_gate)
        {
            _wire = wire;
        }

        _unreachable.Reset();
        Flush();
        Log.PeerConnected(_logger, Peer.Name, Peer.Text);
    }

    // Nothing is ever sent to the side that dialled, so the first byte, or the end, is the end.
    private async Task WaitForEndAsync(PeerWire wire, CancellationToken cancellationToken)
    {
        string reason;
        try
        {
            int received = await wire.ReceiveAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            reason = received == 0 ? "closed by the peer" : "the peer sent something that it must not";
        }
        catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException)
        {
            reason = failure.Message;
        }

        Log.PeerLost(_logger, Peer.Name, reason);
    }

    private void Detach()
    {
        lock (_gate)
        {
            // Stale by the time of the next connection: Raft sends anew what matters.
            _wire = null;
            _queued.Clear();
        }
    }

    private async Task SendRestAsync(PeerWire wire, ReadOnlyMemory<byte> rest)
    {
        // Off the caller's thread at once: the socket is full, and a wait may end at any time.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (!rest.IsEmpty)
            {
                await wire.SendAsync(rest, CancellationToken.None).ConfigureAwait(false);
                Interlocked.Add(ref _sentBytes, rest.Length);
                rest = TakeNext(wire);
            }
        }
        catch (Exception broken) when (broken is SocketException or IOException or ObjectDisposedException)
        {
            EndSending(wire);
        }
    }

    // What was sent is done; the next frames, or nothing, and then nobody sends any more.
    private ReadOnlyMemory<byte> TakeNext(PeerWire wire)
    {
        lock (_gate)
        {
            _sending.Clear();
            if (_queued.Length == 0 || !ReferenceEquals(_wire, wire))
            {
                _isSending = false;
                return default;
            }

            (_queued, _sending) = (_sending, _queued);
            return _sending.Frames;
        }
    }

    // The connection broke in the middle of a frame: it is closed, whoever waits for its end connects anew, and these
    // frames are lost.
    private void EndSending(PeerWire wire)
    {
        wire.Dispose();
        lock (_gate)
        {
            _sending.Clear();
            _isSending = false;
        }
    }
}
