using System.Diagnostics;
using System.Net.Sockets;
using RaftKv.Bench.Soak;

namespace RaftKv.Bench;

/// <summary>Where a run is in its life; one value that all loops read.</summary>
internal sealed class RunPhase
{
    internal const int Warmup = 0;
    internal const int Measure = 1;
    internal const int Stop = 2;

    private int _now;

    internal int Now
    {
        get => Volatile.Read(ref _now);
        set => Volatile.Write(ref _now, value);
    }
}

/// <summary>One closed loop: a request, its answer, the next request. What it counts is read after it ended.</summary>
internal sealed class ConnectionLoop : IRunLoop
{
    private static readonly TimeSpan ReconnectWait = TimeSpan.FromMilliseconds(50);

    private readonly BenchOptions _options;
    private readonly RequestBuilder _requests;
    private readonly HttpConnection _connection;
    private readonly RunPhase _phase;
    private readonly Pace? _pace;
    private ulong _random;

    internal ConnectionLoop(BenchOptions options, Uri endpoint, RunPhase phase, int number)
    {
        _options = options;
        _phase = phase;
        _requests = new RequestBuilder(options, endpoint, number);
        _connection = new HttpConnection(endpoint);
        _pace = options.PaceOf(number);
        _random = (ulong)(number + 1) * 0x9E3779B97F4A7C15;
    }

    /// <inheritdoc/>
    public Histogram Latencies { get; } = new();

    /// <inheritdoc/>
    public long GoodCount { get; private set; }

    /// <inheritdoc/>
    public SortedDictionary<int, long> Errors { get; } = [];

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using (_connection)
        {
            while (_phase.Now != RunPhase.Stop)
            {
                if (_pace is not null)
                {
                    await _pace.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                }

                ReadOnlyMemory<byte> request = NextRequest();
                int phase = _phase.Now;
                long start = Stopwatch.GetTimestamp();
                int status;
                try
                {
                    status = await _connection.ExchangeAsync(request, cancellationToken).ConfigureAwait(false);
                }
                catch (SocketException)
                {
                    status = 0;
                }
                catch (OperationCanceledException)
                {
                    // The run is over and this answer never came.
                    Count(phase, start, status: 0);
                    return;
                }

                Count(phase, start, status);
                if (status == 0)
                {
                    await Task.Delay(ReconnectWait, CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
    }

    private void Count(int phaseAtStart, long start, int status)
    {
        if (phaseAtStart != RunPhase.Measure)
        {
            return;
        }

        // An answer that comes after the end still counts as a latency, else a stall at the end would not be seen.
        Latencies.Record((long)(Stopwatch.GetElapsedTime(start).Ticks / TimeSpan.TicksPerMicrosecond));
        if (status is < 200 or >= 300)
        {
            Errors[status] = Errors.GetValueOrDefault(status) + 1;
        }
        else if (_phase.Now == RunPhase.Measure)
        {
            GoodCount++;
        }
    }

    private ReadOnlyMemory<byte> NextRequest()
    {
        // xorshift64*
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        ulong drawn = _random * 0x2545F4914F6CDD1D;
        int key = (int)((drawn >> 32) % (uint)_options.Keys);
        return _options.Command switch
        {
            BenchCommand.Put => _requests.Put(key),
            BenchCommand.Get => _requests.Get(key),
            BenchCommand.Txn => _requests.Txn(key),
            BenchCommand.Mixed => (drawn & 0xFFFF) < _options.ReadShare * 65_536 ? _requests.Get(key) : _requests.Put(key),
            _ => throw new BenchException($"{_options.Command} is not a closed loop."),
        };
    }
}
