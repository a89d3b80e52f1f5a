namespace RaftKv.Core.Store.Gates;

/// <summary>
/// What a build knows: the newest cluster version that it supports, and every gate. Immutable; any thread. The server
/// has <see cref="ThisBuild"/>; tests and the simulator also make those of other builds.
/// </summary>
public sealed class GateTable
{
    private readonly GateInfo[] _gates;

    /// <summary>Makes the table of a build. A gate that comes with a later version is unknown to it.</summary>
    public GateTable(ClusterVersion newest, IReadOnlyList<GateInfo> gates)
    {
        Check.That(newest.Value is > 0 and <= ClusterVersion.Max, "a build supports a version", newest.Value, ClusterVersion.Max);
        Newest = newest;
        _gates = [.. gates];
        for (int i = 0; i < _gates.Length; i++)
        {
            Check.That(_gates[i].Number == i + 1, "gates are listed by number, without a gap", _gates[i].Number, i + 1);
            Check.That(_gates[i].Since > ClusterVersion.None, "a gate came with a version", _gates[i].Since.Value, i);
        }
    }

    /// <summary>This build's.</summary>
    public static GateTable ThisBuild { get; } = new(
        new ClusterVersion(5),
        [
            new GateInfo(
                FeatureGate.CompactionByWork, "compaction-by-work", new ClusterVersion(2),
                "What a compaction made obsolete goes as fast as commands add versions, not a fixed number an entry."),
            new GateInfo(
                FeatureGate.ClientSessions, "client-sessions", new ClusterVersion(3),
                "Client sessions, whose writes run once by their number, and limits of what is kept for repeats."),
            new GateInfo(
                FeatureGate.StoreQuota, "store-quota", new ClusterVersion(4),
                "The store's quota, quotas of prefixes, what each member can hold, and alarms."),
            new GateInfo(
                FeatureGate.AccessControl, "access-control", new ClusterVersion(5),
                "Users, roles and rights over keys and operations, asked for where commands are applied."),
        ]);

    /// <summary>The newest cluster version that the build supports; it supports all before it too.</summary>
    public ClusterVersion Newest { get; }

    /// <summary>All gates, by number.</summary>
    public IReadOnlyList<GateInfo> Gates => _gates;

    /// <summary>The cluster version from which on a gate is open.</summary>
    public ClusterVersion SinceOf(FeatureGate gate) => _gates[(int)gate - 1].Since;

    /// <summary>The same gates in a build that stops at an earlier version.</summary>
    public GateTable UpTo(ClusterVersion newest) => new(newest, _gates);

    /// <summary>Throws unless this build supports a version.</summary>
    /// <param name="what">What needs it: the start of a sentence.</param>
    /// <exception cref="UnsupportedVersionException">The build is too old.</exception>
    public void Require(ClusterVersion needed, string what)
    {
        if (needed > Newest)
        {
            throw new UnsupportedVersionException(what, needed, Newest);
        }
    }
}
