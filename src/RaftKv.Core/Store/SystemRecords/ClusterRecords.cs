using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Store.SystemRecords;

/// <summary>What the whole cluster shares: its key, its time, its version, and its limits of kept answers. Applying thread.</summary>
internal sealed class ClusterRecords
{
    private readonly SystemTree _tree;
    private readonly GateTable _gates;
    private OnceLimits _askedLimits;
    private long _smallestBudget = KvLimits.NoQuota;

    public ClusterRecords(SystemTree tree, GateTable gates)
    {
        _tree = tree;
        _gates = gates;
        Version = new ClusterVersion(tree.Find(SystemKeys.ClusterVersion)?.ValueSpan[0] ?? 0);
        Key = tree.Find(SystemKeys.ClusterKey)?.Value ?? default;
        _askedLimits = tree.Find(SystemKeys.OnceLimits) is { } limits ? OnceLimits.Read(limits.ValueSpan) : OnceLimits.Default;
        OnceLimits = _askedLimits;
        TimeMs = tree.Find(SystemKeys.ClusterTime) is { } time ? BinaryPrimitives.ReadInt64LittleEndian(time.ValueSpan) : 0;
    }

    /// <summary>The key; empty until it is set.</summary>
    public ReadOnlyMemory<byte> Key { get; private set; }

    /// <summary>Milliseconds that leaders have counted so far; never falls, and never runs ahead of true time.</summary>
    public long TimeMs { get; private set; }

    /// <summary>Bounds of what is kept for repeats: those that were set, but never more than the smallest member can hold.</summary>
    public OnceLimits OnceLimits { get; private set; }

    /// <summary>Sets the bounds of what is kept for repeats.</summary>
    public void SetLimits(OnceLimits limits)
    {
        _tree.Set(SystemKeys.OnceLimits, limits.ToBytes());
        _askedLimits = limits;
        OnceLimits = limits.Within(_smallestBudget);
    }

    /// <summary>What the smallest member can hold of the store has changed.</summary>
    public void LimitTo(long smallestBudget)
    {
        _smallestBudget = smallestBudget;
        OnceLimits = _askedLimits.Within(smallestBudget);
    }

    /// <summary>Which rules are in force; never falls.</summary>
    public ClusterVersion Version { get; private set; }

    /// <summary>True when the rule behind a gate is in force. Asked at apply, of the replicated record only.</summary>
    public bool IsOn(FeatureGate gate) => Version >= _gates.SinceOf(gate);

    /// <summary>Raises the version.</summary>
    public CommandStatus SetVersion(ClusterVersion version)
    {
        Check.That(version <= _gates.Newest, "a version is set that this build supports", version.Value, _gates.Newest.Value);
        if (version <= Version)
        {
            return CommandStatus.AlreadySet;
        }

        _tree.Set(SystemKeys.ClusterVersion, [(byte)version.Value]);
        Version = version;
        return CommandStatus.Ok;
    }

    /// <summary>Sets the key; the first one stays for ever.</summary>
    public CommandStatus SetKey(ReadOnlySpan<byte> key)
    {
        Check.That(key.Length == KvLimits.ClusterKeyBytes, "a cluster key has its length", key.Length, KvLimits.ClusterKeyBytes);
        if (!Key.IsEmpty)
        {
            return CommandStatus.AlreadySet;
        }

        Key = _tree.Set(SystemKeys.ClusterKey, key).Value;
        return CommandStatus.Ok;
    }

    /// <summary>Moves the time on.</summary>
    public void Advance(long deltaMs)
    {
        Check.That(deltaMs is > 0 and <= KvLimits.MaxAdvanceMs, "time moves on, in bounded steps", deltaMs, KvLimits.MaxAdvanceMs);
        Span<byte> value = stackalloc byte[sizeof(long)];
        TimeMs = Math.Min(TimeMs, long.MaxValue - deltaMs) + deltaMs;
        BinaryPrimitives.WriteInt64LittleEndian(value, TimeMs);
        _tree.Set(SystemKeys.ClusterTime, value);
    }
}
