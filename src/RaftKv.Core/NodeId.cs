using System.Globalization;

namespace RaftKv.Core;

/// <summary>
/// Permanent id of one server process and its data directory. Never an address, never reused; 0 is no node.
/// </summary>
public readonly record struct NodeId(ulong Value) : IComparable<NodeId>
{
    /// <summary>No node.</summary>
    public static NodeId None => default;

    /// <summary>True for 0.</summary>
    public bool IsNone => Value == 0;

    /// <summary>Orders by value; the order has no meaning but is the same everywhere.</summary>
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    /// <summary>The id as 16 hex digits, as the API shows it.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
