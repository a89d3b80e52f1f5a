using System.Buffers.Text;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store;

/// <summary>
/// Runs one operation, txns included, in three steps: choose the path (compares see the state before the command),
/// check everything that could fail, then write. Nothing is written before all is checked, so a refused command changes
/// nothing and there is no undo.
/// </summary>
/// <remarks>
/// Checking first is enough because one command writes a key at most once (<see cref="DuplicateKeyCheck"/>): what a put
/// or an increment finds when it runs is what was there before the command. Used by the applying thread.
/// </remarks>
internal sealed partial class CommandExecutor
{
    // Characters of the longest int64, its sign included.
    private const int MaxNumberBytes = 20;

    private readonly VersionTable _table;
    private readonly LeaseTable _leases;
    private readonly GuardTable _guards;
    private readonly SpaceKeeper _space;
    private Revision _before;
    private Revision _compacted;
    private int _writeCount;

    public CommandExecutor(VersionTable table, LeaseTable leases, GuardTable guards, SpaceKeeper space)
    {
        _table = table;
        _leases = leases;
        _guards = guards;
        _space = space;
    }

    // All writes of a command have this one revision, as in etcd.
    private Revision WriteRevision => _before.Next;

    private Revision Current => _writeCount > 0 ? WriteRevision : _before;

    /// <summary>A put without a guard; the same as <see cref="Run"/> with less to allocate.</summary>
    public CommandResult RunPut(in PutParts put, Revision revision, Revision compacted)
    {
        Begin(revision, compacted);
        CommandStatus status = _guards.Allows(put.Key.Span, []) ? CheckPut(put) : CommandStatus.FenceRequired;
        return status != CommandStatus.Ok
            ? new CommandResult(status, revision)
            : _space.Refusal(revision) ?? new CommandResult(CommandStatus.Ok, WriteRevision, Put(put));
    }

    /// <summary>
    /// Runs a command on a store at <paramref name="revision"/>; the answer has the revision after it.
    /// </summary>
    public CommandResult Run(MutateCommand command, Revision revision, Revision compacted)
    {
        Begin(revision, compacted);
        if (command.Op is TxnOp && DuplicateKeyCheck.WritesAKeyTwice(command.Op))
        {
            return new CommandResult(CommandStatus.DuplicateKey, revision);
        }

        TxnPath? path = command.Op is TxnOp txn ? TxnPath.Choose(_table.Root, txn) : null;
        if (!IsAllowed(command.Op, path, command.Fences))
        {
            return new CommandResult(CommandStatus.FenceRequired, revision);
        }

        if (command.Guard is { } guard && !CompareEvaluator.IsTrue(_table.Root, guard))
        {
            KeyValue? present = guard.Keys.Kind == KeyRangeKind.Single
                ? RangeReader.LiveNewest(KeyTree.Find(_table.Root, guard.Keys.Start.Span))
                : null;
            return new CommandResult(CommandStatus.GuardFailed, revision, Current: present);
        }

        if (command.Op is AcquireOp acquire)
        {
            return Acquire(acquire);
        }

        CommandStatus status = CheckOp(command.Op, path);
        if (status != CommandStatus.Ok)
        {
            return new CommandResult(status, revision);
        }

        if (_space.Refusal(revision) is { } refusal)
        {
            return refusal;
        }

        OpResult result = Execute(command.Op, path);
        return new CommandResult(CommandStatus.Ok, Current, result);
    }

    private static PutParts PartsOf(PutOp put)
    {
        PutFlags flags = (put.WantsPrevious ? PutFlags.WantsPrevious : 0)
            | (put.KeepsValue ? PutFlags.KeepsValue : 0)
            | (put.KeepsLease ? PutFlags.KeepsLease : 0);
        return new PutParts(put.Key, put.Value, put.Lease, flags);
    }

    private void Begin(Revision revision, Revision compacted)
    {
        _before = revision;
        _compacted = compacted;
        _writeCount = 0;
        _space.Begin();
    }

    private CommandStatus CheckOp(KvOp op, TxnPath? path)
    {
        switch (op)
        {
            case PutOp put:
                return CheckPut(PartsOf(put));
            case DeleteRangeOp:
                return CommandStatus.Ok;
            case RangeOp range:
                return RangeReader.StatusOf(range.Request.Revision, _before, _compacted) switch
                {
                    ReadStatus.Compacted => CommandStatus.Compacted,
                    ReadStatus.FutureRevision => CommandStatus.FutureRevision,
                    _ => CommandStatus.Ok,
                };
            case IncrementOp increment:
                return CheckIncrement(increment);
            case TxnOp:
                CommandStatus status = CommandStatus.Ok;
                for (int i = 0; i < path!.Ops.Count && status == CommandStatus.Ok; i++)
                {
                    status = CheckOp(path.Ops[i], path.Nested(i));
                }

                return status;
            default:
                return Check.Unreachable<CommandStatus>(op);
        }
    }

