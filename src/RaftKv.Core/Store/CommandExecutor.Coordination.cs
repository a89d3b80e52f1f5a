using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

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

    /// <summary>
    /// Ends a lease: every key that hangs on it goes, all in one revision, or none when none does. Guards do not ask
    /// for a fence here: the end of a lease is no write of a client that may have lost its lock.
    /// </summary>
    public CommandResult EndLease(LeaseId lease, DeleteReason reason, Revision revision)
    {
        Begin(revision, default);
        if (!_leases.Exists(lease))
        {
            return new CommandResult(CommandStatus.LeaseNotFound, revision);
        }

        List<ReadOnlyMemory<byte>> keys = _leases.KeysOf(lease);
        for (int i = 0; i < keys.Count; i++)
        {
            ReadOnlySpan<byte> key = keys[i].Span;
            KeyValue? present = _table.SeekLive(key);
            Check.That(present is not null && present.Lease == lease, "a key that hangs on a lease lives and says so", lease.Value, i);
            _table.WriteAtSeek(new KeyValue(
                VersionBytes.Copy(key, default), Revision.Zero, WriteRevision, _writeCount, version: 0, lease, reason));
            _leases.Move(key, lease, LeaseId.None);
            _writeCount++;
        }

        _leases.Remove(lease);
        return new CommandResult(CommandStatus.Ok, Current, new LeaseEndedResult(lease, keys.Count));
    }

    /// <summary>Whether the guards are content with what the operation will write.</summary>
    private bool IsAllowed(KvOp op, TxnPath? path, IReadOnlyList<Fence> fences)
    {
        if (_guards.Count == 0)
        {
            return true;
        }

        switch (op)
        {
            case PutOp put:
                return _guards.Allows(put.Key.Span, fences);
            case IncrementOp increment:
                return _guards.Allows(increment.Key.Span, fences);
            case DeleteRangeOp delete:
                return _guards.Allows(delete.Keys, fences);
            case TxnOp:
                bool isAllowed = true;
                for (int i = 0; i < path!.Ops.Count && isAllowed; i++)
                {
                    isAllowed = IsAllowed(path.Ops[i], path.Nested(i), fences);
                }

                return isAllowed;
            case RangeOp or AcquireOp:
                return true;
            default:
                return Check.Unreachable<bool>(op);
        }
    }

    private CommandResult Acquire(AcquireOp acquire)
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
