using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using RaftKv.Client;

namespace RaftKv.Akka;

/// <summary>A lease that is a lock of RaftKv: of all who ask for its name, one holds it. Any thread.</summary>
/// <remarks>
/// <see cref="CheckLease"/> looks at the clock at the time of the call: it is false before the cluster can give the lease to
/// another owner, however long this process stood still. A process that stands still between the check and the deed can't be
/// told in time: writes that must not come late carry <see cref="Fence"/>, and the cluster refuses them.
/// The lease is renewed at a third of <c>heartbeat-timeout</c>; <c>heartbeat-interval</c> is not used. An owner that
/// crashed and comes back under its name waits for the rest of that time, as any other one.
/// <code>
/// akka.cluster.singleton.use-lease = "akka.coordination.lease.raftkv"
/// akka.coordination.lease.raftkv.endpoints = ["http://n1:2379", "http://n2:2379", "http://n3:2379"]
/// </code>
/// </remarks>
public sealed class RaftKvLease : Lease
{
    /// <summary>Where the settings are: what <c>use-lease</c> names.</summary>
    public const string ConfigPath = "akka.coordination.lease.raftkv";

    private readonly RaftKvClient _client;
    private readonly string _lock;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private Task<bool>? _acquiring;
    private LockHandle? _handle;
    private Action<Exception?>? _lost;

    /// <summary>Called by Akka's <see cref="LeaseProvider"/>.</summary>
    /// <exception cref="ConfigurationException">
    /// Neither <c>endpoints</c> nor a <see cref="RaftKvLeaseSetup"/> says where the cluster is.
    /// </exception>
    public RaftKvLease(LeaseSettings settings, ExtendedActorSystem system)
        : base(settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(system);
        _client = RaftKvLeaseClient.Get(system).Client;
        _lock = settings.LeaseConfig.GetString("lock-prefix", "akka/") + settings.LeaseName;
    }

    /// <summary>The settings' defaults; put them below your configuration.</summary>
    public static Config DefaultConfig { get; } = ConfigurationFactory.ParseString(
        """
        akka.coordination.lease.raftkv {
          lease-class = "RaftKv.Akka.RaftKvLease, RaftKv.Akka"

          # Client addresses of the cluster; unless a RaftKvLeaseSetup brings a client.
          endpoints = []

          # The lock's name is this and the lease's name.
          lock-prefix = "akka/"

          # How long the lease outlives an owner that crashed. Renewed at a third of it.
          heartbeat-timeout = 30s
          heartbeat-interval = 10s

          # Most time for an acquisition or a release.
          lease-operation-timeout = 5s
        }
        """);

    /// <summary>
    /// For <see cref="WriteOptions.Fence"/>: such a write is applied only while this owner holds the lease. Null while it
    /// does not surely hold it.
    /// </summary>
    public Fence? Fence => Held()?.Fence;

    /// <summary>Larger than the token of every owner before, for resources outside RaftKv; null while it is not surely held.</summary>
    public long? FencingToken => Held()?.FencingToken;

    /// <inheritdoc/>
    public override bool CheckLease() => Held() is not null;

    /// <inheritdoc/>
    public override Task<bool> Acquire() => BeginAcquire(lost: null);

    /// <summary>
    /// Takes the lease if nobody holds it. True when this owner holds it, also when it held it before; false when another
    /// one does. Calls that overlap share one attempt.
    /// </summary>
    /// <param name="leaseLostCallback">
    /// Told once, after the returned task has ended, when the lease is or may be lost; not when it is released. The latest
    /// one that was given counts.
    /// </param>
    /// <exception cref="LeaseTimeoutException">No answer in <c>lease-operation-timeout</c>; nothing is held.</exception>
    /// <exception cref="LeaseException">Other failures; nothing is held.</exception>
    public override Task<bool> Acquire(Action<Exception?> leaseLostCallback) => BeginAcquire(leaseLostCallback);