    private CommandStatus CheckPut(in PutParts put)
    {
        bool keepsLease = (put.Flags & PutFlags.KeepsLease) != 0;
        if (!put.Lease.IsNone && !keepsLease && !_leases.Exists(put.Lease))
        {
            return CommandStatus.LeaseNotFound;
        }

        bool keepsValue = (put.Flags & PutFlags.KeepsValue) != 0;
        KeyValue? present = keepsLease || keepsValue ? RangeReader.LiveNewest(KeyTree.Find(_table.Root, put.Key.Span)) : null;
        if (present is null && (keepsLease || keepsValue))
        {
            return CommandStatus.KeyNotFound;
        }

        _space.AddVersion(
            put.Key.Span, keepsValue ? present!.ValueSpan.Length : put.Value.Length, keepsLease ? present!.Lease : put.Lease);
        return CommandStatus.Ok;
    }

    private CommandStatus CheckIncrement(IncrementOp increment)
    {
        CommandStatus status = TryAdd(increment, out _);
        if (status == CommandStatus.Ok)
        {
            // Its lease stays the one that it has, so nothing is attached. The longest number, whatever the sum.
            _space.AddVersion(increment.Key.Span, MaxNumberBytes, LeaseId.None);
        }

        return status;
    }

    private CommandStatus TryAdd(IncrementOp increment, out long sum)
    {
        sum = increment.By;
        KeyValue? present = RangeReader.LiveNewest(KeyTree.Find(_table.Root, increment.Key.Span));
        if (present is null)
        {
            return CommandStatus.Ok;
        }

        ReadOnlySpan<byte> text = present.ValueSpan;
        if (!Utf8Parser.TryParse(text, out long number, out int parsedBytes) || parsedBytes != text.Length)
        {
            return CommandStatus.NotANumber;
        }

        sum = unchecked(number + increment.By);
        bool isOverflow = ((number ^ sum) & (increment.By ^ sum)) < 0;
        return isOverflow ? CommandStatus.CounterOverflow : CommandStatus.Ok;
    }

    private OpResult Execute(KvOp op, TxnPath? path) => op switch
    {
        PutOp put => Put(PartsOf(put)),
        DeleteRangeOp delete => Delete(delete),
        RangeOp range => Read(range),
        IncrementOp increment => Increment(increment),
        TxnOp => ExecuteTxn(path!),
        _ => Check.Unreachable<OpResult>(op),
    };

    private TxnResult ExecuteTxn(TxnPath path)
    {
        List<OpResult> results = new(path.Ops.Count);
        for (int i = 0; i < path.Ops.Count; i++)
        {
            results.Add(Execute(path.Ops[i], path.Nested(i)));
        }

        return new TxnResult(path.IsSucceeded, results);
    }

    private PutResult Put(in PutParts put)
    {
        KeyValue? previous = _table.SeekLive(put.Key.Span);
        VersionBytes bytes = (put.Flags & PutFlags.KeepsValue) != 0
            ? previous!.Bytes
            : VersionBytes.KeepOrCopy(put.Key, put.Value);
        LeaseId lease = (put.Flags & PutFlags.KeepsLease) != 0 ? previous!.Lease : put.Lease;
        KeyValue written = Write(bytes, previous, lease);
        return new PutResult(written, (put.Flags & PutFlags.WantsPrevious) != 0 ? previous : null);
    }

    private IncrementResult Increment(IncrementOp increment)
    {
        CommandStatus status = TryAdd(increment, out long sum);
        Check.That(status == CommandStatus.Ok, "the increment was checked before");
        Span<byte> text = stackalloc byte[MaxNumberBytes];
        bool isFormatted = Utf8Formatter.TryFormat(sum, text, out int length);
        Check.That(isFormatted, "20 characters hold any int64");
        KeyValue? previous = _table.SeekLive(increment.Key.Span);
        KeyValue written = Write(
            VersionBytes.Copy(increment.Key.Span, text[..length]), previous, previous?.Lease ?? LeaseId.None);
        return new IncrementResult(sum, written);
    }

    private DeleteRangeResult Delete(DeleteRangeOp delete)
    {
        List<KeyValue> victims = [];
        RangeReader.CollectNewest(_table.Root, delete.Keys, victims);
        for (int i = 0; i < victims.Count; i++)
        {
            KeyValue? present = _table.SeekLive(victims[i].KeySpan);
            Check.That(ReferenceEquals(present, victims[i]), "a key to delete is still as it was found");
            _table.WriteAtSeek(new KeyValue(
                VersionBytes.Copy(victims[i].KeySpan, default), Revision.Zero, WriteRevision, _writeCount, version: 0, LeaseId.None));
            _leases.Move(victims[i].KeySpan, victims[i].Lease, LeaseId.None);
            _writeCount++;
        }

        return new DeleteRangeResult(victims.Count, delete.WantsPrevious ? victims : []);
    }

    private RangeResult Read(RangeOp range)
    {
        RangeResult result = RangeReader.Read(_table.Root, range.Request, Current, _compacted);
        Check.That(result.Status == ReadStatus.Ok, "the read was checked before");
        return result;
    }

    private KeyValue Write(VersionBytes bytes, KeyValue? previous, LeaseId lease)
    {
        Revision created = previous?.CreateRevision ?? WriteRevision;
        KeyValue written = new(bytes, created, WriteRevision, _writeCount, (previous?.Version ?? 0) + 1, lease);
        _table.WriteAtSeek(written);
        _leases.Move(written.KeySpan, previous?.Lease ?? LeaseId.None, lease);
        _writeCount++;
        return written;
    }
}
