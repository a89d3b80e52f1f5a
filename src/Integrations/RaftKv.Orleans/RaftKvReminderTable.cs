using System.Globalization;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using RaftKv.Client;

namespace RaftKv.Orleans;

/// <summary>Orleans' reminders, in the order of their grains' hashes, so that a silo's share is one range. Any thread.</summary>
internal sealed class RaftKvReminderTable(RaftKvClient client, string root) : IReminderTable
{
    /// <inheritdoc/>
    public Task Init() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        KeyValueEntry? entry = await client.GetAsync(ReminderKey(grainId, reminderName), ReadLevel.Linearizable).ConfigureAwait(false);
        return entry is null ? null : ToReminder(entry);
    }

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(GrainId grainId)
    {
        List<ReminderEntry> rows = [];
        await ReadAsync(RaftKvRange.Prefix(GrainFolder(grainId)), rows).ConfigureAwait(false);
        return new ReminderTableData(rows);
    }

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        // Hashes in (begin, end] on a ring; begin = end is all of it.
        List<ReminderEntry> rows = [];
        if (begin < end)
        {
            await ReadAsync(RaftKvRange.Between(After(begin), After(end)), rows).ConfigureAwait(false);
        }
        else
        {
            await ReadAsync(RaftKvRange.Between(After(begin), root + "g"), rows).ConfigureAwait(false);
            await ReadAsync(RaftKvRange.Between(root, After(end)), rows).ConfigureAwait(false);
        }

        return new ReminderTableData(rows);
    }

    /// <inheritdoc/>
    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        PutResult put = await client.PutAsync(
            ReminderKey(entry.GrainId, entry.ReminderName), ReminderRow.Of(entry), RowJson.Default.ReminderRow).ConfigureAwait(false);
        return TableKeys.ETag(put.ModRevision);
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        if (TableKeys.Revision(eTag) is not ({ } revision and > 0))
        {
            return false;
        }

        try
        {
            WriteOptions unchanged = new() { Precondition = Precondition.AtRevision(revision) };
            return (await client.DeleteAsync(ReminderKey(grainId, reminderName), unchanged).ConfigureAwait(false)).DeletedCount > 0;
        }
        catch (RaftKvPreconditionException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public Task TestOnlyClearTable() => client.DeletePrefixAsync(root);

    private async Task ReadAsync(RaftKvRange range, List<ReminderEntry> rows)
    {
        await foreach (KeyValueEntry entry in client.RangeAsync(range, options: ReadLevel.Linearizable).ConfigureAwait(false))
        {
            rows.Add(ToReminder(entry));
        }
    }

    private string GrainFolder(GrainId grain) => string.Create(
        CultureInfo.InvariantCulture, $"{root}{grain.GetUniformHashCode():x8}/{TableKeys.Segment(grain)}/");

    private string ReminderKey(GrainId grain, string name) => GrainFolder(grain) + TableKeys.Segment(name);

    /// <summary>Behind all keys of this hash, and before those of the next: '0' comes after '/'.</summary>
    private string After(uint hash) => string.Create(CultureInfo.InvariantCulture, $"{root}{hash:x8}0");

    private static ReminderEntry ToReminder(KeyValueEntry entry) =>
        (entry.GetJson(RowJson.Default.ReminderRow) ?? throw new JsonException($"The reminder {entry.Key} is null."))
        .ToEntry(TableKeys.ETag(entry.ModRevision));
}
