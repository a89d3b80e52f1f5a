namespace RaftKv.Core.Store.Commands;

/// <summary>
/// Whether a txn could write a key twice: put or incremented twice, or also covered by a delete. As in etcd it looks at
/// the command and not at the state, so both lists of every txn count, also the one that will not run; only the two
/// lists of one txn exclude each other. Deletes may overlap.
/// </summary>
/// <remarks>
/// Stricter than etcd in one case: etcd does not see a put in one nested txn and a delete that covers it in a later
/// sibling, and writes the key twice in one revision. Here a key has at most one version per revision, always.
/// </remarks>
internal static class DuplicateKeyCheck
{
    /// <summary>True when some way through the txn could write a key twice.</summary>
    public static bool WritesAKeyTwice(KvOp op) => op is TxnOp txn && !TryCollectTxn(txn, out _);

    private static bool TryCollectTxn(TxnOp txn, out Writes writes)
    {
        writes = new Writes();
        if (!TryCollect(txn.Then, out Writes thenWrites) || !TryCollect(txn.Else, out Writes elseWrites))
        {
            return false;
        }

        writes.Unite(thenWrites);
        writes.Unite(elseWrites);
        return true;
    }

    private static bool TryCollect(IReadOnlyList<KvOp> ops, out Writes writes)
    {
        writes = new Writes();
        for (int i = 0; i < ops.Count; i++)
        {
            bool isFine = true;
            switch (ops[i])
            {
                case PutOp put:
                    isFine = writes.TryAddPut(put.Key);
                    break;
                case IncrementOp increment:
                    isFine = writes.TryAddPut(increment.Key);
                    break;
                case DeleteRangeOp delete:
                    isFine = writes.TryAddDelete(delete.Keys);
                    break;
                case TxnOp txn:
                    isFine = TryCollectTxn(txn, out Writes nested) && writes.TryAdd(nested);
                    break;
            }

            if (!isFine)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Keys put and ranges deleted on some way through a list.</summary>
    private sealed class Writes
    {
        private SortedSet<ReadOnlyMemory<byte>>? _puts;
        private List<KeyRange>? _deletes;

        public bool TryAddPut(ReadOnlyMemory<byte> key)
        {
            if (IsDeleted(key))
            {
                return false;
            }

            _puts ??= new SortedSet<ReadOnlyMemory<byte>>(ByteOrder.Instance);
            return _puts.Add(key);
        }

        public bool TryAddDelete(KeyRange keys)
        {
            if (IsAnyPut(keys))
            {
                return false;
            }

            (_deletes ??= []).Add(keys);
            return true;
        }

        /// <summary>Adds what runs besides: nothing of it may meet what is here.</summary>
        public bool TryAdd(Writes other)
        {
            // The two lists of the other txn are together in it and may meet each other, so all is checked before
            // anything is added.
            foreach (ReadOnlyMemory<byte> key in other._puts ?? [])
            {
                if (IsDeleted(key) || (_puts is not null && _puts.Contains(key)))
                {
                    return false;
                }
            }

            foreach (KeyRange keys in other._deletes ?? [])
            {
                if (IsAnyPut(keys))
                {
                    return false;
                }
            }

            Unite(other);
            return true;
        }

        /// <summary>Adds what runs instead: it may meet what is here.</summary>
        public void Unite(Writes other)
        {
            foreach (ReadOnlyMemory<byte> key in other._puts ?? [])
            {
                _puts ??= new SortedSet<ReadOnlyMemory<byte>>(ByteOrder.Instance);
                _puts.Add(key);
            }

            if (other._deletes is not null)
            {
                (_deletes ??= []).AddRange(other._deletes);
            }
        }

        private bool IsDeleted(ReadOnlyMemory<byte> key)
        {
            for (int i = 0; i < (_deletes?.Count ?? 0); i++)
            {
                if (_deletes![i].Contains(key.Span))
                {
                    return true;
                }
            }

            return false;
        }

        private bool IsAnyPut(KeyRange keys)
        {
            foreach (ReadOnlyMemory<byte> key in _puts ?? [])
            {
                if (keys.Contains(key.Span))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
