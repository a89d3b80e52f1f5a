namespace RaftKv.Simulation.Clients;

/// <summary>What a read last went through.</summary>
internal enum ReadPath : byte
{
    /// <summary>Nothing but the node's own view.</summary>
    Local,

    /// <summary>A wait for a revision, or for all voters.</summary>
    Waited,

    /// <summary>A barrier on the leader.</summary>
    Confirmed,

    /// <summary>A barrier that the node asks of its leader.</summary>
    Forwarded,

    /// <summary>A refusal.</summary>
    Refused,
}
