using System.Collections.Concurrent;
using Quartz.Impl.AdoJobStore;
using RaftKv.Client;

namespace RaftKv.Quartz;

/// <summary>
/// The cluster lock of a persistent store, in place of rows that its database locks: for databases without such locks, or to
/// take that load from it. Safe from any thread.
/// </summary>
/// <remarks>
/// What the store does under the lock is not fenced by the database: a scheduler that stands still for longer than
/// <see cref="RaftKvQuartzOptions.LockTtl"/> in the middle of it writes late. Where the database can lock rows, its own
/// handler is the safer one.
/// <code>
/// store.UseLockHandler(provider => new RaftKvLockHandler(provider.GetRequiredService&lt;RaftKvClient&gt;()));
/// </code>
/// </remarks>
public sealed class RaftKvLockHandler : ILockHandler
{
    private readonly RaftKvClient _client;
    private readonly RaftKvQuartzOptions _options;
    private readonly ConcurrentDictionary<(Guid Requestor, SchedulerLock Kind), LockHandle> _held = new();
    private string _scheduler = "";

    /// <summary>A handler for one scheduler.</summary>
    /// <param name="client">Not disposed here.</param>
    /// <param name="options">Null for the defaults.</param>
    public RaftKvLockHandler(RaftKvClient client, RaftKvQuartzOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = options ?? new();
    }

    /// <summary>False: the store need not open a connection to wait.</summary>
    public bool RequiresConnection => false;

    /// <summary>Schedulers of one name share the locks.</summary>
    public void Initialize(LockHandlerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _scheduler = context.SchedulerName;
    }

    /// <summary>Waits for the lock. True: it is taken, and to be released; false: this requestor has it already.</summary>
    /// <exception cref="LockException">It can't be had, or what this requestor had is lost.</exception>
    public async ValueTask<bool> AcquireLock(
        Guid requestorId, ConnectionAndTransactionHolder? conn, SchedulerLock lockKind, CancellationToken cancellationToken = default)
    {
        if (_held.TryGetValue((requestorId, lockKind), out LockHandle? held))
        {
            return held.IsHeld ? false : throw new LockException($"The lock {NameOf(lockKind)} of this unit of work is or may be lost.");
        }

        try
        {
            _held[(requestorId, lockKind)] = await _client.Locks
                .AcquireAsync(NameOf(lockKind), _options.LockTtl, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RaftKvException e)
        {
            throw new LockException($"The lock {NameOf(lockKind)} can't be had: {e.Message}", e);
        }
    }

    /// <summary>Gives it back; nothing happens when it is not held.</summary>
    public ValueTask ReleaseLock(Guid requestorId, SchedulerLock lockKind, CancellationToken cancellationToken = default) =>
        _held.TryRemove((requestorId, lockKind), out LockHandle? held) ? held.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Gives back what is still held.</summary>
    public async ValueTask Shutdown(CancellationToken cancellationToken = default)
    {
        foreach ((Guid requestor, SchedulerLock kind) in _held.Keys)
        {
            await ReleaseLock(requestor, kind, cancellationToken).ConfigureAwait(false);
        }
    }

    private string NameOf(SchedulerLock kind) => $"{_options.Prefix}locks/{_scheduler}/{kind}";
}
