namespace RaftKv.Client;

/// <summary>
/// A lock that many readers hold together, or one writer alone, in the order of arrival: a waiting writer holds up later
/// readers, so none starves. Make it with <see cref="LockClient.ReaderWriter"/>; it is safe from any thread.
/// </summary>
/// <remarks><code>
/// ReaderWriterLock catalog = client.Locks.ReaderWriter("catalog", TimeSpan.FromSeconds(10));
/// await using LockHandle read = await catalog.AcquireReadAsync(ct);
/// </code></remarks>
public sealed class ReaderWriterLock
{
    private readonly LockClient _locks;
    private readonly string _name;
    private readonly TimeSpan _ttl;

    internal ReaderWriterLock(LockClient locks, string name, TimeSpan ttl)
    {
        _locks = locks;
        _name = name;
        _ttl = ttl;
    }

    /// <summary>Waits until no writer holds it or waits before us.</summary>
    /// <exception cref="RaftKvException">No node could answer; nothing is held.</exception>
    public Task<LockHandle> AcquireReadAsync(CancellationToken cancellationToken = default) =>
        _locks.AcquireAsync(_name, _ttl, new LockOptions { Mode = LockMode.Shared }, cancellationToken);

    /// <summary>Waits until nobody holds it.</summary>
    /// <exception cref="RaftKvException">No node could answer; nothing is held.</exception>
    public Task<LockHandle> AcquireWriteAsync(CancellationToken cancellationToken = default) =>
        _locks.AcquireAsync(_name, _ttl, new LockOptions { Mode = LockMode.Exclusive }, cancellationToken);

    /// <summary>Reads if that is possible now; null when it is not.</summary>
    /// <exception cref="RaftKvException">No node could answer; nothing is held.</exception>
    public Task<LockHandle?> TryAcquireReadAsync(CancellationToken cancellationToken = default) =>
        _locks.TryAcquireAsync(_name, _ttl, new LockOptions { Mode = LockMode.Shared }, cancellationToken);

    /// <summary>Writes if that is possible now; null when it is not.</summary>
    /// <exception cref="RaftKvException">No node could answer; nothing is held.</exception>
    public Task<LockHandle?> TryAcquireWriteAsync(CancellationToken cancellationToken = default) =>
        _locks.TryAcquireAsync(_name, _ttl, new LockOptions { Mode = LockMode.Exclusive }, cancellationToken);
}
