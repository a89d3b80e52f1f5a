using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;

namespace RaftKv.Bench.Grpc;

/// <summary>
/// Some watches on one stream of one connection, as etcd's Go client has them. A delivery's latency is the time since
/// its write was begun. One loop.
/// </summary>
internal sealed class GrpcWatchLoop : IRunLoop, IGrpcAnswers
{
    private const int PrefixBytes = 5;
    private const int EventsField = 11;
    private const int PairField = 2;
    private const int ValueField = 5;

    private readonly RunPhase _phase;
    private readonly GrpcConnection _connection;
    private readonly int _watches;
    private byte[] _pending = new byte[64 * 1024];
    private int _pendingCount;
    private bool _isEnded;

    internal GrpcWatchLoop(Uri endpoint, RunPhase phase, int watches)
    {
        _phase = phase;
        _watches = watches;
        _connection = new GrpcConnection(endpoint, "/etcdserverpb.Watch/Watch", this);
    }

    public Histogram Latencies { get; } = new();

    public long GoodCount { get; private set; }

    public SortedDictionary<int, long> Errors { get; } = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using (_connection)
        {
            try
            {
                await OpenAsync(cancellationToken);
                while (_phase.Now != RunPhase.Stop && !_isEnded)
                {
                    await _connection.ReceiveAsync(cancellationToken).ConfigureAwait(false);
                    await _connection.FlushAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                _isEnded = _phase.Now != RunPhase.Stop;
            }

            if (_isEnded)
            {
                Errors[0] = 1;
            }
        }
    }

    /// <inheritdoc/>
    public void OnData(int stream, ReadOnlySpan<byte> bytes)
    {
        if (_pendingCount + bytes.Length > _pending.Length)
        {
            Array.Resize(ref _pending, Math.Max(_pending.Length * 2, _pendingCount + bytes.Length));
        }

        bytes.CopyTo(_pending.AsSpan(_pendingCount));
        _pendingCount += bytes.Length;
        int at = 0;
        while (_pendingCount - at >= PrefixBytes)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(_pending.AsSpan(at + 1));
            if (_pendingCount - at < PrefixBytes + length)
            {
                break;
            }

            TakeAnswer(_pending.AsSpan(at + PrefixBytes, length));
            at += PrefixBytes + length;
        }

        _pending.AsSpan(at, _pendingCount - at).CopyTo(_pending);
        _pendingCount -= at;
    }

    /// <inheritdoc/>
    public void OnEnd(int stream) => _isEnded = true;

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _connection.ConnectAsync(cancellationToken);
        int stream = _connection.TryOpen(GrpcRequests.CreateWatch(), isLast: false);
        for (int watch = 1; watch < _watches; watch++)
        {
            _connection.PutMessage(stream, GrpcRequests.CreateWatch(), isLast: false);
        }

        await _connection.FlushAsync(cancellationToken);
    }

    private void TakeAnswer(ReadOnlySpan<byte> answer)
    {
        if (_phase.Now != RunPhase.Measure)
        {
            return;
        }

        long now = Stopwatch.GetTimestamp();
        while (ProtoField.TryTake(ref answer, out int number, out ReadOnlySpan<byte> content))
        {
            if (number == EventsField && ProtoField.TryFind(content, PairField, out ReadOnlySpan<byte> pair)
                && ProtoField.TryFind(pair, ValueField, out ReadOnlySpan<byte> value))
            {
                long start = BinaryPrimitives.ReadInt64LittleEndian(value);
                Latencies.Record(Stopwatch.GetElapsedTime(start, now).Ticks / TimeSpan.TicksPerMicrosecond);
                GoodCount++;
            }
        }
    }
}
