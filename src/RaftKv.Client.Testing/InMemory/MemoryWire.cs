using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using RaftKv.Client.Kv;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Testing.InMemory;

/// <summary>Answers as a node writes them.</summary>
internal static class MemoryWire
{
    internal const string Node = "memory";

    internal static HttpResponseMessage Answer<T>(T body, JsonTypeInfo<T> type, long revision, HttpStatusCode status = HttpStatusCode.OK) =>
        WithHeaders(
            new HttpResponseMessage(status) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type)) }, revision);

    /// <summary>A refusal: nothing was applied, and the same again won't do better.</summary>
    internal static HttpResponseMessage Problem(
        HttpStatusCode status, string code, string detail, long revision, Func<ProblemBody, ProblemBody>? more = null)
    {
        ProblemBody body = new()
        {
            Type = ErrorCodes.TypePrefix + code,
            Title = code,
            Status = (int)status,
            Detail = detail,
            Code = code,
            Applied = AppliedWords.No,
            Retryable = false,
            Node = Node,
            Leader = Node,
            TraceId = "",
        };
        return Answer(more is null ? body : more(body), AnswerJson.Default.ProblemBody, revision, status);
    }

    internal static HttpResponseMessage WithHeaders(HttpResponseMessage response, long revision)
    {
        string text = revision.ToString(CultureInfo.InvariantCulture);
        foreach ((string name, string value) in (ReadOnlySpan<(string, string)>)
        [
            (HeaderNames.Revision, text), (HeaderNames.AppliedIndex, text), (HeaderNames.Term, "1"), (HeaderNames.ServedBy, Node),
            (HeaderNames.Role, NodeRoles.Leader), (HeaderNames.Leader, Node), (HeaderNames.Consistency, ReadLevelNames.Linearizable),
            (HeaderNames.StalenessMs, "0"),
        ])
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    internal static PairBody Pair(KeyValueEntry entry)
    {
        (string key, string? keyEncoding) = KeyEncoding.ToText(entry.Key);
        (string value, string encoding) = Value(entry.Value);
        return new PairBody
        {
            Key = key,
            KeyEncoding = keyEncoding,
            Value = value,
            Encoding = encoding,
            CreateRevision = entry.CreateRevision,
            ModRevision = entry.ModRevision,
            Version = entry.Version,
            Lease = entry.Lease,
        };
    }

    internal static WatchEventBody Change(WatchEvent change)
    {
        bool isPut = change.Type == WatchEventType.Put;
        PairBody pair = Pair(change.Entry);
        return new WatchEventBody
        {
            Type = isPut ? ChangeWords.Put : ChangeWords.Delete,
            Reason = ReasonOf(change.Reason),
            Key = pair.Key,
            KeyEncoding = pair.KeyEncoding,
            Value = isPut ? pair.Value : null,
            Encoding = isPut ? pair.Encoding : null,
            CreateRevision = isPut ? pair.CreateRevision : 0,
            ModRevision = change.Revision,
            Version = isPut ? pair.Version : 0,
            Lease = isPut ? pair.Lease : null,
        };
    }

    internal static HolderBody Holder(MemoryPlace place, TimeSpan? remaining) => new()
    {
        FencingToken = place.Token,
        Owner = place.Owner,
        Lease = place.Entry.Lease ?? "",
        Mode = place.ModeWord,
        RemainingMs = remaining is { } left ? (long)left.TotalMilliseconds : null,
    };

    private static string ReasonOf(WatchEventReason reason) => reason switch
    {
        WatchEventReason.Put => ChangeWords.Put,
        WatchEventReason.Expired => ChangeWords.Expired,
        WatchEventReason.Revoked => ChangeWords.Revoked,
        _ => ChangeWords.Delete,
    };

    private static (string Text, string Encoding) Value(ReadOnlyMemory<byte> bytes) => Utf8.IsValid(bytes.Span)
        ? (Encoding.UTF8.GetString(bytes.Span), Encodings.Utf8)
        : (Convert.ToBase64String(bytes.Span), Encodings.Base64);
}
