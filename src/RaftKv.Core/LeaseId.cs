using System.Globalization;

namespace RaftKv.Core;

/// <summary>Id of a store lease; 0 is no lease.</summary>
public readonly record struct LeaseId(long Value)
{
    /// <summary>No lease.</summary>
    public static LeaseId None => default;

    /// <summary>True for 0.</summary>
    public bool IsNone => Value == 0;

    /// <summary>The id in hex, as the API shows it.</summary>
    public override string ToString() => Value.ToString("x", CultureInfo.InvariantCulture);
}
