using Google.Protobuf;
using Grpc.Core;
using RaftKv.Migration.Etcd;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Migration.Import;

/// <summary>
/// The leases that imported keys hang on: each is granted in the target with the id and the whole time that it has in the source, and
/// kept alive by a task of its own while the source has it, also while the source does not answer. Safe for that task and one writer.
/// </summary>
internal sealed class LeaseKeeper(EtcdPeer source, EtcdPeer target, TimeProvider time, Action<string> say)
{
    // Of a lease's time: a keepalive that is lost, and another one, leave it alive.
    private const int KeepalivesInALife = 3;

    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, Kept> _leases = [];
    private readonly Dictionary<ByteString, long> _leaseOfKeys = [];
    private bool _hasLostOne;

    /// <summary>How many are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _leases.Count;
            }
        }
    }

    /// <summary>True once one ended in the target while keys hung on it: they are gone here, and may live in the source.</summary>
    public bool HasLostOne
    {
        get
        {
            lock (_gate)
            {
                return _hasLostOne;
            }
        }
    }

    /// <summary>Grants a lease in the target, unless it has it; false when the source has it no more.</summary>
    public async Task<bool> EnsureAsync(long id, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_leases.ContainsKey(id))
            {
                return true;
            }
        }

        long seconds = await SecondsAsync(source, id, cancellationToken).ConfigureAwait(false);
        if (seconds <= 0)
        {
            return false;
        }

        long renewed = time.GetTimestamp();
        try
        {
            var grant = new LeaseGrantRequest { ID = id, TTL = seconds };
            await target.CallAsync(EtcdMethods.Grant, grant, cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException refusal) when (refusal.StatusCode == StatusCode.FailedPrecondition)
        {
            // It is there: of an earlier run, or of a grant whose answer was lost. It is due at once.
            renewed -= time.TimestampFrequency * seconds;
            long here = await SecondsAsync(target, id, cancellationToken).ConfigureAwait(false);
            if (here != seconds)
            {
                say($"lease {id:x} has {here} s in the target and {seconds} s in the source; it is left as it is.");
            }
        }

        lock (_gate)
        {
            _leases[id] = new Kept(seconds) { Renewed = renewed };
        }

        return true;
    }

    /// <summary>These changes are written: their keys hang on their leases, or on none.</summary>
    public void Note(IReadOnlyList<Change> changes)
    {
        lock (_gate)
        {
            foreach (Change change in changes)
            {
                if (_leaseOfKeys.Remove(change.Key, out long before) && _leases.TryGetValue(before, out Kept? old))
                {
                    old.KeyCount--;
                }

                if (change.Value is not null && _leases.TryGetValue(change.Lease, out Kept? kept))
                {
                    _leaseOfKeys[change.Key] = change.Lease;
                    kept.KeyCount++;
                }
            }
        }
    }

    /// <summary>The target does not have these leases after all.</summary>
    public void Forget(IReadOnlyList<Change> changes)
    {
        lock (_gate)
        {
            foreach (Change change in changes)
            {
                _hasLostOne |= _leases.Remove(change.Lease, out Kept? kept) && kept.KeyCount > 0;
            }
        }
    }

    /// <summary>Forgets all: a new pass notes what it finds.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _leases.Clear();
            _leaseOfKeys.Clear();
            _hasLostOne = false;
        }
    }

    /// <summary>True when the source has no such lease.</summary>
    public async Task<bool> IsOverAsync(long id, CancellationToken cancellationToken) =>
        await SecondsAsync(source, id, cancellationToken).ConfigureAwait(false) <= 0;

    /// <summary>Keeps the leases alive until it is cancelled, over clients of its own.</summary>
    public async Task RunAsync(EtcdPeer ownSource, EtcdPeer ownTarget, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_step, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            await RenewAsync(ownTarget, everything: false, cancellationToken).ConfigureAwait(false);
            await EndUnusedAsync(ownSource, ownTarget, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Keeps alive what is due, or everything.</summary>
    public async Task RenewAsync(EtcdPeer by, bool everything, CancellationToken cancellationToken)
    {
        long[] due;
        lock (_gate)
        {
            due = [.. _leases.Where(pair => everything || IsDue(pair.Value)).Select(static pair => pair.Key)];
        }

        if (due.Length == 0)
        {
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        try
        {
            using AsyncDuplexStreamingCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call =
                await by.OpenAsync(EtcdMethods.KeepAlive, patience.Token).ConfigureAwait(false);
            foreach (long id in due)
            {
                long asked = time.GetTimestamp();
                await call.RequestStream.WriteAsync(new LeaseKeepAliveRequest { ID = id }, patience.Token).ConfigureAwait(false);
                if (!await call.ResponseStream.MoveNext(patience.Token).ConfigureAwait(false))
                {
                    return;
                }

                Note(id, asked, isAlive: call.ResponseStream.Current.TTL > 0);
            }

            await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is RpcException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // The next round asks again, another endpoint: a third of a life leaves time for two more.
            await by.PauseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private bool IsDue(Kept kept) => time.GetElapsedTime(kept.Renewed) >= kept.Life / KeepalivesInALife;

    private void Note(long id, long asked, bool isAlive)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(id, out Kept? kept))
            {
                return;
            }

            kept.Renewed = asked;
            if (!isAlive)
            {
                _hasLostOne |= kept.KeyCount > 0;
                _leases.Remove(id);
            }
        }
    }

    // A lease without keys lives here as long as in the source: its client may put a key again. What has keys is ended by their
    // deletions, which come in order.
    private async Task EndUnusedAsync(EtcdPeer ownSource, EtcdPeer ownTarget, CancellationToken cancellationToken)
    {
        long[] unused;
        lock (_gate)
        {
            unused = [.. _leases.Where(pair => pair.Value.KeyCount <= 0 && IsToBeAsked(pair.Value)).Select(static pair => pair.Key)];
        }

        foreach (long id in unused)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(_patience);
            try
            {
                bool isOver = await SecondsAsync(ownSource, id, patience.Token).ConfigureAwait(false) <= 0;
                lock (_gate)
                {
                    isOver &= _leases.TryGetValue(id, out Kept? kept) && kept.KeyCount <= 0 && _leases.Remove(id);
                }

                if (isOver)
                {
                    await ownTarget.CallAsync(EtcdMethods.Revoke, new LeaseRevokeRequest { ID = id }, patience.Token).ConfigureAwait(false);
                }
            }
            catch (Exception nothing) when (nothing is RpcException or OperationCanceledException or ImportException
                && !cancellationToken.IsCancellationRequested)
            {
                // The source does not say, or the lease ended here by itself.
            }
        }
    }

    private bool IsToBeAsked(Kept kept)
    {
        bool isTime = time.GetElapsedTime(kept.Asked) >= kept.Life / KeepalivesInALife;
        kept.Asked = isTime ? time.GetTimestamp() : kept.Asked;
        return isTime;
    }

    // The whole time of a lease; 0 when it is not there.
    private static async Task<long> SecondsAsync(EtcdPeer peer, long id, CancellationToken cancellationToken)
    {
        try
        {
            LeaseTimeToLiveResponse answer = await peer.CallAsync(
                EtcdMethods.TimeToLive, new LeaseTimeToLiveRequest { ID = id }, cancellationToken).ConfigureAwait(false);
            return answer.TTL < 0 ? 0 : answer.GrantedTTL;
        }
        catch (RpcException refusal) when (refusal.StatusCode == StatusCode.NotFound)
        {
            return 0;
        }
    }

    private sealed class Kept(long seconds)
    {
        public TimeSpan Life { get; } = TimeSpan.FromSeconds(seconds);

        public long Renewed { get; set; }

        public long Asked { get; set; }

        public int KeyCount { get; set; }
    }
}
