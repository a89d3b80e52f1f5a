namespace RaftKv.Core.Calls;

/// <summary>
/// Deadlines of calls, exact to a tick of the host's clock: adding and removing cost a few stores, and no timer exists. Buckets are linked
/// lists through the calls themselves; a deadline further off than one turn stays in its bucket until its turn comes.
/// Owned by the loop.
/// </summary>
internal sealed class DeadlineWheel
{
    /// <summary>The bucket of a call that is in none.</summary>
    public const int NoBucket = -1;

    // One turn is 5.12 s of 10 ms ticks: the usual timeout fits.
    private const int BucketCount = 512;

    private readonly Call?[] _buckets = new Call?[BucketCount];
    private long _nowTick;

    // Not before the last tick that was expired; later by what a host rested for.
    private long _addTick;

    /// <summary>Calls that come from here on count their time from this tick.</summary>
    public void NoteNow(long tick) => _addTick = Math.Max(_addTick, tick);

    /// <summary>Adds a call that expires after its timeout, never early, and at most two ticks late.</summary>
    public void Add(Call call)
    {
        Check.That(!call.IsWaiting, "a call has one deadline", call.Number, call.DeadlineTick);

        // One tick more than asked for, since part of the present tick is already over.
        call.DeadlineTick = Math.Max(_nowTick, _addTick) + Math.Min(call.TimeoutTicks, int.MaxValue) + 1;
        call.Bucket = (int)(call.DeadlineTick % BucketCount);
        call.PreviousInBucket = null;
        call.NextInBucket = _buckets[call.Bucket];
        if (call.NextInBucket is { } next)
        {
            next.PreviousInBucket = call;
        }

        _buckets[call.Bucket] = call;
    }

    /// <summary>Removes a call; nothing happens when it is in no bucket.</summary>
    public void Remove(Call call)
    {
        if (call.Bucket == NoBucket)
        {
            return;
        }

        if (call.PreviousInBucket is { } previous)
        {
            previous.NextInBucket = call.NextInBucket;
        }
        else
        {
            _buckets[call.Bucket] = call.NextInBucket;
        }

        if (call.NextInBucket is { } next)
        {
            next.PreviousInBucket = call.PreviousInBucket;
        }

        call.NextInBucket = null;
        call.PreviousInBucket = null;
        call.Bucket = NoBucket;
    }

    /// <summary>
    /// Moves to this tick and puts every call whose deadline has come into the list, removed from the wheel.
    /// </summary>
    public void AdvanceTo(long tick, List<Call> expired)
    {
        long turns = Math.Min(tick - _nowTick, BucketCount);
        for (long i = 1; i <= turns; i++)
        {
            Call? call = _buckets[(int)((tick - turns + i) % BucketCount)];
            while (call is not null)
            {
                Call? next = call.NextInBucket;
                if (call.DeadlineTick <= tick)
                {
                    Remove(call);
                    expired.Add(call);
                }

                call = next;
            }
        }

        _nowTick = Math.Max(_nowTick, tick);
    }
}
