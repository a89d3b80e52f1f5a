using RaftKv.Client;

namespace RaftKv.DistributedLock;

/// <summary>Asks the cluster for one place.</summary>
internal static class Places
{
    /// <summary>The place; null when others had it for all of the wait.</summary>
    /// <param name="wait">Null waits until cancelled.</param>
    internal static async Task<LockHandle?> AcquireAsync(
        RaftKvClient client, string name, LockMode mode, RaftKvDistributedLockOptions options, TimeSpan? wait,
        CancellationToken cancellationToken) =>
        wait is null
            ? await client.Locks.AcquireAsync(name, options.Ttl, options.Asking(mode, wait), cancellationToken).ConfigureAwait(false)
            : await client.Locks.TryAcquireAsync(name, options.Ttl, options.Asking(mode, wait), cancellationToken).ConfigureAwait(false);
}
