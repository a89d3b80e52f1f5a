namespace RaftKv.Core.Identity;

/// <summary>One of those that found a cluster: a name, and the data directory behind it.</summary>
/// <param name="Url">Where its peers reach it, of those that found without a list; empty where the list says it.</param>
public readonly record struct FoundingSeat(string Name, NodeId Instance, string Url = "");

/// <summary>
/// Who founds a cluster: for each name one directory. Immutable, in the ordinal order of the names, so that
/// equal rolls are equal bytes.
/// </summary>
public sealed class FoundingRoll : IEquatable<FoundingRoll>
{
    private readonly FoundingSeat[] _seats;

    /// <summary>Makes a roll; names and instances must differ, and no instance may be none.</summary>
    public FoundingRoll(IEnumerable<FoundingSeat> seats)
    {
        _seats = [.. seats];
        Array.Sort(_seats, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        Check.That(_seats.Length > 0, "a roll has a seat");
        Check.That(IsSound(_seats), "each name and each instance of a roll is there once");
    }

    /// <summary>The seats, by name.</summary>
    public IReadOnlyList<FoundingSeat> Seats => _seats;

    /// <summary>True when seats may make a roll; for those that come from elsewhere.</summary>
    public static bool IsSound(IReadOnlyList<FoundingSeat> seats)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var instances = new SortedSet<NodeId>();
        foreach (FoundingSeat seat in seats)
        {
            if (seat.Instance.IsNone || !names.Add(seat.Name) || !instances.Add(seat.Instance))
            {
                return false;
            }
        }

        return seats.Count > 0;
    }

    /// <summary>The directory of that name; none when the name is not there.</summary>
    public NodeId InstanceOf(string name)
    {
        foreach (FoundingSeat seat in _seats)
        {
            if (seat.Name == name)
            {
                return seat.Instance;
            }
        }

        return NodeId.None;
    }

    /// <summary>True for a roll with the same seats.</summary>
    public bool Equals(FoundingRoll? other) => other is not null && _seats.AsSpan().SequenceEqual(other._seats);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FoundingRoll);

    /// <inheritdoc/>
    public override int GetHashCode() => _seats.Length == 0 ? 0 : _seats[0].Instance.Value.GetHashCode();
}
