using System.Text.Json;
using Google.Protobuf;
using RaftKv.Migration.Keys;

namespace RaftKv.Migration.Import;

/// <summary>What an import is about.</summary>
internal enum ImportPhase
{
    /// <summary>It copies the state of <see cref="ImportProgress.Revision"/>.</summary>
    Copy,

    /// <summary>It has everything up to <see cref="ImportProgress.Revision"/>, and goes on behind it.</summary>
    Follow,

    /// <summary>It was cut over at <see cref="ImportProgress.Revision"/>; the target is on its own.</summary>
    Done,
}

/// <summary>
/// How far an import is: the value of the progress key, changed by the very transactions that it tells of. So a transaction that is
/// sent twice is applied once, and two imports can't go on with one progress.
/// </summary>
/// <param name="Source">The source's cluster id.</param>
/// <param name="Prefixes">What is imported, as the order says it.</param>
/// <param name="Phase">What it is about.</param>
/// <param name="Revision">The source's revision that it is about.</param>
internal sealed record ImportProgress(ulong Source, IReadOnlyList<string> Prefixes, ImportPhase Phase, long Revision)
{
    private const int Format = 1;

    /// <summary>While it copies: the next key; null for the first one.</summary>
    public ByteString? Cursor { get; init; }

    /// <summary>While it copies: the range that the cursor is in, counted in the order of keys.</summary>
    public int Range { get; init; }

    /// <summary>While it follows: how many changes of the revision behind <see cref="Revision"/> are applied.</summary>
    public int ChangesBehind { get; init; }

    /// <summary>Which run wrote it, drawn anew at each start.</summary>
    public string Run { get; init; } = "";

    /// <summary>True for what was found at the start and not yet looked at.</summary>
    public bool IsOfEarlierRun => Run.Length > 0;

    /// <summary>Counts the writes of a run, so that no two have the same bytes.</summary>
    public long Number { get; init; }

    /// <summary>The value of the key: JSON, for whoever looks at it.</summary>
    public ByteString Encode()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("source", Source.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteStartArray("prefixes");
            foreach (string prefix in Prefixes)
            {
                json.WriteStringValue(prefix);
            }

            json.WriteEndArray();
            json.WriteString("phase", Phase switch
            {
                ImportPhase.Copy => "copy",
                ImportPhase.Follow => "follow",
                _ => "done",
            });
            json.WriteNumber("revision", Revision);
            json.WriteNumber("range", Range);
            json.WriteString("cursorBase64", Cursor?.ToBase64() ?? "");
            json.WriteNumber("changesBehind", ChangesBehind);
            json.WriteString("run", Run);
            json.WriteNumber("number", Number);
            json.WriteEndObject();
        }

        return ByteString.CopyFrom(bytes.ToArray());
    }

    /// <summary>Reads the value of the key. Throws <see cref="ImportException"/> when it is none.</summary>
    public static ImportProgress Decode(ByteString value)
    {
        try
        {
            using var document = JsonDocument.Parse(value.Memory);
            JsonElement json = document.RootElement;
            if (json.GetProperty("format").GetInt32() != Format)
            {
                throw new FormatException("another format");
            }

            string cursor = json.GetProperty("cursorBase64").GetString()!;
            return new ImportProgress(
                Convert.ToUInt64(json.GetProperty("source").GetString(), 16),
                [.. json.GetProperty("prefixes").EnumerateArray().Select(static prefix => prefix.GetString()!)],
                json.GetProperty("phase").GetString() switch
                {
                    "copy" => ImportPhase.Copy,
                    "follow" => ImportPhase.Follow,
                    "done" => ImportPhase.Done,
                    var other => throw new FormatException($"phase {other}"),
                },
                json.GetProperty("revision").GetInt64())
            {
                Range = json.GetProperty("range").GetInt32(),
                Cursor = cursor.Length == 0 ? null : ByteString.FromBase64(cursor),
                ChangesBehind = json.GetProperty("changesBehind").GetInt32(),
                Run = json.GetProperty("run").GetString()!,
                Number = json.GetProperty("number").GetInt64(),
            };
        }
        catch (Exception bad) when (bad is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new ImportException(
                $"The progress key holds {KeyText.Of(value)}, which no import of this version wrote. Nothing was changed.")
            {
                IsRefusal = true,
            };
        }
    }
}
