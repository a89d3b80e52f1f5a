namespace RaftKv.Core.Store.Work;

/// <summary>
/// Counts the work of applying, so that it is done in slices of bounded length. A unit is about what it takes to look at
/// one key. Local to a node: where a slice ends never changes what is applied. Used by the applying thread.
/// </summary>
public sealed class WorkMeter
{
    /// <summary>Units of a write beside its bytes: it seeks, copies a path of the tree, hashes, and is an event.</summary>
    public const long PerWrite = 4;

    /// <summary>Bytes that are hashed in a unit.</summary>
    public const int BytesPerUnit = 1_024;

    private long _limit = long.MaxValue;

    /// <summary>Units spent since <see cref="Begin"/>.</summary>
    public long Spent { get; private set; }

    /// <summary>Units until the slice is to end; negative when its last piece of work was larger than what was left.</summary>
    public long Left => _limit - Spent;

    /// <summary>True while what is done is counted but not cut: it was weighed before, and fits.</summary>
    public bool IsWhole { get; set; }

    /// <summary>The slice ends before the next piece of work.</summary>
    public bool IsSpent => !IsWhole && Spent >= _limit;

    /// <summary>Of <see cref="Spent"/>, units of bytes that were dropped: what no weight knows of beforehand.</summary>
    public long DroppedUnits { get; private set; }

    /// <summary>The largest piece of work since <see cref="Begin"/>: by so much a slice may be longer than it was to be.</summary>
    public long LargestPiece { get; private set; }

    /// <summary>Begins a slice of so many units, at least 1.</summary>
    public void Begin(long units)
    {
        Check.That(units >= 1, "a slice has room for some work", units, Spent);
        _limit = units;
        (Spent, DroppedUnits, LargestPiece) = (0, 0, 0);
    }

    /// <summary>Notes a piece of work that was done, or is to be done whole.</summary>
    public void Spend(long units)
    {
        Spent += units;
        LargestPiece = Math.Max(LargestPiece, units);
    }

    /// <summary>Notes that a key was looked at.</summary>
    public void Visit() => Spend(1);

    /// <summary>Notes that so many bytes were dropped.</summary>
    public void Drop(long bytes)
    {
        Spent += bytes / BytesPerUnit;
        DroppedUnits += bytes / BytesPerUnit;
    }

    /// <summary>Units of a write of so many bytes.</summary>
    public static long OfWrite(long bytes) => PerWrite + (bytes / BytesPerUnit);
}