    /// <summary>Gives the lease back; true also when it was not held.</summary>
    /// <exception cref="LeaseTimeoutException">
    /// No answer in <c>lease-operation-timeout</c>: this owner holds it no more, but others may have to wait for the rest of
    /// <c>heartbeat-timeout</c>.
    /// </exception>
    public override async Task<bool> Release()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            LockHandle? handle;
            lock (_gate)
            {
                handle = _handle;
                _handle = null;
            }

            if (handle is not null)
            {
                await handle.DisposeAsync().ConfigureAwait(false);
                await RequireGoneAsync(handle.LeaseId).ConfigureAwait(false);
            }

            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    private LockHandle? Held()
    {
        lock (_gate)
        {
            return _handle is { IsHeld: true } held ? held : null;
        }
    }

    private Task<bool> BeginAcquire(Action<Exception?>? lost)
    {
        lock (_gate)
        {
            _lost = lost ?? _lost;
            if (_acquiring is not { IsCompleted: false })
            {
                _acquiring = AcquireInTurnAsync();
                _ = WatchAsync(_acquiring);
            }

            return _acquiring;
        }
    }

    private async Task<bool> AcquireInTurnAsync()
    {
        // Not under the caller's lock: an acquisition that ends at once would be told as one that never ran.
        await Task.Yield();
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Held() is not null)
            {
                return true;
            }

            LockHandle? handle = await TryAcquireAsync().ConfigureAwait(false);
            LockHandle? lost;
            lock (_gate)
            {
                (lost, _handle) = (_handle, handle);
            }

            if (lost is not null)
            {
                // Lost, and not told yet: whoever acquires again knows.
                await lost.DisposeAsync().ConfigureAwait(false);
            }

            return handle is not null;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<LockHandle?> TryAcquireAsync()
    {
        using CancellationTokenSource timeout = new(Settings.TimeoutSettings.OperationTimeout, TimeProvider.System);
        try
        {
            LockOptions options = new() { Owner = Settings.OwnerName };
            return await _client.Locks
                .TryAcquireAsync(_lock, Settings.TimeoutSettings.HeartbeatTimeout, options, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new LeaseTimeoutException($"The lease {_lock} was not acquired for {Settings.OwnerName}: no answer in time.");
        }
        catch (RaftKvException e)
        {
            throw new LeaseException($"The lease {_lock} was not acquired for {Settings.OwnerName}: {e.Message}", e);
        }
    }

    /// <summary>A revocation that reached no server is told, not swallowed.</summary>
    private async Task RequireGoneAsync(string leaseId)
    {
        using CancellationTokenSource timeout = new(Settings.TimeoutSettings.OperationTimeout, TimeProvider.System);
        bool isGone = false;
        try
        {
            isGone = await _client.Leases.GetAsync(leaseId, timeout.Token).ConfigureAwait(false) is null;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // Not known.
        }
        catch (RaftKvException)
        {
            // Not known.
        }

        if (!isGone)
        {
            throw new LeaseTimeoutException(
                $"The lease {_lock} is given up by {Settings.OwnerName}, but no server has confirmed it; it ends by itself.");
        }
    }

    /// <summary>Tells the loss of what was acquired, after the acquisition has been told.</summary>
    private async Task WatchAsync(Task<bool> acquiring)
    {
        await ((Task)acquiring).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LockHandle? handle;
        lock (_gate)
        {
            handle = acquiring.IsCompletedSuccessfully && acquiring.Result ? _handle : null;
        }

        handle?.LostToken.Register(() => TellLoss(handle));
    }

    private void TellLoss(LockHandle handle)
    {
        Action<Exception?>? lost;
        lock (_gate)
        {
            // A released one is no longer here; one that was watched twice has been told.
            if (_handle != handle)
            {
                return;
            }

            _handle = null;
            lost = _lost;
        }

        // Nothing is left to be revoked; this ends its timers, and throws nothing.
        _ = handle.DisposeAsync().AsTask();
        lost?.Invoke(new LeaseException($"The lease {_lock} of {Settings.OwnerName} is lost: it could not be renewed in time."));
    }
}
