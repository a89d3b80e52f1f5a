using System.Text.Json.Nodes;
using RaftKv.Client;
using RaftKv.Contract;

namespace RaftKv.Cli.Output;

/// <summary>What a command answers, in the one form of which every format is made.</summary>
internal sealed record Report
{
    private Report(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<JsonNode?>> rows, bool isItem)
    {
        Columns = columns;
        Rows = rows;
        IsItem = isItem;
    }

    /// <summary>Names of the facts, as in JSON.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>A row for each thing; an item has one.</summary>
    public IReadOnlyList<IReadOnlyList<JsonNode?>> Rows { get; }

    /// <summary>One thing rather than a list.</summary>
    public bool IsItem { get; }

    /// <summary>What <c>-o value</c> prints of each row; the first column when empty.</summary>
    public string ValueColumn { get; init; } = "";

    /// <summary>The bytes that <c>-o value</c> prints in place of a column.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; init; }

    /// <summary>What the server said of the answer; null when there is no such answer.</summary>
    public ResponseMetadata? Answer { get; init; }

    /// <summary>A sentence under the table.</summary>
    public string? Note { get; init; }

    /// <summary>Facts of one thing.</summary>
    public static Report Item(params IReadOnlyList<(string Name, JsonNode? Value)> facts) =>
        new([.. facts.Select(static fact => fact.Name)], [[.. facts.Select(static fact => fact.Value)]], isItem: true);

    /// <summary>A list of things with the same facts.</summary>
    public static Report List(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<JsonNode?>> rows) =>
        new(columns, [.. rows], isItem: false);

    /// <summary>The document that JSON and YAML show.</summary>
    public JsonObject ToDocument()
    {
        JsonObject document = IsItem ? ToObject(Rows[0]) : new JsonObject { ["items"] = new JsonArray([.. Rows.Select(ToObject)]) };
        if (Answer is { } answer)
        {
            document["answer"] = ToObject(answer);
        }

        return document;
    }

    /// <summary>Served level, age, revision and node, as the table's last line says it.</summary>
    public static string Footer(ResponseMetadata answer)
    {
        string level = answer.Consistency is { } served ? LevelWords.ToName(served) : "written";
        string age = answer.StalenessMs is { } ms ? $", at most {ms} ms old" : answer.Consistency is null ? "" : ", age unknown";
        string role = answer.Role is { } said ? $" ({said})" : "";
        return $"-- {level}, revision {answer.Revision}{age}, from {answer.ServedBy ?? "?"}{role}";
    }

    private JsonObject ToObject(IReadOnlyList<JsonNode?> row)
    {
        var item = new JsonObject();
        for (int i = 0; i < Columns.Count; i++)
        {
            item[Columns[i]] = row[i]?.DeepClone();
        }

        return item;
    }

    private static JsonObject ToObject(ResponseMetadata answer)
    {
        var said = new JsonObject
        {
            ["consistency"] = answer.Consistency is { } level ? LevelWords.ToName(level) : null,
            ["stalenessMs"] = answer.StalenessMs,
            ["revision"] = answer.Revision,
            ["servedBy"] = answer.ServedBy,
            ["role"] = answer.Role,
        };
        if (answer.SessionToken is { } token)
        {
            said["session"] = token;
        }

        if (answer.IsReplayed)
        {
            said["replayed"] = true;
        }

        return said;
    }
}

/// <summary>The contract's words for the client's levels.</summary>
internal static class LevelWords
{
    private static readonly (string Name, ReadLevel Level)[] _all =
    [
        (ReadLevelNames.Linearizable, ReadLevel.Linearizable), (ReadLevelNames.Lease, ReadLevel.Lease),
        (ReadLevelNames.Sequential, ReadLevel.Sequential), (ReadLevelNames.Causal, ReadLevel.Causal),
        (ReadLevelNames.Session, ReadLevel.Session), (ReadLevelNames.ReadYourWrites, ReadLevel.ReadYourWrites),
        (ReadLevelNames.MonotonicReads, ReadLevel.MonotonicReads), (ReadLevelNames.Bounded, ReadLevel.Bounded),
        (ReadLevelNames.ConsistentPrefix, ReadLevel.ConsistentPrefix), (ReadLevelNames.Eventual, ReadLevel.Eventual),
        (ReadLevelNames.All, ReadLevel.All),
    ];

    /// <summary>Every word that a level may be named by.</summary>
    public static IEnumerable<string> Every => ReadLevelNames.Every.Concat(ReadLevelNames.Aliases.Select(static pair => pair.Alias));

    public static string ToName(ReadLevel level) => _all.First(pair => pair.Level == level).Name;

    /// <summary>Null when no level has that name.</summary>
    public static ReadLevel? Parse(string word)
    {
        string name = ReadLevelNames.Aliases.FirstOrDefault(pair => pair.Alias == word).Name ?? word;
        return Array.Find(_all, pair => pair.Name == name) is { Name: not null } found ? found.Level : null;
    }
}
