namespace RaftKv.Client;

/// <summary>What must hold of a key for a write to happen; <c>default</c> asks nothing.</summary>
public readonly record struct Precondition
{
    private readonly PreconditionKind _kind;
    private readonly long _revision;

    private Precondition(PreconditionKind kind, long revision)
    {
        _kind = kind;
        _revision = revision;
    }

    private enum PreconditionKind
    {
        None = 0,
        Missing = 1,
        AtRevision = 2,
    }

    /// <summary>The key must not exist.</summary>
    public static Precondition Missing { get; } = new(PreconditionKind.Missing, 0);

    /// <summary>True when nothing is asked.</summary>
    public bool IsNone => _kind == PreconditionKind.None;

    /// <summary>The key's last write must be this one.</summary>
    /// <param name="modRevision">From <see cref="KeyValueEntry.ModRevision"/>; at least 1.</param>
    public static Precondition AtRevision(long modRevision)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(modRevision, 1);
        return new(PreconditionKind.AtRevision, modRevision);
    }

    /// <summary>The key must still be as in this entry; null means that it must still be missing.</summary>
    public static Precondition Unchanged(KeyValueEntry? entry) => entry is null ? Missing : AtRevision(entry.ModRevision);

    /// <summary>Whether it holds of a key with this mod revision, 0 when it is missing.</summary>
    internal bool Holds(long modRevision) => _kind switch
    {
        PreconditionKind.None => true,
        PreconditionKind.Missing => modRevision == 0,
        PreconditionKind.AtRevision => modRevision == _revision,
        _ => throw new InvalidOperationException($"Unknown precondition {_kind}."),
    };

    /// <summary>The request header that says it; null when nothing is asked.</summary>
    internal (string Name, string Value)? Header => _kind switch
    {
        PreconditionKind.None => null,
        PreconditionKind.Missing => ("If-None-Match", "*"),
        PreconditionKind.AtRevision => ("If-Match", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\"{_revision}\"")),
        _ => throw new InvalidOperationException($"Unknown precondition {_kind}."),
    };
}
