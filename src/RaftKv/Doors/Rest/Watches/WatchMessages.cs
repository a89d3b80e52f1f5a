using System.Globalization;
using System.Text;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Http;

namespace RaftKv.Doors.Rest.Watches;

/// <summary>
/// Writes the messages of one stream: as Server-Sent Events, or as JSON lines with the same members and a type. One
/// flow only.
/// </summary>
internal sealed class WatchMessages(WatchRequest request, WatchOutput output)
{
    private readonly bool _isEventStream = request.Format == WatchFormat.EventStream;

    /// <summary>A message was begun and is not ended: whatever else is written now would become a part of it.</summary>
    public bool IsAmid { get; private set; }

    /// <summary>One revision's changes, never split, however many they are.</summary>
    public async ValueTask ChangeAsync(StoreView view, List<KeyValue> changes, int from, int count)
    {
        Revision revision = changes[from].ModRevision;
        IsAmid = true;
        JsonAnswer answer = Begin("change", revision);
        answer.Json.WriteNumber("revision"u8, revision.Value);
        answer.Json.WriteStartArray("events"u8);
        for (int i = from; i < from + count; i++)
        {
            ChangeWriter.Write(answer.Json, changes[i], view, request);
            Pass(answer);

            // After the last one the whole message is passed on: a client that is given up for slow then still can be told.
            if (output.IsFull && i + 1 < from + count)
            {
                await output.FlushAsync();
            }
        }

        answer.Json.WriteEndArray();
        End(answer);
        IsAmid = false;
    }

    /// <summary>Everything up to this revision was told on this stream.</summary>
    public void Bookmark(Revision revision)
    {
        JsonAnswer answer = Begin("bookmark", revision);
        answer.Json.WriteNumber("revision"u8, revision.Value);
        End(answer);
    }

    /// <summary>A sign of life that says nothing: the stream's start is still to come. Lines know none.</summary>
    public void KeepAlive()
    {
        if (_isEventStream)
        {
            output.Write(":\n\n"u8);
        }
    }

    /// <summary>
    /// The state of a view, in as many messages as its size asks for. Only the last one has an id: a client that comes
    /// back before it begins anew.
    /// </summary>
    public async ValueTask SnapshotAsync(StoreView view)
    {
        KeyRange keys = request.Selector.Keys;
        while (true)
        {
            RangeResult page = view.Range(new RangeRequest { Keys = keys, Limit = 1_000 });
            int written = 0;
            do
            {
                int count = CountFitting(page.Pairs, written);
                bool isComplete = !page.HasMore && written + count == page.Pairs.Count;
                WriteSnapshot(view, page.Pairs, written, count, isComplete);
                await output.FlushAsync();
                written += count;
            }
            while (written < page.Pairs.Count);

            if (!page.HasMore)
            {
                return;
            }

            keys = After(keys, page.Pairs[^1].Key);
        }
    }

    /// <summary>The end, and why.</summary>
    public void Cancel(string code, Revision? compacted, string detail)
    {
        JsonAnswer answer = Begin("cancel", null);
        answer.Json.WriteString("code"u8, code);
        if (compacted is not null)
        {
            answer.Json.WriteNumber("compactedRevision"u8, compacted.Value.Value);
        }

        answer.Json.WriteString("detail"u8, detail);
        End(answer);
    }

    private static int CountFitting(IReadOnlyList<KeyValue> pairs, int from)
    {
        int end = from;
        for (long bytes = 0; end < pairs.Count && bytes < ApiLimits.SnapshotMessageBytes; end++)
        {
            bytes += pairs[end].DataBytes;
        }

        return end - from;
    }

    private static KeyRange After(KeyRange keys, ReadOnlyMemory<byte> last)
    {
        byte[] start = [.. last.Span, 0];
        return keys.Kind == KeyRangeKind.Between ? KeyRange.Between(start, keys.End) : KeyRange.From(start);
    }

    private void WriteSnapshot(StoreView view, IReadOnlyList<KeyValue> pairs, int from, int count, bool isComplete)
    {
        JsonAnswer answer = Begin("snapshot", isComplete ? view.Revision : null);
        answer.Json.WriteNumber("revision"u8, view.Revision.Value);
        answer.Json.WriteStartArray("pairs"u8);
        for (int i = from; i < from + count; i++)
        {
            PairWriter.Write(answer.Json, pairs[i], request.IsBase64);
        }

        answer.Json.WriteEndArray();
        answer.Json.WriteBoolean("complete"u8, isComplete);
        End(answer);
    }

    private JsonAnswer Begin(string type, Revision? id)
    {
        JsonAnswer answer = JsonAnswer.Rent();
        if (_isEventStream)
        {
            string line = id is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"id: {id.Value.Value}\n");
            output.Write(Encoding.UTF8.GetBytes($"{line}event: {type}\ndata: "));
            answer.Json.WriteStartObject();
        }
        else
        {
            answer.Json.WriteStartObject();
            answer.Json.WriteString("type"u8, type);
        }

        return answer;
    }

    private void End(JsonAnswer answer)
    {
        answer.Json.WriteEndObject();
        Pass(answer);
        answer.Return();
        output.Write(_isEventStream ? "\n\n"u8 : "\n"u8);
    }

    private void Pass(JsonAnswer answer)
    {
        output.Write(answer.Finish().Span);
        answer.Drained();
    }
}
