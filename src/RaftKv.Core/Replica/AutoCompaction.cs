namespace RaftKv.Core.Replica;

/// <summary>By what the leader compacts by itself.</summary>
public enum AutoCompactionMode : byte
{
    /// <summary>It does not.</summary>
    Off = 0,

    /// <summary>By revisions kept.</summary>
    Revision = 1,

    /// <summary>By time kept.</summary>
    Periodic = 2,
}

/// <summary>How much of the past is kept when nobody compacts by hand; the meanings are etcd's.</summary>
/// <param name="Retention">Revisions, or milliseconds; above 0 unless the mode is off.</param>
public readonly record struct AutoCompaction(AutoCompactionMode Mode, long Retention)
{
    /// <summary>Nothing is compacted by itself.</summary>
    public static AutoCompaction Off => default;
}

/// <summary>
/// Says when the leader compacts by itself, and at which revision. What it remembers is the leader's own and volatile:
/// apply never reads it, and a new leader begins anew.
/// </summary>
internal sealed class AutoCompactor(AutoCompaction setting, int tickMs)
{
    // A tenth of the window is the grain: so much more than asked may be kept.
    private const int Grain = 10;

    private readonly Queue<(long Tick, Revision Revision)> _samples = new();
    private Term _term;
    private long _sampledTick;

    /// <summary>The revision to compact at now; zero for none. Called by the leader, once a tick.</summary>
    public Revision DueAt(Term term, long tick, Revision current, Revision compacted)
    {
        if (term != _term)
        {
            _term = term;
            _samples.Clear();
            _sampledTick = long.MinValue;
        }

        Revision target = setting.Mode switch
        {
            AutoCompactionMode.Off => Revision.Zero,
            AutoCompactionMode.Revision => ByRevision(current, compacted),
            AutoCompactionMode.Periodic => ByTime(tick, current),
            _ => Check.Unreachable<Revision>(setting.Mode),
        };
        return target > compacted ? target : Revision.Zero;
    }

    private Revision ByRevision(Revision current, Revision compacted)
    {
        long target = current.Value - setting.Retention;
        return target - compacted.Value >= Math.Max(1, setting.Retention / Grain) ? new Revision(target) : Revision.Zero;
    }

    private Revision ByTime(long tick, Revision current)
    {
        long kept = Math.Max(1, setting.Retention / tickMs);
        Revision target = Revision.Zero;
        while (_samples.TryPeek(out (long Tick, Revision Revision) oldest) && oldest.Tick <= tick - kept)
        {
            target = _samples.Dequeue().Revision;
        }

        if (_sampledTick == long.MinValue || tick - _sampledTick >= Math.Max(1, kept / Grain))
        {
            _samples.Enqueue((tick, current));
            _sampledTick = tick;
        }

        return target;
    }
}
