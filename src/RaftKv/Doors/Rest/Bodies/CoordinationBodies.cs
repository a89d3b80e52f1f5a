namespace RaftKv.Doors.Rest.Bodies;

/// <summary>Body of POST /leases.</summary>
internal sealed record LeaseBody
{
    /// <summary>How long it lives without a keepalive.</summary>
    public string? Ttl { get; init; }

    /// <summary>Its id in hex; null lets the server choose.</summary>
    public string? Id { get; init; }
}

/// <summary>Body of POST on a lock, a semaphore, or an election's campaign; each takes some of the members.</summary>
internal sealed record AcquireBody
{
    /// <summary>Life of the lease that is made; null for the default.</summary>
    public string? Ttl { get; init; }

    /// <summary>A lease of the client's own, instead of one that is made.</summary>
    public string? Lease { get; init; }

    /// <summary>How long to wait; zero tries once.</summary>
    public string? Wait { get; init; }

    /// <summary>Who asks, for people.</summary>
    public string? Owner { get; init; }

    /// <summary>exclusive or shared; locks only.</summary>
    public string? Mode { get; init; }

    /// <summary>How many may hold; semaphores only.</summary>
    public int? Limit { get; init; }

    /// <summary>What observers see; elections only.</summary>
    public string? Value { get; init; }

    /// <summary>Encoding of the value.</summary>
    public string? Encoding { get; init; }
}

/// <summary>Body of POST /fence/verify.</summary>
internal sealed record FenceBody
{
    /// <summary>Name of the lock, semaphore or election.</summary>
    public string? Lock { get; init; }

    /// <summary>The token to verify.</summary>
    public long? Token { get; init; }

    /// <summary>lock, semaphore or election.</summary>
    public string? Kind { get; init; }
}

/// <summary>Body of PUT /guards/{prefix}.</summary>
internal sealed record GuardBody
{
    /// <summary>The lock whose fence is asked for; null for any.</summary>
    public string? Lock { get; init; }

    /// <summary>lock, semaphore or election.</summary>
    public string? Kind { get; init; }
}

/// <summary>Body of PUT /quotas and /quotas/{prefix}; what is null is not limited.</summary>
internal sealed record QuotaBody
{
    /// <summary>Most live keys.</summary>
    public long? Keys { get; init; }

    /// <summary>Most bytes, all kept versions with their overhead.</summary>
    public long? Bytes { get; init; }
}
