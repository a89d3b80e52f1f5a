using RaftKv.Core;

namespace RaftKv.Watch;

/// <summary>
/// Bounds what all watches of a node hold of changes that they are telling, together. A watch that finds no room keeps its
/// place in the history and nothing else, and waits for its turn. When the first in that queue has waited for a while, the
/// one that has been telling the same changes for longest is cut off, unless they are so many that any client would take
/// longer: it can be resumed from what it got, so nothing is lost. One larger than all the room is let in alone. Any thread.
/// </summary>
/// <param name="maxBytes">The share of the memory budget.</param>
/// <param name="time">For patience.</param>
public sealed class WatchRoom(long maxBytes, TimeProvider time)
{
    /// <summary>
    /// How long the first in the queue waits before it asks for room, and how long a watch may tell the same changes
    /// before it has to give some. A client that takes megabytes at the pace of any network is done sooner.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Bytes of room that a watch has a second more for, beyond <see cref="Patience"/> (8 MiB, counted in full).
    /// Danger: 1. A revision of 200,000 changes takes a client two seconds. 2. Others wait to be told the same, so it is cut off
    /// after one. 3. It comes back, waits, has the next one cut off, and nobody ever gets the revision, which is never split.
    /// </summary>
    public const long BytesPerSecond = 8L << 20;

    private readonly Lock _lock = new();

    // In the order of taking, so that the slowest is the first.
    private readonly LinkedList<WatchPlace> _held = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private long _usedBytes;
    private long _cutOffCount;

    /// <summary>Bytes that are held, those of watches that are cut off and not gone yet included.</summary>
    public long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>Watches that were cut off for room.</summary>
    public long CutOffCount => Interlocked.Read(ref _cutOffCount);

    /// <summary>Watches that wait for room.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Takes room for changes; false when there is none, or others wait for some.</summary>
    internal bool TryTake(WatchPlace place, long bytes)
    {
        lock (_lock)
        {
            if (_waiting.Count > 0 || !HasRoom(bytes))
            {
                return false;
            }

            Hold(place, bytes);
            return true;
        }
    }

    /// <summary>Waits for room, in the order of asking, and takes it.</summary>
    /// <exception cref="OperationCanceledException">Nobody is left to be told.</exception>
    internal async ValueTask TakeAsync(WatchPlace place, long bytes, CancellationToken cancelled)
    {
        Waiter waiter = new(place, bytes);
        lock (_lock)
        {
            waiter.Link = _waiting.AddLast(waiter);
            Admit();
        }

        while (!waiter.Turn.Task.IsCompleted)
        {
            await ((Task)waiter.Turn.Task.WaitAsync(Patience, time, cancelled)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancelled.IsCancellationRequested && TryGiveUp(waiter))
            {
                cancelled.ThrowIfCancellationRequested();
            }

            if (!waiter.Turn.Task.IsCompleted)
            {
                AskForRoom(waiter);
            }
        }
    }

    /// <summary>Holds so many instead: what is held turned out otherwise.</summary>
    internal void Resize(WatchPlace place, long bytes)
    {
        lock (_lock)
        {
            if (place.Link is not null || place.IsCutOff)
            {
                _usedBytes += bytes - place.Bytes;
                place.Bytes = bytes;
                Admit();
            }
        }
    }

    /// <summary>Gives back what is held; nothing when nothing is.</summary>
    internal void Release(WatchPlace place)
    {
        if (place.Bytes == 0 && place.Link is null)
        {
            // Only its own flow takes, so nobody else can make it hold something meanwhile.
            return;
        }

        lock (_lock)
        {
            _usedBytes -= place.Bytes;
            place.Bytes = 0;
            if (place.Link is { } link)
            {
                _held.Remove(link);
                place.Link = null;
            }

            Admit();
        }
    }

    /// <summary>How long a watch may tell so much before it has to give room to one that waits.</summary>
    public static TimeSpan PatienceFor(long bytes) => Patience + TimeSpan.FromSeconds(bytes / BytesPerSecond);

    private bool HasRoom(long bytes) => _usedBytes == 0 || _usedBytes + bytes <= maxBytes;

    private void Hold(WatchPlace place, long bytes)
    {
        Check.That(place.Bytes == 0, "a watch gives its room back before it takes some", place.Bytes, bytes);
        _usedBytes += bytes;
        place.Bytes = bytes;
        place.Since = time.GetTimestamp();
        place.Link = _held.AddLast(place);
    }

    private void Admit()
    {
        while (_waiting.First is { } first && HasRoom(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            first.Value.Link = null;
            Hold(first.Value.Place, first.Value.Bytes);
            first.Value.Turn.SetResult();
        }
    }

    private bool TryGiveUp(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Link is not { } link)
            {
                return false;
            }

            _waiting.Remove(link);
            waiter.Link = null;

            // Whoever waited behind it may fit.
            Admit();
            return true;
        }
    }

    // The first in the queue only: otherwise each that waits would have one cut off.
    private void AskForRoom(Waiter waiter)
    {
        WatchPlace? slowest;
        lock (_lock)
        {
            slowest = waiter.Link is not null && _waiting.First == waiter.Link ? _held.First?.Value : null;
            if (slowest is null || time.GetElapsedTime(slowest.Since) < PatienceFor(slowest.Bytes))
            {
                return;
            }

            // Its bytes count until it is gone.
            _held.Remove(slowest.Link!);
            slowest.Link = null;
            slowest.IsCutOff = true;
            _cutOffCount++;
        }

        slowest.CutOff?.Invoke();
    }

    private sealed class Waiter(WatchPlace place, long bytes)
    {
        public WatchPlace Place { get; } = place;

        public long Bytes { get; } = bytes;

        public LinkedListNode<Waiter>? Link { get; set; }

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
