using RaftKv.Core.Store.Commands;
using RaftKv.Service.Observing;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Shares;

/// <summary>
/// One call's part of the shares: what it counts in, until it is disposed of or only waits. Used by one call's flow only.
/// </summary>
internal sealed class CallShare : IDisposable
{
    private readonly FairShares _shares;
    private readonly ShareBucket? _caller;
    private readonly List<ShareBucket> _entered = [];
    private List<KeyRange>? _noted;
    private bool _isHeld;
    private bool _hasWatched;

    /// <param name="caller">The caller's share, which has let the call in; null when it has no bound.</param>
    public CallShare(FairShares shares, ShareBucket? caller, bool isHeld)
    {
        _shares = shares;
        _caller = caller;
        _isHeld = isHeld;
        if (caller is not null)
        {
            _entered.Add(caller);
        }
    }

    /// <summary>Notes keys that are going to be read.</summary>
    public void Note(KeyRange keys)
    {
        if (_shares.HasPrefixes)
        {
            (_noted ??= []).Add(keys);
        }
    }

    /// <summary>Notes all that a txn is going to read.</summary>
    public void Note(TxnOp txn)
    {
        if (_shares.HasPrefixes)
        {
            (_noted ??= []).AddRange(CommandKeys.Of(txn));
        }
    }

    /// <summary>Counts what was noted since it was asked last; why there is no room for it, or null.</summary>
    public ApiError? EnterNoted()
    {
        if (_noted is not { } keys)
        {
            return null;
        }

        _noted = null;
        return Enter(keys);
    }

    /// <summary>Counts a command; why there is no room for it, or null.</summary>
    public ApiError? Enter(KvCommand command) => _shares.HasPrefixes ? Enter(CommandKeys.Of(command)) : null;

    /// <summary>
    /// Counts a watch; why there is no room for it, or null. The first one of a call is the call itself; more of them, on one
    /// stream of etcd's, are as many calls. From here on the call waits for others.
    /// </summary>
    public ApiError? EnterWatch(KeyRange keys)
    {
        bool isFirst = !_hasWatched;
        _hasWatched = true;
        Rest();
        List<ShareBucket> buckets = [.. _shares.BucketsOf([keys]).Where(bucket => !isFirst || !_entered.Contains(bucket))];
        if (!isFirst && _caller is not null)
        {
            buckets.Add(_caller);
        }

        return _shares.TryTake(buckets, _caller, isHeld: false);
    }

    /// <summary>From here on the call waits for others, and keeps nobody from anything.</summary>
    public void Rest()
    {
        if (_isHeld)
        {
            _isHeld = false;
            _shares.Leave(_entered);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Rest();

    private ApiError? Enter(List<KeyRange> keys)
    {
        List<ShareBucket> buckets = [.. _shares.BucketsOf(keys).Where(bucket => !_entered.Contains(bucket))];
        ApiError? refusal = _shares.TryTake(buckets, caller: null, _isHeld);
        if (refusal is null)
        {
            _entered.AddRange(buckets);
        }

        return refusal;
    }
}
