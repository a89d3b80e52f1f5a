using System.Buffers.Text;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store;

/// <summary>
/// The single operations of a command: what each needs is checked, and then it writes. In which order, and when it may be
/// stopped, <see cref="MutationRun"/> says. Used by the applying thread, for one command at a time.
/// </summary>
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

    /// <summary>The revision after what the command has written so far.</summary>
    public Revision Current => _writeCount > 0 ? WriteRevision : _before;

    /// <summary>A put without a guard; the same as a <see cref="MutationRun"/> with less to allocate.</summary>
    public CommandResult RunPut(in PutParts put, Revision revision, Revision compacted)
    {
        Begin(revision, compacted);
        CommandStatus status = _guards.Allows(put.Key.Span, []) ? CheckPut(put) : CommandStatus.FenceRequired;
        return status != CommandStatus.Ok
            ? new CommandResult(status, revision)
            : _space.Refusal(revision) ?? new CommandResult(CommandStatus.Ok, WriteRevision, Put(put));
    }

    /// <summary>Begins a command on a store at <paramref name="revision"/>; its answer has the revision after it.</summary>
    public MutationRun Begin(MutateCommand command, Revision revision, Revision compacted)
    {
        Begin(revision, compacted);
        return new MutationRun(this, _table, command);
    }

    /// <summary>The answer of a command that is done.</summary>
    public CommandResult Answer(OpResult result) => new(CommandStatus.Ok, Current, result);

    /// <summary>The answer of a command that wrote nothing.</summary>
    public CommandResult Refuse(CommandStatus status) => new(status, _before);

    /// <summary>The answer of a command whose guard is false.</summary>
    public CommandResult GuardFailed(KeyRange keys)
    {
        KeyValue? present = keys.Kind == KeyRangeKind.Single ? RangeReader.LiveNewest(KeyTree.Find(_table.Root, keys.Start.Span)) : null;
        return new CommandResult(CommandStatus.GuardFailed, _before, Current: present);
    }

    /// <summary>The refusal of a command for whose operations, all checked, there is no room; else null.</summary>
    public CommandResult? SpaceRefusal() => _space.Refusal(_before);

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

    /// <summary>Whether an operation that is no txn can run, and how much room it needs.</summary>
    public CommandStatus CheckOp(KvOp op) => op switch
    {
        PutOp put => CheckPut(PartsOf(put)),
        DeleteRangeOp => CommandStatus.Ok,
        RangeOp range => RangeReader.StatusOf(range.Request.Revision, _before, _compacted) switch
        {
            ReadStatus.Compacted => CommandStatus.Compacted,
            ReadStatus.FutureRevision => CommandStatus.FutureRevision,
            _ => CommandStatus.Ok,
        },
        IncrementOp increment => CheckIncrement(increment),
        _ => Check.Unreachable<CommandStatus>(op),
    };

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

    /// <summary>Runs an operation that touches one key.</summary>
    public OpResult Execute(KvOp op, WorkMeter meter)
    {
        meter.Spend(WorkMeter.OfWrite(op is PutOp { Value: var value } ? value.Length : 0));
        return op switch
        {
            PutOp put => Put(PartsOf(put)),
            RangeOp range => Read(range),
            IncrementOp increment => Increment(increment),
            _ => Check.Unreachable<OpResult>(op),
        };
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

    /// <summary>Deletes a key that was found.</summary>
    public void Delete(KeyValue victim)
    {
        KeyValue? present = _table.SeekLive(victim.KeySpan);
        Check.That(ReferenceEquals(present, victim), "a key to delete is still as it was found");
        _table.WriteAtSeek(KeyValue.Of(
            VersionBytes.Copy(victim.KeySpan, default), Revision.Zero, WriteRevision, _writeCount, version: 0, LeaseId.None));
        _leases.Move(victim.KeySpan, victim.Lease, LeaseId.None);
        _writeCount++;
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
        KeyValue written = KeyValue.Of(bytes, created, WriteRevision, _writeCount, (previous?.Version ?? 0) + 1, lease);
        _table.WriteAtSeek(written);
        _leases.Move(written.KeySpan, previous?.Lease ?? LeaseId.None, lease);
        _writeCount++;
        return written;
    }
}
