using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.Scenarios.Patterns;

/// <summary>
/// Stock of one article: available, held for an order, sold. Each step moves pieces from one to another in one
/// transaction, so that available + held + sold never changes; each may be repeated without harm.
/// </summary>
internal sealed class Inventory(RaftKvClient client, string prefix)
{
    /// <summary>How many pieces nobody holds.</summary>
    public string AvailableKey { get; } = prefix + "available";

    /// <summary>Puts the first pieces on the shelf.</summary>
    public Task StockAsync(long count) => client.CompareAndSetAsync(AvailableKey, Precondition.Missing, Numbers.Text(count));

    /// <summary>Holds pieces for an order; false when there are too few.</summary>
    public async Task<bool> TryReserveAsync(string order, long count)
    {
        while (true)
        {
            (KeyValueEntry? available, KeyValueEntry? held, KeyValueEntry? sold) = await ReadAsync(order);
            if (held is not null || sold is not null)
            {
                return true;
            }

            if (available is null || available.Amount() < count)
            {
                return false;
            }

            TxnResult moved = await client.Txn()
                .When(Key(AvailableKey).ModRevision == available.ModRevision, Key(HeldKey(order)).IsMissing)
                .Then(Op.Increment(AvailableKey, -count), Op.Put(HeldKey(order), Numbers.Text(count)))
                .CommitAsync();
            if (moved.Succeeded)
            {
                return true;
            }
        }
    }

    /// <summary>Gives an order's pieces back to the shelf; false when it holds none.</summary>
    public async Task<bool> TryReleaseAsync(string order)
    {
        KeyValueEntry? held = await client.GetAsync(HeldKey(order));
        return held is not null && (await client.Txn()
            .When(Key(HeldKey(order)).ModRevision == held.ModRevision)
            .Then(Op.Delete(HeldKey(order)), Op.Increment(AvailableKey, held.Amount()))
            .CommitAsync()).Succeeded;
    }

    /// <summary>Sells an order's pieces; false when it holds none, because they were released.</summary>
    public async Task<bool> TryConfirmAsync(string order)
    {
        KeyValueEntry? held = await client.GetAsync(HeldKey(order));
        return held is not null && (await client.Txn()
            .When(Key(HeldKey(order)).ModRevision == held.ModRevision)
            .Then(Op.Delete(HeldKey(order)), Op.Put(SoldKey(order), held.GetString()))
            .CommitAsync()).Succeeded;
    }

    /// <summary>All pieces, wherever they are, from one view.</summary>
    public async Task<(long Available, long Held, long Sold)> CountAsync()
    {
        long available = 0, held = 0, sold = 0;
        await foreach (KeyValueEntry entry in client.RangeAsync(RaftKvRange.Prefix(prefix)))
        {
            string name = entry.Key.ToString()[prefix.Length..];
            available += name == "available" ? entry.Amount() : 0;
            held += name.StartsWith("held/", StringComparison.Ordinal) ? entry.Amount() : 0;
            sold += name.StartsWith("sold/", StringComparison.Ordinal) ? entry.Amount() : 0;
        }

        return (available, held, sold);
    }

    private string HeldKey(string order) => $"{prefix}held/{order}";

    private string SoldKey(string order) => $"{prefix}sold/{order}";

    private async Task<(KeyValueEntry? Available, KeyValueEntry? Held, KeyValueEntry? Sold)> ReadAsync(string order)
    {
        TxnResult view = await client.Txn().Then(Op.Get(AvailableKey), Op.Get(HeldKey(order)), Op.Get(SoldKey(order))).CommitAsync();
        KeyValueEntry? At(int index) => ((TxnGetResult)view.Responses[index]).Entry;
        return (At(0), At(1), At(2));
    }
}
