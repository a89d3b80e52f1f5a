using RaftKv.Client.Http;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Watch;

/// <summary>Turns the messages of a watch into the client's types.</summary>
internal static class WatchMapping
{
    internal static IReadOnlyList<WatchEvent> ToEvents(WatchMessage message, Answer answer)
    {
        List<WatchEvent> events = new(message.Events?.Count ?? 0);
        long revision = message.Revision ?? 0;
        foreach (WatchEventBody wire in message.Events ?? [])
        {
            KeyValueEntry entry = WireMapping.ToEntry(wire, answer);
            bool isPut = wire.Type switch
            {
                ChangeWords.Put => true,
                ChangeWords.Delete => false,
                _ => throw WireMapping.Broken(answer, RequestKind.Read, "an event is neither a put nor a delete"),
            };
            events.Add(new WatchEvent
            {
                Type = isPut ? WatchEventType.Put : WatchEventType.Delete,
                Reason = ToReason(wire.Reason, isPut),
                Key = entry.Key,
                Entry = isPut ? entry : entry with { Version = 0, ModRevision = revision },
                Previous = wire.Previous is { } previous ? WireMapping.ToEntry(previous, entry.Key, answer) : null,
                Revision = revision,
            });
        }

        return events;
    }

    private static WatchEventReason ToReason(string text, bool isPut) => text switch
    {
        ChangeWords.Put => WatchEventReason.Put,
        ChangeWords.Delete => WatchEventReason.Deleted,
        ChangeWords.Expired => WatchEventReason.Expired,
        ChangeWords.Revoked => WatchEventReason.Revoked,
        "" => isPut ? WatchEventReason.Put : WatchEventReason.Deleted,
        _ => WatchEventReason.Other,
    };
}
