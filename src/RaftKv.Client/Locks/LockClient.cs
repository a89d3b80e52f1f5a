using System.Text.Json;
using RaftKv.Client.Calls;
using RaftKv.Client.Http;
using RaftKv.Client.Locks;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client;

/// <summary>
/// Locks and semaphores: a fair queue, woken by the server, with fencing tokens. Get it from
/// <see cref="RaftKvClient.Locks"/>.
/// </summary>
/// <remarks><code>
/// await using LockHandle h = await client.Locks.AcquireAsync("orders/42", TimeSpan.FromSeconds(10), ct);
/// await ShipAsync(h.LostToken);
/// await client.PutAsync("orders/42/state", "shipped", new WriteOptions { Fence = h.Fence });
/// </code></remarks>
public sealed class LockClient
{
    private readonly CallCore _core;
    private readonly LeaseClient _leases;

    internal LockClient(CallCore core, LeaseClient leases)
    {
        _core = core;
        _leases = leases;
    }

    /// <summary>Waits for the lock, alone.</summary>
    /// <param name="name">1 to 1,024 bytes.</param>
    /// <param name="ttl">How long the lock outlives a holder that died; renewed at a third of it while held.</param>
    /// <param name="cancellationToken">Ends the wait, and leaves the queue.</param>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused; nothing is held.</exception>
    public Task<LockHandle> AcquireAsync(string name, TimeSpan ttl, CancellationToken cancellationToken = default) =>
        AcquireAsync(name, ttl, new LockOptions(), cancellationToken);

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="RaftKvLockHeldException">Others held it for all of <see cref="LockOptions.Wait"/>.</exception>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused; nothing is held.</exception>
    /// <inheritdoc cref="AcquireAsync(string, TimeSpan, CancellationToken)"/>
    public async Task<LockHandle> AcquireAsync(string name, TimeSpan ttl, LockOptions options, CancellationToken cancellationToken = default)
    {
        Acquisition got = await Request(name, options)
            .AcquireAsync(_core, _leases, ttl, options.Wait, cancellationToken).ConfigureAwait(false);
        return ToHandle(name, FenceKind.Lock, options.Mode, got.OrThrow());
    }

    /// <summary>Takes the lock if it is free now; null when it is not.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused; nothing is held.</exception>
    public async Task<LockHandle?> TryAcquireAsync(
        string name, TimeSpan ttl, LockOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        Acquisition got = await Request(name, options)
            .AcquireAsync(_core, _leases, ttl, options.Wait ?? TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        return got.Keeper is null ? null : ToHandle(name, FenceKind.Lock, options.Mode, got);
    }

    /// <summary>A lock that many readers hold together, or one writer alone.</summary>
    public ReaderWriterLock ReaderWriter(string name, TimeSpan ttl) => new(this, name, ttl);

    /// <summary>Waits for one of a semaphore's places.</summary>
    /// <param name="limit">How many places there are; all who use the name must say the same.</param>
    /// <exception cref="RaftKvLockHeldException">None was free for all of <see cref="LockOptions.Wait"/>.</exception>
    /// <exception cref="RaftKvRequestException">Code <c>limit-mismatch</c>: others use another limit.</exception>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused; nothing is held.</exception>
    public async Task<LockHandle> AcquirePlaceAsync(
        string semaphore, int limit, TimeSpan ttl, LockOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        Acquisition got = await Request(semaphore, limit, options)
            .AcquireAsync(_core, _leases, ttl, options.Wait, cancellationToken).ConfigureAwait(false);
        return ToHandle(semaphore, FenceKind.Semaphore, LockMode.Shared, got.OrThrow());
    }

    /// <summary>Takes one of a semaphore's places if one is free now; null when none is.</summary>
    /// <exception cref="RaftKvException">No node could answer, or the request is refused; nothing is held.</exception>
    public async Task<LockHandle?> TryAcquirePlaceAsync(
        string semaphore, int limit, TimeSpan ttl, LockOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        Acquisition got = await Request(semaphore, limit, options)
            .AcquireAsync(_core, _leases, ttl, options.Wait ?? TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        return got.Keeper is null ? null : ToHandle(semaphore, FenceKind.Semaphore, LockMode.Shared, got);
    }

    /// <summary>Who holds a lock and who waits for it; both empty when it is free.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public Task<LockState> GetAsync(string name, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        GetAsync(AcquireRequest.Locks, name, options, cancellationToken);

    /// <summary>Who holds a semaphore's places and who waits for one.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public Task<LockState> GetSemaphoreAsync(string name, ReadOptions? options = null, CancellationToken cancellationToken = default) =>
        GetAsync(AcquireRequest.Semaphores, name, options, cancellationToken);

    /// <summary>Whether this holder holds at present, for resources outside the store; linearizable.</summary>
    /// <exception cref="RaftKvException">No node could answer.</exception>
    public async Task<bool> VerifyAsync(Fence fence, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fence);
        FenceBody body = new() { Lock = fence.Name, Token = fence.Token, Kind = fence.Kind.ToName() };
        RequestSpec spec = new(HttpMethod.Post, "/api/v1/fence/verify", RequestKind.Read)
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(body, RequestJson.Default.FenceBody),
            ContentType = RequestSpecs.Json,
        };
        Answer answer = await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        return WireMapping.Parse(answer, AnswerJson.Default.FenceAnswer, RequestKind.Read).Valid;
    }

    private static AcquireRequest Request(string name, LockOptions options) => new(AcquireRequest.Locks, name, "")
    {
        Body = new AcquireBody
        {
            Owner = options.Owner ?? AcquireRequest.DefaultOwner,
            Mode = options.Mode == LockMode.Shared ? LockModes.Shared : LockModes.Exclusive,
        },
    };

    private static AcquireRequest Request(string semaphore, int limit, LockOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return new AcquireRequest(AcquireRequest.Semaphores, semaphore, "")
        {
            Body = new AcquireBody { Owner = options.Owner ?? AcquireRequest.DefaultOwner, Limit = limit },
        };
    }

    private static LockHandle ToHandle(string name, FenceKind kind, LockMode mode, Acquisition got) =>
        new(new Fence(name, got.Token, kind), mode, got.Keeper!, got.Metadata!);

    private async Task<LockState> GetAsync(string root, string name, ReadOptions? options, CancellationToken cancellationToken)
    {
        RequestSpec spec = RequestSpecs.Read(AcquireRequest.Target(root, name), options, _core.Options.Consistency);
        Answer answer = await _core.SendAsync(spec, cancellationToken).ConfigureAwait(false);
        QueueAnswer wire = WireMapping.Parse(answer, AnswerJson.Default.QueueAnswer, RequestKind.Read);
        return new LockState(name, LockHolders.Of(wire.Holders), LockHolders.Of(wire.Queue), answer.Metadata);
    }
}

/// <summary>A lock or semaphore as it is.</summary>
/// <param name="Queue">Those who wait, in the order in which they come next.</param>
public sealed record LockState(string Name, IReadOnlyList<LockHolder> Holders, IReadOnlyList<LockHolder> Queue, ResponseMetadata Metadata)
{
    /// <summary>True when nobody holds it.</summary>
    public bool IsFree => Holders.Count == 0;
}
