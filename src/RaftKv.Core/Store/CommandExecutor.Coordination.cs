using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store;

internal sealed partial class CommandExecutor
{
    /// <summary>True while every token holds its lock.</summary>
    public bool Hold(IReadOnlyList<Fence> fences)
    {
        for (int i = 0; i < fences.Count; i++)
        {
            LockQueue queue = LockQueue.Read(_table.Root, fences[i].Kind, fences[i].Name);
            if (queue.Find(fences[i].Token) is not { IsHolder: true })
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Begins to end a lease; its answer comes at once when there is none.</summary>
    public LeaseEnding? BeginEnding(LeaseId lease, DeleteReason reason, Revision revision)
    {
        Begin(revision, default);
        return _leases.Exists(lease) ? new LeaseEnding(this, _leases, _leases.Records, lease, reason) : null;
    }

    /// <summary>Ends leases, all in the one revision after <paramref name="revision"/>: for a restore, which holds up nobody.</summary>
    public void EndAtOnce(List<LeaseChange> leases, Revision revision)
    {
        Begin(revision, default);
        WorkMeter whole = new();
        for (int i = 0; i < leases.Count; i++)
        {
            CommandResult? end = new LeaseEnding(this, _leases, _leases.Records, leases[i].Lease, DeleteReason.Revoked).Step(whole);
            Check.That(end is not null, "what nothing cuts is done at once", leases[i].Lease.Value, i);
        }
    }

    /// <summary>Deletes a key because its lease ends.</summary>
    public void DeleteOf(LeaseId lease, ReadOnlySpan<byte> key, DeleteReason reason)
    {
        KeyValue? present = _table.SeekLive(key);
        bool isOnLease = present is not null && present.Lease == lease;
        Check.That(isOnLease, "a key that hangs on a lease lives and says so", lease.Value, _writeCount);
        _table.WriteAtSeek(KeyValue.Of(
            VersionBytes.Copy(key, default), Revision.Zero, WriteRevision, _writeCount, version: 0, lease, reason));
        _leases.Move(key, lease, LeaseId.None);
        _writeCount++;
    }

    /// <summary>True while some prefix is guarded.</summary>
    public bool HasGuards => _guards.Count > 0;

    /// <summary>Whether the guards are content with what an operation that is no txn will write.</summary>
    public bool IsAllowed(KvOp op, IReadOnlyList<Fence> fences) => op switch
    {
        PutOp put => _guards.Allows(put.Key.Span, fences),
        IncrementOp increment => _guards.Allows(increment.Key.Span, fences),
        DeleteRangeOp delete => _guards.Allows(delete.Keys, fences),
        RangeOp or AcquireOp => true,
        _ => Check.Unreachable<bool>(op),
    };

    /// <summary>Takes a place in a queue.</summary>
    public CommandResult Acquire(AcquireOp acquire)
    {
        CommandStatus status = acquire.TtlMs > 0 ? _leases.CheckGrant(acquire.Lease)
            : _leases.Exists(acquire.Lease) ? CommandStatus.Ok
            : CommandStatus.LeaseNotFound;
        if (status != CommandStatus.Ok)
        {
            return new CommandResult(status, _before);
        }

        LockQueue queue = LockQueue.Read(_table.Root, acquire.Kind, acquire.Name);
        if (queue.Entries.Count > 0 && queue.Limit != acquire.Limit)
        {
            return new CommandResult(CommandStatus.LimitMismatch, _before);
        }

        if (queue.Find(acquire.Lease) is { } own)
        {
            return AcquireAgain(acquire, queue, own);
        }

        bool isHolder = queue.WouldHold(acquire.Mode, acquire.Limit);
        if (acquire.IsTry && !isHolder)
        {
            return new CommandResult(CommandStatus.LockHeld, _before);
        }

        if (queue.Entries.Count >= acquire.MaxQueue)
        {
            return new CommandResult(CommandStatus.QueueFull, _before);
        }

        byte[] key = LockKeys.KeyOf(acquire.Kind, acquire.Name.Span, acquire.Mode, acquire.Lease);
        if (_table.SeekLive(key) is not null)
        {
            // Somebody wrote here past the doors. A place on top of it would get its create revision: an old token.
            return new CommandResult(CommandStatus.LimitMismatch, _before);
        }

        byte[] value = LockQueue.ValueOf(acquire.Kind, acquire.Limit, acquire.Value.Span);
        _space.AddVersion(key, value.Length, acquire.Lease);
        if (acquire.TtlMs > 0)
        {
            _space.AddRecord(SystemKeys.AttachmentHeaderBytes, sizeof(long));
        }

        if (_space.Refusal(_before) is { } refusal)
        {
            return refusal;
        }

        if (acquire.TtlMs > 0)
        {
            status = _leases.Grant(acquire.Lease, acquire.TtlMs);
            Check.That(status == CommandStatus.Ok, "the grant was checked before", (long)status, acquire.Lease.Value);
        }

        KeyValue entry = Write(VersionBytes.Copy(key, value), previous: null, acquire.Lease);
        int holderCount = queue.HolderCount + (isHolder ? 1 : 0);
        return new CommandResult(
            CommandStatus.Ok, Current, new AcquireResult(entry, isHolder, queue.Entries.Count, holderCount));
    }

    // A repeat, or a client that asks again, gets the place that its lease has: same token, same value. It is written
    // anew all the same. Danger: 1. A request waits through one node and its connection dies. 2. The client asks again
    // through another. 3. The first node gives back what it waited for: the place that the client now has. So whoever asked
    // last owns the place's newest revision, and giving back is bound to that.
    private CommandResult AcquireAgain(AcquireOp acquire, LockQueue queue, LockEntry own)
    {
        if (own.Mode != acquire.Mode)
        {
            return new CommandResult(CommandStatus.LimitMismatch, _before);
        }

        if (acquire.IsTry && !own.IsHolder)
        {
            return new CommandResult(CommandStatus.LockHeld, _before);
        }

        KeyValue? present = _table.SeekLive(own.Pair.KeySpan);
        Check.That(ReferenceEquals(present, own.Pair), "a place that is read is the newest version of its key");
        _space.AddVersion(own.Pair.KeySpan, own.Pair.ValueSpan.Length, own.Lease);
        if (_space.Refusal(_before) is { } refusal)
        {
            return refusal;
        }

        KeyValue entry = Write(own.Pair.Bytes, own.Pair, own.Lease);
        return new CommandResult(
            CommandStatus.Ok, Current, new AcquireResult(entry, own.IsHolder, own.Position, queue.HolderCount));
    }
}
