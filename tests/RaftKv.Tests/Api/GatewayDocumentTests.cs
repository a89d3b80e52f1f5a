using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RaftKv.Tests.Api;

/// <summary>The document of etcd's JSON gateway: complete, true, and what the repository has.</summary>
public sealed class GatewayDocumentTests : IAsyncLifetime
{
    private static readonly JsonSerializerOptions _indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private ApiHost _host = null!;
    private JsonNode _document = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        _document = JsonNode.Parse(await _host.Client.GetStringAsync("/openapi/etcd-v3.json"))!;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Every_route_of_the_gateway_is_described_and_each_described_one_is_served()
    {
        Assert.Equal(51, Operations().Count());
        foreach ((string path, _) in Operations())
        {
            // Any path of the gateway that is none is 404; those that are take no GET.
            Assert.Equal(405, (int)(await _host.SendAsync("GET", path)).StatusCode);
        }
    }

    [Fact]
    public void Operations_have_ids_texts_and_schemas_and_no_reference_dangles()
    {
        var ids = new HashSet<string>();
        foreach ((string path, JsonNode operation) in Operations())
        {
            Assert.True(ids.Add(operation["operationId"]!.GetValue<string>()), path);
            Assert.NotEmpty(operation["summary"]!.GetValue<string>());
            Assert.StartsWith("`", operation["description"]!.GetValue<string>());
            Assert.Contains(operation["tags"]![0]!.ToString(), _document["tags"]!.AsArray().Select(tag => tag!["name"]!.ToString()));
            Assert.NotNull(operation["requestBody"]!["content"]!["application/json"]!["schema"]);
        }

        string text = _document.ToJsonString();
        foreach ((string name, _) in _document["components"]!["schemas"]!.AsObject())
        {
            Assert.Contains($"\"#/components/schemas/{name}\"", text);
        }

        Visit(_document, node => Assert.True(node["$ref"] is not JsonValue reference || Resolve(reference.GetValue<string>()) is not null));
    }

    [Fact]
    public async Task Examples_end_as_described_and_answers_have_the_described_form()
    {
        JsonNode leader = (await PrepareAsync("election/campaign", """{"name":"ZWxlY3Rpb24=","value":"YmFy"}"""))["leader"]!;
        await PrepareAsync("election/resign", new JsonObject { ["leader"] = leader.DeepClone() }.ToJsonString());
        foreach ((string path, JsonNode operation) in Operations())
        {
            JsonObject responses = operation["responses"]!.AsObject();
            string body = operation["requestBody"]!["content"]!["application/json"]!["example"]!.ToJsonString();
            if (path == "/v3/kv/lease/revoke")
            {
                await PrepareAsync("lease/grant", """{"TTL":"600","ID":"1234"}""");
            }

            if (path == "/v3/lease/revoke")
            {
                Assert.Equal(404, (int)(await _host.PostAsync("/v3/lease/revoke", """{"ID":"99"}""")).StatusCode);
            }

            (int status, JsonElement answer) = await SendAsync(path, body);
            string described = responses.Select(response => response.Key).SingleOrDefault(key => key is not ("200" or "default")) ?? "200";
            Assert.True(status.ToString() == described, $"{path}: {status} {answer}");
            AssertMatches(answer, responses[described]!["content"]!["application/json"]!["schema"]!, path);
        }
    }

    [Fact]
    public void Document_equals_the_one_in_the_repository()
    {
        string path = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "docs", "openapi-etcd.json");
        string actual = _document.ToJsonString(_indented) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), "docs/openapi-etcd.json is missing; UPDATE_GOLDEN=1 writes it");
        Assert.True(
            actual == File.ReadAllText(path),
            "docs/openapi-etcd.json differs from what is served; run once with UPDATE_GOLDEN=1 and explain the diff");
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private async Task<JsonNode> PrepareAsync(string path, string body) =>
        JsonNode.Parse(await (await _host.PostAsync("/v3/" + path, body)).Content.ReadAsStringAsync())!;

    // The first line is enough of a stream, which may have no end.
    private async Task<(int Status, JsonElement Answer)> SendAsync(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body) };
        using HttpResponseMessage answer = await _host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        string line = (await reader.ReadLineAsync())!;
        return ((int)answer.StatusCode, JsonDocument.Parse(line).RootElement);
    }

    // Enough of JSON Schema for this document: type, enum, no member beyond properties, items, references.
    private void AssertMatches(JsonElement value, JsonNode schema, string where)
    {
        if (schema["$ref"] is JsonValue reference)
        {
            schema = Resolve(reference.GetValue<string>())!;
        }

        string type = value.ValueKind switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.Number => "integer",
            _ => "string",
        };
        Assert.True(schema["type"]!.GetValue<string>() == type, $"{where} is {type}");
        if (schema["enum"] is JsonArray choices)
        {
            Assert.Contains(value.GetString(), choices.Select(choice => choice!.GetValue<string>()));
        }

        foreach (JsonElement item in type == "array" ? value.EnumerateArray() : default)
        {
            AssertMatches(item, schema["items"]!, where + "[]");
        }

        foreach (JsonProperty member in type == "object" ? value.EnumerateObject() : default)
        {
            JsonNode? described = schema["properties"]![member.Name];
            Assert.True(described is not null, $"{where} has an undescribed {member.Name}");
            AssertMatches(member.Value, described, $"{where}.{member.Name}");
        }
    }

    private IEnumerable<(string Path, JsonNode Operation)> Operations() =>
        _document["paths"]!.AsObject().Select(path => (path.Key, path.Value!["post"]!));

    private JsonNode? Resolve(string reference) => _document["components"]!["schemas"]![reference.Split('/')[^1]];

    private static void Visit(JsonNode? node, Action<JsonObject> visit)
    {
        if (node is JsonObject here)
        {
            visit(here);
        }

        foreach (JsonNode? child in node is JsonObject o ? o.Select(p => p.Value) : node is JsonArray a ? a : [])
        {
            Visit(child, visit);
        }
    }
}
