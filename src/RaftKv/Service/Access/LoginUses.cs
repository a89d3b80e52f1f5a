using System.Collections.Concurrent;

namespace RaftKv.Service.Access;

/// <summary>
/// When tokens of logins were used here last: one lives so long after it was given, and as long again after each use, so that
/// it does not end under a client that keeps calling. Bounded: beyond it the oldest uses are forgotten. Any thread.
/// </summary>
internal sealed class LoginUses(TimeSpan life)
{
    private const int MaxTokens = 16_384;

    private readonly ConcurrentDictionary<string, long> _usedMs = new(StringComparer.Ordinal);

    /// <summary>True while the token lives; notes the use then.</summary>
    public bool IsAlive(string token, long issuedMs, long nowMs)
    {
        long lifeMs = (long)life.TotalMilliseconds;
        bool isYoung = nowMs - issuedMs < lifeMs;
        bool isUsed = _usedMs.TryGetValue(token, out long usedMs) && nowMs - usedMs < lifeMs;
        if (!isYoung && !isUsed)
        {
            return false;
        }

        // A note a minute is exact enough.
        if (nowMs - usedMs > 60_000)
        {
            Note(token, nowMs, lifeMs);
        }

        return true;
    }

    private void Note(string token, long nowMs, long lifeMs)
    {
        if (_usedMs.Count >= MaxTokens)
        {
            foreach ((string other, long usedMs) in _usedMs)
            {
                if (nowMs - usedMs >= lifeMs / 2)
                {
                    _usedMs.TryRemove(other, out _);
                }
            }
        }

        if (_usedMs.Count < MaxTokens)
        {
            _usedMs[token] = nowMs;
        }
    }
}
