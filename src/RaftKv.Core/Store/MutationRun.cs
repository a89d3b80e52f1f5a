using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store;

/// <summary>
/// Runs one operation, txns included, in three parts: choose the path (compares see the state before the command), check
/// everything that could fail, then write. Nothing is written before all is checked, so a refused command changes nothing
/// and there is no undo.
/// </summary>
/// <remarks>
/// Checking first is enough because one command writes a key at most once (<see cref="DuplicateKeyCheck"/>): what a put
/// or an increment finds when it runs is what was there before the command.
/// </remarks>
internal sealed class MutationRun(CommandExecutor executor, VersionTable table, MutateCommand command) : CommandRun
{
    // What runs, in order: the operation itself, or a txn's path without its txns.
    private readonly List<KvOp> _leaves = [];
    private readonly List<OpResult> _results = [];
    private Part _part;
    private int _next;
    private TxnPathChooser? _chooser;
    private TxnPath? _path;
    private CompareWalk? _guard;
    private RangeDeletion? _deletion;
    private RangeRead? _read;
    private CommandResult? _result;

    private enum Part : byte
    {
        Choose,
        Allow,
        Guard,
        Check,
        Run,
    }

    /// <inheritdoc/>
    public override CommandResult? Step(WorkMeter meter)
    {
        while (_result is null && !meter.IsSpent)
        {
            switch (_part)
            {
                case Part.Choose: Choose(meter); break;
                case Part.Allow: Allow(meter); break;
                case Part.Guard: CompareGuard(meter); break;
                case Part.Check: CheckLeaves(meter); break;
                case Part.Run: RunLeaves(meter); break;
                default: Check.Unreachable<int>(_part); break;
            }
        }

        return _result;
    }

    private void Choose(WorkMeter meter)
    {
        if (command.Op is not TxnOp txn)
        {
            meter.Visit();
            _leaves.Add(command.Op);
            _part = Part.Allow;
            return;
        }

        if (_chooser is null && DuplicateKeyCheck.WritesAKeyTwice(txn))
        {
            _result = executor.Refuse(CommandStatus.DuplicateKey);
            return;
        }

        _chooser ??= new TxnPathChooser(table.Root, txn);
        _path = _chooser.Step(meter);
        if (_path is not null)
        {
            _path.CollectLeaves(_leaves);
            _part = Part.Allow;
        }
    }

    private void Allow(WorkMeter meter)
    {
        for (; executor.HasGuards && _next < _leaves.Count; _next++)
        {
            if (meter.IsSpent)
            {
                return;
            }

            meter.Visit();
            if (!executor.IsAllowed(_leaves[_next], command.Fences))
            {
                _result = executor.Refuse(CommandStatus.FenceRequired);
                return;
            }
        }

        (_part, _next) = (Part.Guard, 0);
    }

    private void CompareGuard(WorkMeter meter)
    {
        bool? isTrue = true;
        if (command.Guard is { Keys.Kind: KeyRangeKind.Single } single)
        {
            meter.Visit();
            isTrue = CompareEvaluator.IsTrue(table.Root, single);
        }
        else if (command.Guard is { } guard)
        {
            _guard ??= new CompareWalk(table.Root, guard);
            isTrue = _guard.Step(meter);
        }

        if (isTrue == true && command.Op is AcquireOp acquire)
        {
            _result = executor.Acquire(acquire);
        }
        else if (isTrue == false)
        {
            _result = executor.GuardFailed(command.Guard!.Keys);
        }
        else if (isTrue == true)
        {
            _part = Part.Check;
        }
    }

    private void CheckLeaves(WorkMeter meter)
    {
        for (; _next < _leaves.Count; _next++)
        {
            if (meter.IsSpent)
            {
                return;
            }

            meter.Visit();
            if (executor.CheckOp(_leaves[_next]) is not CommandStatus.Ok and var status)
            {
                _result = executor.Refuse(status);
                return;
            }
        }

        _result = executor.SpaceRefusal();
        (_part, _next) = (Part.Run, 0);
    }

    private void RunLeaves(WorkMeter meter)
    {
        for (; _next < _leaves.Count; _next++)
        {
            if (meter.IsSpent || RunLeaf(_leaves[_next], meter) is not { } result)
            {
                return;
            }

            _results.Add(result);
        }

        int next = 0;
        _result = executor.Answer(_path is null ? _results[0] : _path.Assemble(_results, ref next));
    }

    private OpResult? RunLeaf(KvOp op, WorkMeter meter)
    {
        switch (op)
        {
            case DeleteRangeOp delete:
                _deletion ??= new RangeDeletion(executor, table, delete);
                DeleteRangeResult? deleted = _deletion.Step(meter);
                _deletion = deleted is null ? _deletion : null;
                return deleted;
            case RangeOp { Request: { Keys.Kind: not KeyRangeKind.Single } request }:
                _read ??= new RangeRead(table.Root, request, executor.Current);
                RangeResult? read = _read.Step(meter);
                _read = read is null ? _read : null;
                return read;
            default:
                return executor.Execute(op, meter);
        }
    }
}
