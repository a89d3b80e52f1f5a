using System.Text.Json;
using Orleans.GrainDirectory;
using Orleans.Runtime;
using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.Orleans;

/// <summary>
/// Where grains are: one address for each, never overridden but by who names it. Any thread.
/// </summary>
/// <remarks>
/// A second key for each grain, under its silo, changes in the same transaction: what a dead silo had is found without a
/// walk through the directory. Entries hang on no lease: a silo that stands still is no dead one, and only Orleans'
/// membership says which is which.
/// </remarks>
internal sealed class RaftKvGrainDirectory(RaftKvClient client, string root) : IGrainDirectory
{
    // A transaction takes 128 operations; each grain of a batch needs a nested one with two or three.
    private const int GrainsOfABatch = 32;

    /// <inheritdoc/>
    public Task<GrainAddress?> Register(GrainAddress address) => Register(address, previousAddress: null);

    /// <inheritdoc/>
    public async Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress)
    {
        DirectoryRow row = DirectoryRow.Of(address);
        string grainKey = GrainKey(row.Grain);
        KeyValueEntry? replaced = null;

        // A round is lost only to somebody else's change, so somebody always gets on.
        while (true)
        {
            TxnBuilder txn = client.Txn()
                .When(Key(grainKey).ModRevision == (replaced?.ModRevision ?? 0))
                .Then(Op.Put(grainKey, row, RowJson.Default.DirectoryRow), Op.Put(SiloKey(row), row, RowJson.Default.DirectoryRow))
                .Else(Op.Get(grainKey));
            if (replaced is not null && ToRow(replaced) is var old && old.Silo != row.Silo)
            {
                txn.Then(Op.Delete(SiloKey(old)));
            }

            TxnResult done = await txn.CommitAsync().ConfigureAwait(false);
            if (done.Succeeded)
            {
                return address;
            }

            replaced = ((TxnGetResult)done.Responses[0]).Entry;
            if (replaced is not null && ToRow(replaced) is var found && (previousAddress is null || !found.IsActivation(previousAddress)))
            {
                return found.ToAddress();
            }
        }
    }

    /// <inheritdoc/>
    public async Task Unregister(GrainAddress address)
    {
        string grainKey = GrainKey(address.GrainId.ToString());
        while (await client.GetAsync(grainKey, ReadLevel.Linearizable).ConfigureAwait(false) is { } entry
               && ToRow(entry) is var row && row.IsActivation(address))
        {
            TxnResult done = await client.Txn()
                .When(Key(grainKey).ModRevision == entry.ModRevision)
                .Then(Op.Delete(grainKey), Op.Delete(SiloKey(row)))
                .CommitAsync().ConfigureAwait(false);
            if (done.Succeeded)
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<GrainAddress?> Lookup(GrainId grainId)
    {
        KeyValueEntry? entry = await client.GetAsync(GrainKey(grainId.ToString()), ReadLevel.Linearizable).ConfigureAwait(false);
        return entry is null ? null : ToRow(entry).ToAddress();
    }

    /// <inheritdoc/>
    public async Task UnregisterSilos(List<SiloAddress> siloAddresses)
    {
        foreach (SiloAddress silo in siloAddresses)
        {
            RaftKvRange grains = RaftKvRange.Prefix($"{root}silo/{TableKeys.Segment(silo)}/");
            List<TxnOp> batch = [];
            await foreach (KeyValueEntry entry in client.RangeAsync(grains, options: ReadLevel.Linearizable).ConfigureAwait(false))
            {
                batch.Add(ForgetUnlessMoved(entry));
                if (batch.Count == GrainsOfABatch)
                {
                    await client.Txn().Then([.. batch]).CommitAsync().ConfigureAwait(false);
                    batch.Clear();
                }
            }

            if (batch.Count > 0)
            {
                await client.Txn().Then([.. batch]).CommitAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Both keys hold the same bytes as long as the grain has not been registered elsewhere since.</summary>
    private TxnOp ForgetUnlessMoved(KeyValueEntry ofSilo)
    {
        string grainKey = GrainKey(ToRow(ofSilo).Grain);
        return Op.Txn(new TxnBuilder()
            .When(Key(grainKey).Value == ofSilo.Value.ToArray())
            .Then(Op.Delete(grainKey), Op.Delete(ofSilo.Key))
            .Else(Op.Delete(ofSilo.Key)));
    }

    private string GrainKey(string grain) => $"{root}grain/{TableKeys.Segment(grain)}";

    private string SiloKey(DirectoryRow row) => $"{root}silo/{TableKeys.Segment(row.Silo)}/{TableKeys.Segment(row.Grain)}";

    private static DirectoryRow ToRow(KeyValueEntry entry) => entry.GetJson(RowJson.Default.DirectoryRow)
        ?? throw new JsonException($"The directory's entry {entry.Key} is null.");
}
