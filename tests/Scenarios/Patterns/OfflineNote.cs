using System.Text.Json;
using System.Text.Json.Serialization;
using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.Scenarios.Patterns;

/// <summary>A note as it is stored.</summary>
/// <param name="EditedAt">When it was edited, by the clock of the device that did it.</param>
/// <param name="By">The device.</param>
internal sealed record Note(string Text, DateTimeOffset EditedAt, string By);

/// <summary>What a device takes along when it goes offline: the note as it was, and the revision of that.</summary>
internal sealed record Draft(Note Base, long BaseRevision);

/// <summary>What happens to two edits of one note that did not know of each other; the caller chooses.</summary>
internal abstract record ConflictRule
{
    private protected ConflictRule()
    {
    }

    /// <summary>
    /// The later edit stays, by the devices' clocks, and the other one is given up. The order in which they come back
    /// does not matter.
    /// </summary>
    public sealed record LastWriterWins : ConflictRule;

    /// <summary>The one that is there stays; the other is put beside it, for a person to look at.</summary>
    public sealed record KeepBoth : ConflictRule;

    /// <summary>A function makes one text of three: what both began with, theirs, and mine.</summary>
    public sealed record MergeWith(Func<string, string, string, string> Merge) : ConflictRule;
}

/// <summary>
/// A note that is edited without a connection. On return it is compared by revision with what the device had taken
/// along: unchanged, it is simply written; changed, the rule decides. Every write is conditional, so that nothing gets
/// lost that the rule did not give up.
/// </summary>
internal sealed class OfflineNote(RaftKvClient client, string key)
{
    /// <summary>The first version.</summary>
    public Task CreateAsync(Note note) => client.CompareAndSetAsync(key, Precondition.Missing, Serialize(note));

    /// <summary>Reads the note to work on it offline.</summary>
    public async Task<Draft> TakeAlongAsync()
    {
        KeyValueEntry entry = (await client.GetAsync(key))!;
        return new Draft(Parse(entry), entry.ModRevision);
    }

    /// <summary>Brings an edit home.</summary>
    public async Task ReturnAsync(Draft draft, Note mine, ConflictRule rule)
    {
        while (true)
        {
            KeyValueEntry theirs = (await client.GetAsync(key))!;
            TxnOp[] writes = theirs.ModRevision == draft.BaseRevision
                ? [Op.Put(key, Serialize(mine))]
                : Resolve(draft.Base, Parse(theirs), mine, rule);
            if ((await client.Txn().When(Key(key).ModRevision == theirs.ModRevision).Then(writes).CommitAsync()).Succeeded)
            {
                return;
            }

            // It changed again meanwhile: the rule must see what is there now.
        }
    }

    private TxnOp[] Resolve(Note common, Note theirs, Note mine, ConflictRule rule) => rule switch
    {
        ConflictRule.LastWriterWins => IsLater(mine, theirs) ? [Op.Put(key, Serialize(mine))] : [],
        ConflictRule.KeepBoth => [Op.Put($"{key}/conflict/{mine.By}", Serialize(mine))],
        ConflictRule.MergeWith merge => [Op.Put(key, Serialize(mine with { Text = merge.Merge(common.Text, theirs.Text, mine.Text) }))],
        _ => throw new InvalidOperationException($"No such rule: {rule}."),
    };

    // Equal times are possible; then the names decide, so that both orders of return have the same end.
    private static bool IsLater(Note mine, Note theirs) =>
        mine.EditedAt > theirs.EditedAt || (mine.EditedAt == theirs.EditedAt && string.CompareOrdinal(mine.By, theirs.By) > 0);

    private static Note Parse(KeyValueEntry entry) => entry.GetJson(NoteJson.Default.Note)!;

    private static string Serialize(Note note) => JsonSerializer.Serialize(note, NoteJson.Default.Note);
}

/// <summary>How notes are stored.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Note))]
internal sealed partial class NoteJson : JsonSerializerContext;
