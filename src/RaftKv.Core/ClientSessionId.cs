using System.Globalization;

namespace RaftKv.Core;

/// <summary>Id of a client session, under whose sequence numbers writes run once; above 0, drawn when it is opened.</summary>
public readonly record struct ClientSessionId(long Value)
{
    /// <summary>The id in hex, as the API shows it.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
