using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Once;

/// <summary>The shares of all owners that have records, in the order of their tokens: the same on every node.</summary>
internal sealed class OwnerShares
{
    private readonly List<OwnerShare> _shares = [];

    /// <summary>How many owners have records.</summary>
    public int Count => _shares.Count;

    /// <summary>One of them, by its place.</summary>
    public OwnerShare this[int place] => _shares[place];

    /// <summary>The owner's share; null when it has no record.</summary>
    public OwnerShare? Find(ReadOnlySpan<byte> token)
    {
        int place = PlaceOf(token);
        return place >= 0 ? _shares[place] : null;
    }

    /// <summary>The share that a new record counts in. An owner that finds no place among the owners takes from the common one.</summary>
    public OwnerShare ForNew(KvCommand command, OnceLimits limits)
    {
        byte[] token = OwnerShare.TokenOf(command);
        int named = _shares.Count - (Find(OwnerShare.SharedToken) is null ? 0 : 1);
        return Find(token)
            ?? (named < limits.MaxOwners ? new OwnerShare(token) : Find(OwnerShare.SharedToken))
            ?? new OwnerShare(OwnerShare.SharedToken);
    }

    /// <summary>Counts a record in.</summary>
    public void Add(OwnerShare share, long bytes)
    {
        share.Count++;
        share.Bytes += bytes;
        int place = PlaceOf(share.Token);
        if (place < 0)
        {
            _shares.Insert(~place, share);
        }
    }

    /// <summary>Counts a record out.</summary>
    public void Remove(OwnerShare share, long bytes)
    {
        share.Count--;
        share.Bytes -= bytes;
        Check.That(share.Count >= 0 && share.Count == 0 == (share.Bytes == 0), "an owner's records are counted", share.Count, share.Bytes);
        if (share.Count == 0)
        {
            _shares.RemoveAt(PlaceOf(share.Token));
        }
    }

    private int PlaceOf(ReadOnlySpan<byte> token)
    {
        (int low, int high) = (0, _shares.Count - 1);
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = _shares[middle].Token.AsSpan().SequenceCompareTo(token);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
