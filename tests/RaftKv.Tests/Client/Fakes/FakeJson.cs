using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace RaftKv.Tests.Client.Fakes;

/// <summary>The contract's JSON, from the server's side.</summary>
internal static class FakeJson
{
    internal static JsonObject Pair(string key, FakePair pair)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(key);
        bool isTextKey = Utf8.IsValid(bytes);
        bool isText = Utf8.IsValid(pair.Value);
        JsonObject json = new()
        {
            ["key"] = isTextKey ? Encoding.UTF8.GetString(bytes) : Base64Url.EncodeToString(bytes),
            ["value"] = isText ? Encoding.UTF8.GetString(pair.Value) : Convert.ToBase64String(pair.Value),
            ["encoding"] = isText ? "utf-8" : "base64",
            ["createRevision"] = pair.CreateRevision,
            ["modRevision"] = pair.ModRevision,
            ["version"] = pair.Version,
            ["lease"] = pair.Lease == 0 ? null : LeaseId(pair.Lease),
        };
        if (!isTextKey)
        {
            json["keyEncoding"] = "base64url";
        }

        return json;
    }

    internal static JsonObject Change(FakeChange change, IEnumerable<FakeEvent> events)
    {
        JsonArray list = [];
        foreach (FakeEvent item in events)
        {
            JsonObject json = Pair(item.Key, item.Pair);
            json["type"] = item.IsPut ? "put" : "delete";
            json["reason"] = item.Reason;
            json["previous"] = item.Previous is null ? null : Pair(item.Key, item.Previous);
            list.Add(json);
        }

        return new JsonObject { ["type"] = "change", ["revision"] = change.Revision, ["events"] = list };
    }

    internal static string LeaseId(long id) => id.ToString("x16");

    internal static long ParseLease(JsonNode? node) => node is null ? 0 : Convert.ToInt64(node.GetValue<string>(), 16);

    internal static long ParseMs(JsonNode? node, long otherwise) => node is null ? otherwise : ParseMs(node.GetValue<string>());

    internal static long ParseMs(string text) => text.EndsWith("ms", StringComparison.Ordinal)
        ? long.Parse(text[..^2])
        : long.Parse(text.TrimEnd('s')) * 1_000;

    internal static HttpResponseMessage Answer(int status, JsonNode body, params (string Name, string Value)[] headers)
    {
        HttpResponseMessage response = new((HttpStatusCode)status)
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        foreach ((string name, string value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    internal static HttpResponseMessage Problem(int status, string code, string applied = "no", JsonObject? more = null)
    {
        JsonObject body = more ?? [];
        body["code"] = code;
        body["status"] = status;
        body["title"] = code;
        body["detail"] = "The fake says so.";
        body["applied"] = applied;
        body["retryable"] = status is 429 or 503;
        return Answer(status, body);
    }

    internal static string KeyOf(JsonObject json, string name = "key") => json["keyEncoding"]?.GetValue<string>() == "base64url"
        ? Encoding.Latin1.GetString(Base64Url.DecodeFromChars(json[name]!.GetValue<string>()))
        : FakeStore.Latin1(json[name]!.GetValue<string>());

    internal static byte[] ValueOf(JsonObject json, string name = "value") => json["encoding"]?.GetValue<string>() == "base64"
        ? Convert.FromBase64String(json[name]!.GetValue<string>())
        : Encoding.UTF8.GetBytes(json[name]!.GetValue<string>());

    internal static JsonObject Parse(byte[] body) => body.Length == 0 ? [] : JsonSerializer.Deserialize<JsonObject>(body)!;
}
