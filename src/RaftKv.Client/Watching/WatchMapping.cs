using RaftKv.Client.Http;

namespace RaftKv.Client.Watching;

/// <summary>Turns the messages of a watch into the client's types.</summary>
internal static class WatchMapping
{
    internal static IReadOnlyList<WatchEvent> ToEvents(WireWatchMessage message, Answer answer)
    {
        List<WatchEvent> events = new(message.Events?.Count ?? 0);
        foreach (WireWatchEvent wire in message.Events ?? [])
        {
            KeyValueEntry entry = WireMapping.ToEntry(wire.ToEntry(), answer);
            bool isPut = wire.Type switch
            {
                "put" => true,
                "delete" => false,
                _ => throw WireMapping.Broken(answer, RequestKind.Read, "an event is neither a put nor a delete"),
            };
            events.Add(new WatchEvent
            {
                Type = isPut ? WatchEventType.Put : WatchEventType.Delete,
                Reason = ToReason(wire.Reason, isPut),
                Key = entry.Key,
                Entry = isPut ? entry : entry with { Version = 0, ModRevision = message.Revision },
                Previous = wire.Previous is { } previous ? WireMapping.ToEntry(previous, entry.Key, answer) : null,
                Revision = message.Revision,
            });
        }

        return events;
    }

    private static WatchEventReason ToReason(string? text, bool isPut) => text switch
    {
        "put" => WatchEventReason.Put,
        "delete" or "deleted" => WatchEventReason.Deleted,
        "expired" => WatchEventReason.Expired,
        "revoked" => WatchEventReason.Revoked,
        null => isPut ? WatchEventReason.Put : WatchEventReason.Deleted,
        _ => WatchEventReason.Other,
    };
}
