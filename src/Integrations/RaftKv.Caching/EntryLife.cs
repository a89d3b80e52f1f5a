using System.Buffers.Binary;
using Microsoft.Extensions.Caching.Distributed;

namespace RaftKv.Caching;

/// <summary>How long an entry lives, and the head of its value that says so.</summary>
/// <remarks>
/// <code>
/// 0        1                 9                  17
/// | 0x01   | absolute end    | sliding ms       | the value …
/// </code>
/// Numbers are little-endian; the absolute end is in Unix milliseconds; zero means none.
/// </remarks>
internal readonly record struct EntryLife(long AbsoluteUnixMs, long SlidingMs)
{
    internal const int HeadBytes = 17;
    private const byte Layout = 1;

    /// <summary>The shortest life of a lease.</summary>
    internal static TimeSpan Shortest { get; } = TimeSpan.FromMilliseconds(100);

    internal bool IsSliding => SlidingMs > 0;

    /// <exception cref="ArgumentOutOfRangeException">An absolute expiration lies in the past.</exception>
    internal static EntryLife Of(DistributedCacheEntryOptions options, TimeSpan? otherwise, DateTimeOffset now)
    {
        if (options.AbsoluteExpiration is { } at && at <= now)
        {
            throw new ArgumentOutOfRangeException(nameof(options), at, "The absolute expiration must be in the future.");
        }

        DateTimeOffset? relative = options.AbsoluteExpirationRelativeToNow is { } span ? Later(now, span) : null;
        DateTimeOffset? absolute = relative ?? options.AbsoluteExpiration;
        if (absolute is null && options.SlidingExpiration is null && otherwise is { } life)
        {
            absolute = Later(now, life);
        }

        long slidingMs = options.SlidingExpiration is { } sliding ? Math.Max(1, (long)sliding.TotalMilliseconds) : 0;
        return new EntryLife(absolute?.ToUnixTimeMilliseconds() ?? 0, slidingMs);
    }

    /// <summary>False when the value has no such head: somebody else wrote it.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> value, out EntryLife life)
    {
        life = default;
        if (value.Length < HeadBytes || value[0] != Layout)
        {
            return false;
        }

        life = new EntryLife(
            BinaryPrimitives.ReadInt64LittleEndian(value[1..]),
            BinaryPrimitives.ReadInt64LittleEndian(value[9..]));
        return true;
    }

    internal void Write(Span<byte> head)
    {
        head[0] = Layout;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], AbsoluteUnixMs);
        BinaryPrimitives.WriteInt64LittleEndian(head[9..], SlidingMs);
    }

    internal bool IsOver(DateTimeOffset now) => AbsoluteUnixMs != 0 && now.ToUnixTimeMilliseconds() >= AbsoluteUnixMs;

    /// <summary>The life of the lease that the entry hangs on; null when it needs none.</summary>
    internal TimeSpan? LeaseTtl(DateTimeOffset now)
    {
        TimeSpan? absolute = AbsoluteUnixMs == 0 ? null : TimeSpan.FromMilliseconds(AbsoluteUnixMs - now.ToUnixTimeMilliseconds());
        TimeSpan? sliding = SlidingMs == 0 ? null : TimeSpan.FromMilliseconds(SlidingMs);
        TimeSpan? ttl = absolute is { } end && (sliding is not { } idle || end < idle) ? end : sliding;
        return ttl < Shortest ? Shortest : ttl;
    }

    private static DateTimeOffset Later(DateTimeOffset now, TimeSpan span) =>
        span < DateTimeOffset.MaxValue - now ? now + span : DateTimeOffset.MaxValue;
}
