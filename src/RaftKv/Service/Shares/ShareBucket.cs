namespace RaftKv.Service.Shares;

/// <summary>
/// Counts against one share: a moment that each call moves on by the time that it is worth, and how many are under way. One
/// that is idle is like one that was never there. Not thread-safe: <see cref="FairShares"/> guards it.
/// </summary>
internal sealed class ShareBucket(ShareTerms terms)
{
    /// <summary>The longest wait that is told: who was refused for longer comes too often to be told more.</summary>
    public const long MaxWaitUs = 60_000_000;

    // Nobody knows when a call that is under way ends; most do in less.
    private const long UsualCallUs = 1_000_000;

    // Rounded up: never more than the rate.
    private readonly long _intervalUs = terms.PerSecond > 0 ? (1_000_000 + terms.PerSecond - 1) / terms.PerSecond : 0;

    // When all that was taken is paid for.
    private long _paidAtUs;

    // The last moment that somebody who was refused was told to come back at.
    private long _toldUs;
    private int _underWayCount;

    /// <summary>Nothing is under way, and everything is paid for.</summary>
    public bool IsIdle(long nowUs) => _underWayCount == 0 && _paidAtUs <= nowUs;

    /// <summary>Takes a call in, or says why not.</summary>
    /// <param name="isHeld">It is under way until <see cref="Leave"/>.</param>
    public ShareRefusal? TryTake(long nowUs, bool isHeld)
    {
        if (isHeld && terms.UnderWay > 0 && _underWayCount >= terms.UnderWay)
        {
            return new ShareRefusal(IsRate: false, UsualCallUs);
        }

        // A second's worth is free at once after a pause.
        long freeAtUs = _paidAtUs - ((terms.PerSecond - 1) * _intervalUs);
        if (_intervalUs > 0 && freeAtUs > nowUs)
        {
            // Each is told a moment of its own, so that those who keep to it find room.
            _toldUs = Math.Min(Math.Max(_toldUs + _intervalUs, freeAtUs), nowUs + MaxWaitUs);
            return new ShareRefusal(IsRate: true, _toldUs - nowUs);
        }

        _paidAtUs = Math.Max(_paidAtUs, nowUs) + _intervalUs;
        _underWayCount += isHeld ? 1 : 0;
        return null;
    }

    /// <summary>A held call is not under way any more.</summary>
    public void Leave() => _underWayCount--;

    /// <summary>Takes a call back that another share refused.</summary>
    public void TakeBack(bool isHeld)
    {
        _paidAtUs -= _intervalUs;
        _underWayCount -= isHeld ? 1 : 0;
    }
}

/// <summary>Why a share takes no call in.</summary>
/// <param name="IsRate">They come too fast; else too many are under way.</param>
/// <param name="WaitUs">After which it can be taken in, in microseconds.</param>
internal readonly record struct ShareRefusal(bool IsRate, long WaitUs);
