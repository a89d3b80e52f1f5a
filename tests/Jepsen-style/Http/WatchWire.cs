using System.Text;
using System.Text.Json;
using RaftKv.JepsenStyle.Checkers;

namespace RaftKv.JepsenStyle.Http;

/// <summary>Reads the messages of a watch as they come over the wire. Pure.</summary>
internal static class WatchWire
{
    /// <summary>A message from its type and its JSON.</summary>
    public static WatchMessage Parse(string type, JsonElement data) => type switch
    {
        "change" => new ChangeMessage(Revision(data), [.. data.GetProperty("events").EnumerateArray().Select(Change)]),
        "bookmark" => new BookmarkMessage(Revision(data)),
        "snapshot" => new SnapshotMessage(
            Revision(data), [.. data.GetProperty("pairs").EnumerateArray().Select(Pair)], data.GetProperty("complete").GetBoolean()),
        "cancel" => new CancelMessage(
            data.GetProperty("code").GetString()!,
            data.TryGetProperty("compactedRevision", out JsonElement compacted) ? compacted.GetInt64() : null),
        _ => throw new FormatException($"a message of the unknown type '{type}'"),
    };

    /// <summary>One JSON line.</summary>
    public static WatchMessage ParseLine(string line)
    {
        JsonElement data = JsonDocument.Parse(line).RootElement;
        return Parse(data.GetProperty("type").GetString()!, data);
    }

    /// <summary>
    /// One event of a stream of Server-Sent Events, without the empty line after it; null for a mere comment. Checks that
    /// the id is the revision.
    /// </summary>
    public static WatchMessage? ParseEvent(IEnumerable<string> lines, out long? id)
    {
        string? type = null;
        var data = new StringBuilder();
        id = null;
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string field = colon < 0 ? line : line[..colon];
            string value = colon < 0 ? "" : line[(colon + 1)..].TrimStart(' ');
            switch (field)
            {
                case "id": id = long.Parse(value, System.Globalization.CultureInfo.InvariantCulture); break;
                case "event": type = value; break;
                case "data": data.Append(value); break;
            }
        }

        if (type is null)
        {
            return null;
        }

        JsonElement body = JsonDocument.Parse(data.ToString()).RootElement;
        WatchMessage message = Parse(type, body);
        bool hasId = message is ChangeMessage or BookmarkMessage or SnapshotMessage { IsComplete: true };
        if (hasId != id is not null || (hasId && id != Revision(body)))
        {
            throw new FormatException($"the id {id} of a {type} that says {body.GetRawText()}");
        }

        return message;
    }

    /// <summary>A change as the API writes it.</summary>
    public static WatchedChange Change(JsonElement change)
    {
        bool isDelete = change.GetProperty("type").GetString() == "delete";
        if (isDelete == change.TryGetProperty("value", out JsonElement value))
        {
            throw new FormatException("a put has a value, and a deletion has none: " + change.GetRawText());
        }

        return new WatchedChange(
            change.GetProperty("modRevision").GetInt64(),
            change.GetProperty("key").GetString()!,
            isDelete ? null : value.GetString(),
            change.GetProperty("createRevision").GetInt64(),
            change.GetProperty("version").GetInt64(),
            change.TryGetProperty("previous", out JsonElement previous) ? previous.GetProperty("value").GetString() : null);
    }

    private static long Revision(JsonElement data) => data.GetProperty("revision").GetInt64();

    private static WatchedPair Pair(JsonElement pair) =>
        new(pair.GetProperty("key").GetString()!, pair.GetProperty("value").GetString()!, pair.GetProperty("modRevision").GetInt64());
}
