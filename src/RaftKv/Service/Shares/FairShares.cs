using System.Net;
using System.Net.Sockets;
using RaftKv.Core.Store.Commands;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Service.Access;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Shares;

/// <summary>
/// Holds each call against the share of who makes it and of the prefixes that it touches, whichever door it came through. What
/// keeps others alive (renewals of leases, health) asks nobody. Any thread.
/// </summary>
/// <remarks>
/// A share is this node's own: nothing of it is in the log, and what others forward is counted where it came in. A caller is
/// a user, or the address of somebody unknown.
/// </remarks>
internal sealed class FairShares
{
    // As many as there may be users. Beyond it those who are new count as one, and nobody else notices.
    private const int MaxCallers = 8_192;
    private const long SweepEveryUs = 1_000_000;

    private readonly Lock _lock = new();
    private readonly ShareOptions _options;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly Dictionary<string, ShareBucket> _callers = new(StringComparer.Ordinal);
    private readonly ShareBucket? _strangers;
    private readonly (KeyRange Keys, ShareBucket Bucket)[] _prefixes;
    private readonly Counter[] _refusals;
    private long _sweptAtUs = -SweepEveryUs;

    public FairShares(ShareOptions options, TimeProvider time, MetricRegistry registry)
    {
        _options = options;
        _time = time;
        _startedAt = time.GetTimestamp();
        _strangers = options.OfEveryone is { } terms ? new ShareBucket(terms) : null;
        _prefixes = [.. options.OfPrefixes.Select(static line => (KeyRange.Prefix(line.Prefix), new ShareBucket(line.Terms)))];
        _refusals =
        [
            .. ((string[])["caller", "prefix"]).SelectMany(share => ((string[])["rate", "under-way"]).Select(reason => registry.Counter(
                "raftkv_share_refusals_total", "Calls beyond the share of a caller or of a prefix.",
                ("share", share), ("reason", reason)))),
        ];
        registry.Gauge(
            "raftkv_share_callers", "Callers whose share is counted; idle ones go when their room is needed.",
            sink => sink.Set(CallerCount));
    }

    /// <summary>True when anybody is counted.</summary>
    public bool IsOn => _options.OfEveryone is not null || _options.OfUsers.Count > 0 || HasPrefixes;

    /// <summary>True when keys count too.</summary>
    public bool HasPrefixes => _prefixes.Length > 0;

    private int CallerCount
    {
        get
        {
            lock (_lock)
            {
                return _callers.Count;
            }
        }
    }

    private long NowUs => _time.GetElapsedTime(_startedAt).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Counts a call for who makes it.</summary>
    /// <param name="isHeld">It is under way until its part is disposed of; false for streams.</param>
    /// <param name="share">The call's part; null when it was refused, and when nothing is counted.</param>
    public ApiError? TryEnter(Caller caller, IPAddress? from, bool isHeld, out CallShare? share)
    {
        share = null;
        if (!IsOn)
        {
            return null;
        }

        lock (_lock)
        {
            ShareBucket? bucket = BucketOf(caller, from);
            if (bucket?.TryTake(NowUs, isHeld) is { } refusal)
            {
                return Refused(isPrefix: false, refusal);
            }

            share = bucket is null && !HasPrefixes ? null : new CallShare(this, bucket, isHeld);
            return null;
        }
    }

    /// <summary>The shares of prefixes that some keys fall under.</summary>
    public IEnumerable<ShareBucket> BucketsOf(IReadOnlyList<KeyRange> keys)
    {
        foreach ((KeyRange prefix, ShareBucket bucket) in _prefixes)
        {
            if (keys.Any(range => Overlap(range, prefix)))
            {
                yield return bucket;
            }
        }
    }

    /// <summary>Counts against all of these shares, or against none.</summary>
    /// <param name="caller">The one among them that is the caller's; null when none is.</param>
    public ApiError? TryTake(IReadOnlyList<ShareBucket> buckets, ShareBucket? caller, bool isHeld)
    {
        lock (_lock)
        {
            for (int i = 0; i < buckets.Count; i++)
            {
                if (buckets[i].TryTake(NowUs, isHeld) is { } refusal)
                {
                    for (int taken = 0; taken < i; taken++)
                    {
                        buckets[taken].TakeBack(isHeld);
                    }

                    return Refused(buckets[i] != caller, refusal);
                }
            }

            return null;
        }
    }

    /// <summary>A held call is under way no more.</summary>
    public void Leave(List<ShareBucket> buckets)
    {
        lock (_lock)
        {
            buckets.ForEach(static bucket => bucket.Leave());
        }
    }

    private ApiError Refused(bool isPrefix, ShareRefusal refusal)
    {
        _refusals[(isPrefix ? 2 : 0) + (refusal.IsRate ? 0 : 1)].Add();
        string whose = isPrefix ? "prefix that it is about" : "caller";
        string why = refusal.IsRate ? "Calls come faster than" : "As many calls are under way as";
        return new ApiError(ErrorCode.Overloaded, $"{why} this node's share of the {whose} allows. Nothing was applied; try again later.")
        {
            // Rounded up: earlier there is no room.
            RetryAfterSeconds = Math.Max(1, (refusal.WaitUs + 999_999) / 1_000_000),
        };
    }

    // Null for somebody without a bound. Under the lock.
    private ShareBucket? BucketOf(Caller caller, IPAddress? from)
    {
        bool hasOwn = _options.OfUsers.TryGetValue(caller.Name, out ShareTerms own);

        // Whoever runs the cluster has to be able to act on it while others flood it.
        bool isFree = !hasOwn && (_options.OfEveryone is null || caller.Principal.Span.SequenceEqual(Principals.Root.Span));
        if (isFree)
        {
            return null;
        }

        string key = caller.IsAnonymous ? "from " + NetworkOf(from) : "user " + caller.Name;
        if (_callers.TryGetValue(key, out ShareBucket? bucket))
        {
            return bucket;
        }

        if (_callers.Count >= MaxCallers && !hasOwn && !TrySweep())
        {
            return _strangers;
        }

        bucket = new ShareBucket(hasOwn ? own : _options.OfEveryone!.Value);
        _callers.Add(key, bucket);
        return bucket;
    }

    // True when there is room now.
    private bool TrySweep()
    {
        long nowUs = NowUs;
        if (nowUs - _sweptAtUs < SweepEveryUs)
        {
            return false;
        }

        _sweptAtUs = nowUs;
        foreach (string idle in _callers.Where(known => known.Value.IsIdle(nowUs)).Select(static known => known.Key).ToList())
        {
            _callers.Remove(idle);
        }

        return _callers.Count < MaxCallers;
    }

    // Whoever has an IPv6 address has 2^64 of them.
    private static string NetworkOf(IPAddress? from)
    {
        if (from is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            return from?.MapToIPv4().ToString() ?? "";
        }

        byte[] bytes = from.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes).ToString();
    }

    private static bool Overlap(in KeyRange keys, in KeyRange prefix) =>
        keys.Kind == KeyRangeKind.Single
            ? prefix.Contains(keys.Start.Span)
            : (prefix.Kind == KeyRangeKind.From || keys.Start.Span.SequenceCompareTo(prefix.End.Span) < 0)
                && (keys.Kind == KeyRangeKind.From || keys.End.Span.SequenceCompareTo(prefix.Start.Span) > 0);
}
