using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using RaftKv.Bench.Grpc;
using RaftKv.Protocol.Etcd.Lock;

namespace RaftKv.Bench.Scale;

/// <summary>Who holds which lock, as the clients know it, and how long each hand-over took. Any thread.</summary>
internal sealed class LockBoard
{
    internal const string Prefix = "scale/";
    internal const string End = "scale0";

    internal static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan _shortestHold = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly EtcdEndpoint[] _nodes;
    private readonly bool[] _isHeld;
    private readonly long[] _releasedAt;
    private readonly int _waiters;
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal LockBoard(int locks, int waiters, EtcdEndpoint[] nodes)
    {
        _nodes = nodes;
        _waiters = waiters;
        _isHeld = new bool[locks];
        _releasedAt = new long[locks];
    }

    /// <summary>From a release's sending to the next holder's answer, in µs. Read when all have ended.</summary>
    internal Histogram HandOvers { get; } = new();

    internal ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>How often a lock was got.</summary>
    internal long Acquired { get; private set; }

    /// <summary>Every waiter's call, so that those of one lock are spread over all connections.</summary>
    internal IEnumerable<(int Lock, LockRequest Request)> Order(long[] leases) => leases.Take(_waiters).SelectMany(lease =>
        Enumerable.Range(0, _isHeld.Length).Select(number => (number, new LockRequest { Name = NameOf(number), Lease = lease })));

    /// <summary>Whoever has a lock begins to give it back.</summary>
    internal void Begin() => _begun.SetResult();

    /// <summary>A call was answered: its lock is got.</summary>
    internal void Got(int number, ByteString key)
    {
        long now = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            if (_isHeld[number])
            {
                Violations.Enqueue($"lock {number} has a second holder, {key.ToStringUtf8()}");
            }

            _isHeld[number] = true;
            Acquired++;
            if (_releasedAt[number] != 0)
            {
                HandOvers.Record(Stopwatch.GetElapsedTime(_releasedAt[number], now).Ticks / TimeSpan.TicksPerMicrosecond);
            }
        }

        _ = ReleaseAsync(number, key);
    }

    /// <summary>A call was refused.</summary>
    internal void Refused(int number) => Violations.Enqueue($"a call for lock {number} was refused");

    private async Task ReleaseAsync(int number, ByteString key)
    {
        await _begun.Task;
        await Task.Delay(_shortestHold + ((LongestHold - _shortestHold) * Random.Shared.NextDouble()));
        lock (_lock)
        {
            // From here on another may have it.
            _isHeld[number] = false;
            _releasedAt[number] = Stopwatch.GetTimestamp();
        }

        EtcdAnswer<UnlockResponse> answer = await _nodes[number % _nodes.Length].CallAsync<UnlockResponse>(
            "/v3lockpb.Lock/Unlock", new UnlockRequest { Key = key }, _timeout);
        if (answer.Message is null)
        {
            Violations.Enqueue($"lock {number} was not given back: code {answer.Code}, {answer.Detail}");
        }
    }

    private static ByteString NameOf(int number) =>
        ByteString.CopyFromUtf8(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:00000}"));
}
