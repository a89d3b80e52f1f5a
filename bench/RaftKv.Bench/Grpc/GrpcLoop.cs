using System.Diagnostics;
using System.Net.Sockets;
using RaftKv.Bench.Soak;

namespace RaftKv.Bench.Grpc;

/// <summary>
/// Some clients on one HTTP/2 connection, each with one call under way, as etcd's own load generator has them. One loop
/// for all of them, so what came together is answered together.
/// </summary>
internal sealed class GrpcLoop : IRunLoop, IGrpcAnswers
{
    private readonly BenchOptions _options;
    private readonly RunPhase _phase;
    private readonly GrpcRequests _requests;
    private readonly GrpcConnection _connection;
    private readonly Dictionary<int, Call> _calls = [];
    private readonly int _clients;
    private readonly Pace? _pace;
    private int _idle;
    private ulong _random;

    internal GrpcLoop(BenchOptions options, Uri endpoint, RunPhase phase, int number, int clients)
    {
        _options = options;
        _phase = phase;
        _clients = clients;
        _idle = clients;
        _requests = new GrpcRequests(options, number);
        _connection = new GrpcConnection(
            endpoint, MethodOf(options.Command), this, options.Token, options.CaFile is { } file ? BenchHttp.TrustOf(file) : null);
        _pace = options.PaceOf(number);
        _random = (ulong)(number + 1) * 0x9E3779B97F4A7C15;
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
                await _connection.ConnectAsync(cancellationToken);
                while (true)
                {
                    if (_pace is not null && _idle == _clients && _phase.Now != RunPhase.Stop)
                    {
                        await _pace.WaitAsync(cancellationToken).ConfigureAwait(false);
                    }

                    Begin();
                    if (_idle == _clients && _phase.Now == RunPhase.Stop)
                    {
                        return;
                    }

                    await _connection.FlushAsync(cancellationToken).ConfigureAwait(false);
                    await _connection.ReceiveAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                Errors[0] = Errors.GetValueOrDefault(0) + _calls.Count;
            }
        }
    }

    /// <inheritdoc/>
    public void OnData(int stream, ReadOnlySpan<byte> bytes)
    {
        if (_calls.TryGetValue(stream, out Call call) && !call.HasAnswer)
        {
            _calls[stream] = call with { HasAnswer = true };
        }
    }

    /// <inheritdoc/>
    public void OnEnd(int stream)
    {
        if (!_calls.Remove(stream, out Call call))
        {
            return;
        }

        _idle++;
        if (!call.IsMeasured)
        {
            return;
        }

        Latencies.Record(Stopwatch.GetElapsedTime(call.Start).Ticks / TimeSpan.TicksPerMicrosecond);
        if (!call.HasAnswer)
        {
            Errors[500] = Errors.GetValueOrDefault(500) + 1;
        }
        else if (_phase.Now == RunPhase.Measure)
        {
            GoodCount++;
        }
    }

    private void Begin()
    {
        int phase = _phase.Now;
        while (_idle > 0 && phase != RunPhase.Stop)
        {
            long start = Stopwatch.GetTimestamp();
            int stream = _connection.TryOpen(NextRequest(start), isLast: true);
            if (stream == 0)
            {
                return;
            }

            _idle--;
            _calls.Add(stream, new Call(start, phase == RunPhase.Measure, HasAnswer: false));
        }
    }

    // A keepalive is a stream of its own with one message, as etcdctl's --once has it.
    private static string MethodOf(BenchCommand command) => command switch
    {
        BenchCommand.Get => "/etcdserverpb.KV/Range",
        BenchCommand.Txn => "/etcdserverpb.KV/Txn",
        BenchCommand.Keepalive => "/etcdserverpb.Lease/LeaseKeepAlive",
        _ => "/etcdserverpb.KV/Put",
    };

    private ReadOnlySpan<byte> NextRequest(long now)
    {
        // xorshift64*
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        int key = (int)(((_random * 0x2545F4914F6CDD1D) >> 32) % (uint)_options.Keys);
        return _options.Command switch
        {
            BenchCommand.Put => _requests.Put(key),
            BenchCommand.Get => _requests.Range(key),
            BenchCommand.Watch => _requests.Stamped(now),
            BenchCommand.Txn => _requests.Txn,
            BenchCommand.Keepalive => _requests.KeepAlive,
            _ => throw new BenchException($"{_options.Command} is not there for etcd-grpc."),
        };
    }

    private readonly record struct Call(long Start, bool IsMeasured, bool HasAnswer);
}
