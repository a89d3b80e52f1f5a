using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Service.Calls;

/// <summary>
/// Bounds the memory of large answers that are being built or sent on this node, all doors together: who finds no room
/// waits for his turn, and is refused when it does not come in time. Small answers are not counted; there are as many as
/// connections. Any thread.
/// </summary>
/// <param name="maxBytes">The share of the memory budget.</param>
internal sealed class AnswerRoom(long maxBytes)
{
    /// <summary>Below it an answer is small.</summary>
    public const long SmallBytes = 64 * 1024;

    // What a pair costs while its answer is built, beside its bytes, which are the store's own.
    private const long PairBytes = 256;

    // An answer that is built whole exists as JSON (base64 makes four thirds), in a buffer that grows by doubling, and
    // once more in the connection's.
    private const long WholeFactor = 4;

    private readonly Lock _gate = new();
    private readonly Queue<Waiter> _waiting = new();
    private long _usedBytes;

    /// <summary>Bytes of those that have a place.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
            {
                return _usedBytes;
            }
        }
    }

    /// <summary>What an answer with these pairs costs.</summary>
    /// <param name="isWhole">It is built before it is sent, not written pair by pair.</param>
    public static long CostOf(IReadOnlyList<KeyValue> pairs, bool isWhole, long mostDataBytes = long.MaxValue)
    {
        long dataBytes = 0;
        for (int i = 0; isWhole && i < pairs.Count && dataBytes < mostDataBytes; i++)
        {
            dataBytes += pairs[i].DataBytes;
        }

        return (pairs.Count * PairBytes) + (WholeFactor * dataBytes);
    }

    /// <summary>What the answer of an operation costs, with all inside it; null costs nothing.</summary>
    public static long CostOf(OpResult? result, bool isWhole) => result switch
    {
        RangeResult range => CostOf(range.Pairs, isWhole),
        DeleteRangeResult delete => CostOf(delete.Previous, isWhole),
        PutResult { Previous: { } previous } => CostOf([previous], isWhole),
        TxnResult txn => txn.Results.Sum(inner => CostOf(inner, isWhole)),
        _ => 0,
    };

    /// <summary>
    /// Takes a place, in the order of asking; null when there is none in time. One answer that is larger than all the room
    /// is let in alone. Dispose the place when the answer is sent.
    /// </summary>
    public async ValueTask<IDisposable?> TakeAsync(long bytes, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (bytes <= SmallBytes)
        {
            return Place.Small;
        }

        var waiter = new Waiter(Math.Min(bytes, maxBytes));
        lock (_gate)
        {
            if (_waiting.Count == 0 && _usedBytes + waiter.Bytes <= maxBytes)
            {
                _usedBytes += waiter.Bytes;
                return new Place(this, waiter.Bytes);
            }

            _waiting.Enqueue(waiter);
        }

        await ((Task)waiter.Turn.Task.WaitAsync(patience, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // The turn may have come at the same moment as the end of the patience: then it is taken.
        if (!waiter.TryGiveUp())
        {
            return new Place(this, waiter.Bytes);
        }

        AdmitWaiting();
        cancellationToken.ThrowIfCancellationRequested();
        return null;
    }

    private void GiveBack(long bytes)
    {
        lock (_gate)
        {
            _usedBytes -= bytes;
        }

        AdmitWaiting();
    }

    private void AdmitWaiting()
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out Waiter? next))
            {
                if (!next.IsGivenUp && _usedBytes + next.Bytes > maxBytes)
                {
                    return;
                }

                _waiting.Dequeue();
                if (next.TryAdmit())
                {
                    _usedBytes += next.Bytes;
                }
            }
        }
    }

    private sealed class Waiter(long bytes)
    {
        private int _isDecided;

        public long Bytes { get; } = bytes;

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsGivenUp { get; private set; }

        public bool TryGiveUp() => IsGivenUp = Interlocked.Exchange(ref _isDecided, 1) == 0;

        public bool TryAdmit()
        {
            bool isIn = Interlocked.Exchange(ref _isDecided, 1) == 0;
            if (isIn)
            {
                Turn.SetResult();
            }

            return isIn;
        }
    }

    private sealed class Place(AnswerRoom? room, long bytes) : IDisposable
    {
        private int _isGivenBack;

        public static Place Small { get; } = new(null, 0);

        public void Dispose()
        {
            if (room is not null && Interlocked.Exchange(ref _isGivenBack, 1) == 0)
            {
                room.GiveBack(bytes);
            }
        }
    }
}
