using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Clients;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// Splits a world's operations by key, using nothing but what clients saw: no revision, no log. A txn over two keys
/// becomes one operation on each, which is a weaker but sound demand; atomicity across keys is the replay checker's
/// business.
/// </summary>
internal sealed class KeyHistories
{
    private readonly List<KeyOperation>[] _histories = new List<KeyOperation>[Keys.Count];

    public KeyHistories(List<ClientOperation> operations)
    {
        for (int i = 0; i < _histories.Length; i++)
        {
            _histories[i] = [];
        }

        foreach (ClientOperation operation in operations)
        {
            Add(operation);
        }

        for (int i = 0; i < _histories.Length; i++)
        {
            if (!Keys.IsCounter(i))
            {
                DropUnobserved(_histories[i]);
            }
        }
    }

    public List<KeyOperation> Of(int key) => _histories[key];

    /// <summary>
    /// An unknown write whose value nobody ever saw may be left out: values are unique, so the only thing that can
    /// follow it is a blind write. What a kept compare-and-swap expects counts as seen.
    /// </summary>
    internal static void DropUnobserved(List<KeyOperation> history)
    {
        var seen = new HashSet<long> { Keys.Missing };
        foreach (KeyOperation operation in history)
        {
            if (!operation.IsUnknown && operation.Effect is KeyEffect.Read or KeyEffect.Swap)
            {
                seen.Add(operation.Observed);
            }
        }

        bool grows = true;
        while (grows)
        {
            grows = false;
            foreach (KeyOperation operation in history)
            {
                if (operation.Effect == KeyEffect.CompareAndSwap && seen.Contains(operation.Written))
                {
                    grows |= seen.Add(operation.Observed);
                }
            }
        }

        history.RemoveAll(o => o.IsUnknown && !seen.Contains(o.Written));
    }

    private void Add(ClientOperation operation)
    {
        if (operation.IsCoordination || operation.Outcome is OperationOutcome.Refused or OperationOutcome.Pending
            || operation.Command is not (null or MutateCommand))
        {
            return;
        }

        if (operation.IsRead)
        {
            AddRead(operation);
            return;
        }

        var command = (MutateCommand)operation.Command!;
        if (operation.Outcome == OperationOutcome.Unknown)
        {
            AddUnknown(operation, command);
            return;
        }

        CommandResult result = operation.Result!;
        if (result.Status == CommandStatus.GuardFailed)
        {
            AddObservation(operation, Keys.IndexOf(command.Guard!.Keys.Start.Span), result.Current);
        }
        else if (result.Status == CommandStatus.Ok)
        {
            AddKnown(operation, command, result.Result!);
        }
    }

    private void AddRead(ClientOperation operation)
    {
        if (operation is { Outcome: OperationOutcome.Ok, IsStrong: true } && operation.Request!.Revision.Value == 0)
        {
            AddObservations(operation, operation.Request.Keys, operation.Read!.Pairs);
        }
    }

    private void AddKnown(ClientOperation operation, MutateCommand command, OpResult result)
    {
        switch (command.Op, result)
        {
            case (PutOp put, PutResult done):
                int key = Keys.IndexOf(put.Key.Span);
                bool wasMissing = command.Guard is { Target: CompareTarget.CreateRevision };
                if (put.WantsPrevious || wasMissing)
                {
                    Add(operation, key, KeyEffect.Swap, Meaning(key, done.Previous), operation.Id);
                }
                else
                {
                    Add(operation, key, KeyEffect.Write, 0, operation.Id);
                }

                break;
            case (DeleteRangeOp delete, DeleteRangeResult done):
                for (int i = 0; i < Keys.Count; i++)
                {
                    if (delete.Keys.Contains(Keys.Name(i)))
                    {
                        Add(operation, i, KeyEffect.Swap, Meaning(i, Find(done.Previous, i)), Keys.Missing);
                    }
                }

                break;
            case (IncrementOp increment, IncrementResult done):
                Add(operation, Keys.IndexOf(increment.Key.Span), KeyEffect.Add, done.Value, increment.By);
                break;
            case (TxnOp txn, TxnResult done):
                AddTxn(operation, txn, done);
                break;
            default:
                Check.Unreachable<int>(result);
                break;
        }
    }

    private void AddTxn(ClientOperation operation, TxnOp txn, TxnResult done)
    {
        if (!done.IsSucceeded)
        {
            for (int i = 0; i < txn.Else.Count; i++)
            {
                AddObservations(operation, ((RangeOp)txn.Else[i]).Request.Keys, ((RangeResult)done.Results[i]).Pairs);
            }

            return;
        }

        int key = Keys.IndexOf(txn.Compares[0].Keys.Start.Span);
        Add(operation, key, KeyEffect.Swap, Meaning(key, Find(((RangeResult)done.Results[0]).Pairs, key)), operation.Id);
        int other = Keys.IndexOf(((PutOp)txn.Then[2]).Key.Span);
        Add(operation, other, KeyEffect.Swap, Meaning(other, ((PutResult)done.Results[2]).Previous), operation.Id);
    }

    private void AddUnknown(ClientOperation operation, MutateCommand command)
    {
        switch (command.Op)
        {
            case PutOp put:
                int key = Keys.IndexOf(put.Key.Span);
                Add(operation, key, KeyEffect.Write, 0, operation.Id);
                break;
            case DeleteRangeOp delete:
                for (int i = 0; i < Keys.Count; i++)
                {
                    if (delete.Keys.Contains(Keys.Name(i)))
                    {
                        Add(operation, i, KeyEffect.Write, 0, Keys.Missing);
                    }
                }

                break;
            case IncrementOp increment:
                Add(operation, Keys.IndexOf(increment.Key.Span), KeyEffect.AddBlindly, 0, increment.By);
                break;
            case TxnOp txn:
                Add(operation, Keys.IndexOf(((PutOp)txn.Then[1]).Key.Span), KeyEffect.Write, 0, operation.Id);
                Add(operation, Keys.IndexOf(((PutOp)txn.Then[2]).Key.Span), KeyEffect.Write, 0, operation.Id);
                break;
            default:
                Check.Unreachable<int>(command.Op);
                break;
        }
    }

    private void AddObservations(ClientOperation operation, KeyRange range, IReadOnlyList<KeyValue> pairs)
    {
        for (int i = 0; i < Keys.Count; i++)
        {
            if (range.Contains(Keys.Name(i)))
            {
                AddObservation(operation, i, Find(pairs, i));
            }
        }
    }

    private void AddObservation(ClientOperation operation, int key, KeyValue? pair) =>
        Add(operation, key, KeyEffect.Read, Meaning(key, pair), 0);

    private void Add(ClientOperation operation, int key, KeyEffect effect, long observed, long written)
    {
        long returned = operation.Outcome == OperationOutcome.Unknown ? long.MaxValue : operation.ReturnedAt;
        _histories[key].Add(new KeyOperation(operation.InvokedAt, returned, effect, observed, written));
    }

    private static long Meaning(int key, KeyValue? pair) => pair is null ? Keys.Missing : Keys.Meaning(key, pair.Value.Span);

    private static KeyValue? Find(IReadOnlyList<KeyValue> pairs, int key)
    {
        for (int i = 0; i < pairs.Count; i++)
        {
            if (pairs[i].Key.Span.SequenceEqual(Keys.Name(key)))
            {
                return pairs[i];
            }
        }

        return null;
    }
}
