using Medallion.Threading;
using RaftKv.Client;

namespace RaftKv.DistributedLock;

/// <summary>Makes locks, upgradeable reader-writer locks and semaphores of one cluster, by name. Safe from any thread.</summary>
/// <remarks><code>
/// services.AddRaftKvClient(o => o.Endpoints = [new("http://n1:2379"), new("http://n2:2379"), new("http://n3:2379")]);
/// services.AddRaftKvDistributedLocks(new RaftKvDistributedLockOptions { Prefix = "shop/" });
/// </code></remarks>
public sealed class RaftKvDistributedSynchronizationProvider
    : IDistributedLockProvider, IDistributedUpgradeableReaderWriterLockProvider, IDistributedSemaphoreProvider
{
    private readonly RaftKvClient _client;
    private readonly RaftKvDistributedLockOptions _options;

    /// <summary>A provider of what this client's cluster has.</summary>
    /// <param name="client">Not disposed here.</param>
    /// <param name="options">Null for the defaults.</param>
    public RaftKvDistributedSynchronizationProvider(RaftKvClient client, RaftKvDistributedLockOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = options ?? new();
    }

    /// <summary>The lock of this name.</summary>
    public RaftKvDistributedLock CreateLock(string name) => new(_client, name, _options);

    /// <summary>The reader-writer lock of this name, which can be upgraded.</summary>
    public RaftKvDistributedReaderWriterLock CreateReaderWriterLock(string name) => new(_client, name, _options);

    /// <summary>The semaphore of this name.</summary>
    public RaftKvDistributedSemaphore CreateSemaphore(string name, int maxCount) => new(_client, name, maxCount, _options);

    IDistributedLock IDistributedLockProvider.CreateLock(string name) => CreateLock(name);

    IDistributedReaderWriterLock IDistributedReaderWriterLockProvider.CreateReaderWriterLock(string name) => CreateReaderWriterLock(name);

    IDistributedUpgradeableReaderWriterLock IDistributedUpgradeableReaderWriterLockProvider.CreateUpgradeableReaderWriterLock(
        string name) =>
        CreateReaderWriterLock(name);

    IDistributedSemaphore IDistributedSemaphoreProvider.CreateSemaphore(string name, int maxCount) => CreateSemaphore(name, maxCount);
}
