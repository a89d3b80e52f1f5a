using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;

namespace RaftKv.Doors.Rest.Watches;

/// <summary>Changes as JSON.</summary>
internal static class ChangeWriter
{
    /// <summary>One change.</summary>
    /// <param name="view">Where the value before is looked up, when it is asked for.</param>
    public static void Write(Utf8JsonWriter json, KeyValue change, StoreView view, WatchRequest request)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, change.IsTombstone ? "delete"u8 : "put"u8);
        json.WriteString("reason"u8, ReasonOf(change));
        PairWriter.WriteKey(json, change.KeySpan);
        if (!change.IsTombstone)
        {
            PairWriter.WriteValue(json, change.ValueSpan, request.IsBase64);
        }

        PairWriter.WriteRevisions(json, change);
        if (request.WantsPrevious && PreviousOf(change, view) is { } previous)
        {
            json.WritePropertyName("previous"u8);
            PairWriter.Write(json, previous, request.IsBase64);
        }

        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> ReasonOf(KeyValue change) => !change.IsTombstone ? "put"u8 : change.DeleteReason switch
    {
        DeleteReason.Expired => "expired"u8,
        DeleteReason.Revoked => "revoked"u8,
        _ => "delete"u8,
    };

    /// <summary>
    /// The pair that the change replaced or deleted; null when there was none, or when compaction took it: version 1
    /// tells the two apart.
    /// </summary>
    private static KeyValue? PreviousOf(KeyValue change, StoreView view)
    {
        if (change.Version == 1)
        {
            return null;
        }

        ReadStatus status = view.Get(change.KeySpan, new Revision(change.ModRevision.Value - 1), out KeyValue? previous);
        return status == ReadStatus.Ok ? previous : null;
    }
}
