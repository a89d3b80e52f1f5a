using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>Two devices edit one shopping list without a connection. docs/scenarios/offline-edits.md.</summary>
[Collection(CalmCluster.Name)]
public sealed class OfflineEditsTests(ThreeNodes cluster)
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);
    private static readonly Note Start = new("milk,bread", Morning, "kitchen");
    private static readonly Note OfAda = new("milk,eggs", Morning.AddHours(1), "ada");
    private static readonly Note OfBob = new("milk,bread,tea", Morning.AddHours(2), "bob");

    [Fact]
    public async Task An_edit_that_nobody_crossed_is_simply_written()
    {
        (OfflineNote note, _, _) = await CreateAsync();
        Draft draft = await note.TakeAlongAsync();

        await note.ReturnAsync(draft, OfAda, new ConflictRule.KeepBoth());

        Assert.Equal(OfAda, (await note.TakeAlongAsync()).Base);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Last_writer_wins_leaves_the_later_edit_whoever_returns_first(bool isAdaFirst)
    {
        (OfflineNote note, RaftKvClient client, string key) = await CreateAsync();

        await ReturnBothAsync(note, isAdaFirst, new ConflictRule.LastWriterWins());

        Assert.Equal(OfBob, (await note.TakeAlongAsync()).Base);
        Assert.Null(await client.GetAsync(key + "/conflict/ada"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keep_both_puts_the_second_to_return_beside_the_first(bool isAdaFirst)
    {
        (OfflineNote note, RaftKvClient client, string key) = await CreateAsync();

        await ReturnBothAsync(note, isAdaFirst, new ConflictRule.KeepBoth());

        (Note first, Note second) = isAdaFirst ? (OfAda, OfBob) : (OfBob, OfAda);
        Assert.Equal(first, (await note.TakeAlongAsync()).Base);
        Assert.Equal(second, await client.GetAsync($"{key}/conflict/{second.By}", NoteJson.Default.Note));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_merge_function_keeps_what_both_added_and_drops_what_either_removed(bool isAdaFirst)
    {
        (OfflineNote note, _, _) = await CreateAsync();

        await ReturnBothAsync(note, isAdaFirst, new ConflictRule.MergeWith(MergeLists));

        Assert.Equal("eggs,milk,tea", (await note.TakeAlongAsync()).Base.Text);
    }

    [Fact]
    public async Task Ten_devices_that_return_at_once_lose_nothing()
    {
        (OfflineNote note, _, string key) = await CreateAsync();
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        Draft draft = await note.TakeAlongAsync();

        await Task.WhenAll(Enumerable.Range(0, 10).Select(device => new OfflineNote(nodes[device % 3], key).ReturnAsync(
            draft, new Note($"{Start.Text},item-{device}", Morning, $"device-{device}"), new ConflictRule.MergeWith(MergeLists))));

        Assert.Equal(
            "bread,item-0,item-1,item-2,item-3,item-4,item-5,item-6,item-7,item-8,item-9,milk",
            (await note.TakeAlongAsync()).Base.Text);
    }

    [Fact]
    public async Task Wrong_putting_the_edit_on_return_throws_the_others_away()
    {
        (OfflineNote note, RaftKvClient client, string key) = await CreateAsync();
        await note.TakeAlongAsync();

        // Bob's edit is the later one, and Ada's phone is the last to find a connection: what counts is the connection.
        await client.PutAsync(key, OfBob, NoteJson.Default.Note);
        await client.PutAsync(key, OfAda, NoteJson.Default.Note);

        Assert.DoesNotContain("tea", (await note.TakeAlongAsync()).Base.Text);
    }

    private static string MergeLists(string common, string theirs, string mine)
    {
        string[] before = common.Split(','), there = theirs.Split(','), here = mine.Split(',');
        IEnumerable<string> removed = before.Except(there).Concat(before.Except(here));
        return string.Join(',', there.Union(here).Except(removed).Order(StringComparer.Ordinal));
    }

    /// <summary>Both take the note along, then edit, then return one after the other.</summary>
    private static async Task ReturnBothAsync(OfflineNote note, bool isAdaFirst, ConflictRule rule)
    {
        Draft draft = await note.TakeAlongAsync();
        await note.ReturnAsync(draft, isAdaFirst ? OfAda : OfBob, rule);
        await note.ReturnAsync(draft, isAdaFirst ? OfBob : OfAda, rule);
    }

    private async Task<(OfflineNote Note, RaftKvClient Client, string Key)> CreateAsync()
    {
        RaftKvClient client = cluster.NewUser();
        string key = cluster.NewPrefix("notes") + "shopping";
        var note = new OfflineNote(client, key);
        await note.CreateAsync(Start);
        return (note, client, key);
    }
}
