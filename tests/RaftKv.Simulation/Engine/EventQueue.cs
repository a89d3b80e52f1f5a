namespace RaftKv.Simulation.Engine;

/// <summary>What an event does when its time comes.</summary>
internal enum EventKind : byte
{
    Tick,
    Deliver,
    Loop,
    DiskSynced,
    DiskReported,
    SnapshotStep,
    ClientNext,
    ClientTimeout,
    NemesisNext,
    Restart,
    Resume,
    Heal,
    Custom,
    EffectsResumed,
    Stop,
}

/// <summary>
/// One thing that will happen. <see cref="Life"/> ties it to one life of a node; events of a life that ended are
/// dropped.
/// </summary>
internal struct SimEvent
{
    public EventKind Kind;
    public int Node;
    public int Life;
    public long Value;
    public object? Payload;
}

/// <summary>
/// What happens next: a binary heap by (time, order of scheduling), so that events of one moment happen in the order in
/// which they were asked for. Keys hold the time in microseconds (33 bits: 2.3 simulated hours) above the order (31
/// bits).
/// </summary>
internal sealed class EventQueue
{
    private const int OrderBits = 31;

    private (ulong Key, int Slot)[] _heap = new (ulong, int)[256];
    private SimEvent[] _slots = new SimEvent[256];
    private int[] _free = new int[256];
    private int _freeCount;
    private int _slotCount;
    private ulong _order;

    public int Count { get; private set; }

    /// <summary>Time of the next event in microseconds; the largest long when there is none.</summary>
    public long NextTimeUs => Count == 0 ? long.MaxValue : (long)(_heap[0].Key >> OrderBits);

    public void Schedule(long timeUs, in SimEvent simEvent)
    {
        Check.That(timeUs >= 0 && timeUs < 1L << (64 - OrderBits - 1), "event time is in range", timeUs, 0);
        int slot = _freeCount > 0 ? _free[--_freeCount] : NewSlot();
        _slots[slot] = simEvent;
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, Count * 2);
        }

        Check.That(_order < 1UL << OrderBits, "fewer than 2^31 events in one world");
        SiftUp(Count++, (((ulong)timeUs << OrderBits) | _order++, slot));
    }

    public SimEvent Take()
    {
        Check.That(Count > 0, "the queue is not empty");
        int slot = _heap[0].Slot;
        (ulong Key, int Slot) last = _heap[--Count];
        if (Count > 0)
        {
            SiftDown(last);
        }

        SimEvent result = _slots[slot];
        _slots[slot].Payload = null;
        if (_freeCount == _free.Length)
        {
            Array.Resize(ref _free, _freeCount * 2);
        }

        _free[_freeCount++] = slot;
        return result;
    }

    private int NewSlot()
    {
        if (_slotCount == _slots.Length)
        {
            Array.Resize(ref _slots, _slotCount * 2);
        }

        return _slotCount++;
    }

    private void SiftUp(int at, (ulong Key, int Slot) item)
    {
        while (at > 0)
        {
            int parent = (at - 1) >> 1;
            if (_heap[parent].Key <= item.Key)
            {
                break;
            }

            _heap[at] = _heap[parent];
            at = parent;
        }

        _heap[at] = item;
    }

    private void SiftDown((ulong Key, int Slot) item)
    {
        int at = 0;
        while (true)
        {
            int child = (at * 2) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && _heap[child + 1].Key < _heap[child].Key)
            {
                child++;
            }

            if (item.Key <= _heap[child].Key)
            {
                break;
            }

            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = item;
    }
}
