namespace RaftKv.Client;

/// <summary>How a lock or a semaphore's place is taken.</summary>
public sealed record LockOptions
{
    /// <summary>Alone, or together with others that share.</summary>
    public LockMode Mode { get; init; }

    /// <summary>Most time to wait; null waits until the token is cancelled. Zero tries once.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Who holds it, for people to read; null says machine and process.</summary>
    public string? Owner { get; init; }
}
