using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using RaftKv.Bench.Grpc;

namespace RaftKv.Bench.Scale;

/// <summary>
/// One connection's share of puts at a rate, each begun when it is due, whatever became of those before; up to so many under way,
/// and what can't begin for that reason is late all the same. One thread, which is blocked while it runs.
/// </summary>
internal sealed class PutSchedule : IGrpcAnswers
{
    private const int MostUnderWay = 1_000;
    private const int Keys = 100_000;
    private const int KeyBytes = 16;
    private const int ValueBytes = 128;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _longestWait = TimeSpan.FromMilliseconds(10);

    private readonly Dictionary<int, (long Due, bool HasAnswer)> _calls = [];
    private readonly GrpcConnection _connection;
    private readonly byte[] _put;
    private readonly double _interval;
    private readonly double _offset;
    private uint _key;

    /// <summary>The number-th of so many connections that share the rate, in turn.</summary>
    internal PutSchedule(Uri endpoint, int number, int connections, double perSecond)
    {
        _connection = new GrpcConnection(endpoint, "/etcdserverpb.KV/Put", this);
        _interval = connections / perSecond * Stopwatch.Frequency;
        _offset = number / perSecond * Stopwatch.Frequency;
        _key = (uint)number;
        byte[] value = new byte[ValueBytes];
        new Random(number).NextBytes(value);
        _put = [0x0A, KeyBytes, .. Encoding.ASCII.GetBytes(new string('k', KeyBytes)), 0x12, 0x80, 0x01, .. value];
    }

    /// <summary>From when each was due, in µs; those that were answered.</summary>
    internal Histogram Latencies { get; } = new();

    /// <summary>Refused, or never answered.</summary>
    internal long BadCount { get; private set; }

    /// <summary>Puts for so long from the start on, and waits for the answers.</summary>
    internal void Run(long start, TimeSpan duration)
    {
        using (_connection)
        {
            _connection.ConnectAsync(CancellationToken.None).GetAwaiter().GetResult();
            long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
            long giveUp = end + (long)(_patience.TotalSeconds * Stopwatch.Frequency);
            long number = 0;
            try
            {
                while (true)
                {
                    long now = Stopwatch.GetTimestamp();
                    long due = DueAt(start, number);
                    for (; due <= now && due < end && _calls.Count < MostUnderWay && TryBegin(due); due = DueAt(start, number))
                    {
                        number++;
                    }

                    if ((due >= end && _calls.Count == 0) || now > giveUp)
                    {
                        break;
                    }

                    _connection.FlushAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
                    TimeSpan rest = due >= end || due <= now ? _longestWait : Stopwatch.GetElapsedTime(now, due);
                    if (_connection.WaitForBytes(rest < _longestWait ? rest : _longestWait))
                    {
                        _connection.ReceiveAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
                    }
                }
            }
            catch (SocketException)
            {
                // The connection has ended; what was under way on it, and what was still due, is not answered.
                BadCount += (long)((end - DueAt(start, number)) / _interval);
            }

            BadCount += _calls.Count;
        }
    }

    /// <inheritdoc/>
    public void OnData(int stream, ReadOnlySpan<byte> bytes)
    {
        if (_calls.TryGetValue(stream, out (long Due, bool HasAnswer) call))
        {
            _calls[stream] = call with { HasAnswer = true };
        }
    }

    /// <inheritdoc/>
    public void OnEnd(int stream)
    {
        if (!_calls.Remove(stream, out (long Due, bool HasAnswer) call))
        {
            return;
        }

        if (call.HasAnswer)
        {
            Latencies.Record(Stopwatch.GetElapsedTime(call.Due).Ticks / TimeSpan.TicksPerMicrosecond);
        }
        else
        {
            BadCount++;
        }
    }

    private long DueAt(long start, long number) => start + (long)(_offset + (number * _interval));

    private bool TryBegin(long due)
    {
        // A walk through all keys that is no order of theirs.
        _key = ((_key * 1_664_525) + 1_013_904_223) & 0x7FFF_FFFF;
        (_key % Keys).TryFormat(_put.AsSpan(2 + KeyBytes - 5), out _, "D5", CultureInfo.InvariantCulture);
        int stream = _connection.TryOpen(_put, isLast: true);
        if (stream == 0)
        {
            return false;
        }

        _calls.Add(stream, (due, false));
        return true;
    }
}
