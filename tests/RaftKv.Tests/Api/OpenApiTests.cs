using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Health;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Doors.Rest;
using RaftKv.Service.Writes;

namespace RaftKv.Tests.Api;

/// <summary>The API document: complete, consistent with what is served, and what the repository has.</summary>
public sealed class OpenApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;
    private JsonNode _document = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        _document = JsonNode.Parse(await _host.Client.GetStringAsync("/openapi/v1.json"))!;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void Document_is_openapi_3_1_and_its_tags_are_in_order()
    {
        Assert.StartsWith("3.1", _document["openapi"]!.GetValue<string>());
        Assert.Equal(ApiTags.All.Select(t => t.Name), _document["tags"]!.AsArray().Select(t => t!["name"]!.GetValue<string>()));
    }

    [Fact]
    public void Every_served_route_is_described_and_nothing_else()
    {
        var served = new SortedSet<string>(RestRoutes.All.Concat(HealthRoutes.All)
            .SelectMany(r => r.AllowedMethods.Split(", ").Where(static m => m != "HEAD").Select(m => $"{m} {r.Template}")));
        var described = new SortedSet<string>(Operations().Select(o => $"{o.Method.ToUpperInvariant()} {o.Path}"));
        Assert.Equal(served, described);
    }

    [Fact]
    public void Every_operation_has_id_summary_description_one_tag_and_described_parameters()
    {
        var ids = new HashSet<string>();
        foreach ((string method, string path, JsonNode operation) in Operations())
        {
            string name = $"{method} {path}";
            Assert.True(ids.Add(operation["operationId"]!.GetValue<string>()), name);
            Assert.True(operation["summary"]!.GetValue<string>().Length > 0, name);
            Assert.True(operation["description"]!.GetValue<string>().Length > 0, name);
            Assert.Single(operation["tags"]!.AsArray());
            foreach (JsonNode? parameter in operation["parameters"]?.AsArray() ?? [])
            {
                JsonNode resolved = Resolve(parameter!);
                Assert.True(resolved["description"]!.GetValue<string>().Length > 0, $"{name} {resolved["name"]}");
                Assert.NotNull(resolved["schema"]);
                if (resolved["in"]!.GetValue<string>() == "path")
                {
                    Assert.True(resolved["required"]!.GetValue<bool>() && resolved["example"] is not null, $"{name} {resolved["name"]}");
                }
            }
        }
    }

    [Fact]
    public void Every_operation_has_an_example_and_problem_answers_with_shared_headers()
    {
        foreach ((string method, string path, JsonNode operation) in Operations())
        {
            string name = $"{method} {path}";
            JsonObject responses = operation["responses"]!.AsObject();
            if (method != "head")
            {
                Assert.True(responses.Any(r => r.Key is "200" or "201" or "202" && r.Value!["content"]!.AsObject().All(c => c.Value!["example"] is not null)), name);
            }

            foreach ((_, JsonNode? content) in operation["requestBody"]?["content"]?.AsObject() ?? [])
            {
                Assert.True(content!["example"] is not null && content["schema"] is not null, name);
            }

            foreach ((string status, JsonNode? shared) in responses)
            {
                JsonNode response = Resolve(shared!);
                Assert.True(response["description"]!.GetValue<string>().Length > 0, $"{name} {status}");
                Assert.True(int.Parse(status) >= 400 || response["headers"]?["RaftKv-Revision"] is not null, $"{name} {status}");
                if (path.StartsWith("/api/", StringComparison.Ordinal) && method != "head" && int.Parse(status) >= 400)
                {
                    Assert.True(response["content"]!["application/problem+json"]!["examples"]!.AsObject().Count > 0, $"{name} {status}");
                }
            }

            Assert.True(!path.StartsWith("/api/", StringComparison.Ordinal) || responses.ContainsKey("400"), name);
        }
    }

    [Fact]
    public void No_reference_dangles_and_no_component_is_unused()
    {
        var used = new HashSet<string>();
        Visit(_document, node =>
        {
            if (node is JsonObject o && o["$ref"] is JsonValue reference)
            {
                used.Add(reference.GetValue<string>());
                Assert.NotNull(Resolve(o));
            }
        });
        foreach ((string kind, JsonNode? components) in _document["components"]!.AsObject())
        {
            // Schemes of security are named by name.
            foreach ((string name, _) in kind == "securitySchemes" ? [] : components!.AsObject())
            {
                Assert.Contains($"#/components/{kind}/{name}", used);
            }
        }
    }

    [Fact]
    public async Task Examples_work_first_time_on_an_empty_store()
    {
        foreach ((string method, string path, JsonNode operation) in Operations().OrderBy(o => o.Method switch { "put" => 0, "delete" => 2, _ => 1 }))
        {
            // Users and roles have an order of their own: AccessTests. Backups need a node with a directory for them: BackupTests.
            // A node alone is not drained: it would be stuck.
            if (path.StartsWith("/api/v1/auth/", StringComparison.Ordinal) || path.EndsWith("/drain", StringComparison.Ordinal)
                || path == "/api/v1/backups/{id}" || (path == "/api/v1/backups" && method == "post"))
            {
                continue;
            }

            var query = new StringBuilder();
            string target = path;
            foreach (JsonNode? parameter in operation["parameters"]?.AsArray() ?? [])
            {
                JsonNode resolved = Resolve(parameter!);
                if (resolved["example"] is not JsonValue example)
                {
                    continue;
                }

                Assert.Equal(resolved["schema"]!["type"]!.GetValue<string>() == "integer", example.GetValueKind() == JsonValueKind.Number);
                string value = Uri.EscapeDataString(example.ToString());
                target = target.Replace($"{{{resolved["name"]}}}", value);
                query.Append(resolved["in"]!.GetValue<string>() == "query" ? $"&{resolved["name"]}={value}" : string.Empty);
            }

            if (path == "/api/v1/kv/{key}" && method is "get" or "head" or "delete")
            {
                await _host.SendAsync("PUT", "/api/v1/kv/app/config", "on");
            }

            string? token = await PrepareAsync(method, path);
            if (token is not null)
            {
                query.Replace("token=2", "token=" + token);
            }

            (string type, JsonNode? content) = operation["requestBody"]?["content"]?.AsObject().First() ?? default;
            JsonNode? body = content?["example"];
            string? text = body is null ? null : type == "text/plain" ? body.GetValue<string>() : body.ToJsonString();
            HttpResponseMessage answer = await _host.SendAsync(
                method.ToUpperInvariant(), target + (query.Length == 0 ? string.Empty : "?" + query.ToString(1, query.Length - 1)), text, text is null ? null : type);
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            Assert.Contains(((int)answer.StatusCode).ToString(), operation["responses"]!.AsObject().Select(r => r.Key));
            if (answer.Content.Headers.ContentType?.MediaType == "application/json" && method != "head")
            {
                AssertMatches(await answer.JsonAsync(), operation["responses"]![$"{(int)answer.StatusCode}"]!["content"]!["application/json"]!["schema"]!, method + path);
            }
        }
    }

    [Fact]
    public void Document_equals_the_one_in_the_repository()
    {
        string path = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "docs", "openapi.json");
        string actual = _document.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), "docs/openapi.json is missing; UPDATE_GOLDEN=1 writes it");
        Assert.True(actual == File.ReadAllText(path), "docs/openapi.json differs from what is served; run once with UPDATE_GOLDEN=1 and explain the diff");
    }

    // What an example needs to be there, or not to be there, as the person who tries it out would have seen to it; gives
    // the token of what is held.
    private async Task<string?> PrepareAsync(string method, string path)
    {
        if (path.StartsWith("/api/v1/leases/", StringComparison.Ordinal))
        {
            await _host.PostAsync("/api/v1/leases", """{"ttl":"15s","id":"1b"}""");
        }

        if (path == "/api/v1/client-sessions/{id}")
        {
            // Ids are drawn; the example's is opened past the door.
            await _host.ApplyAsync(new OpenSessionCommand(new ClientSessionId(0x5f1c0f5a3b9d2468)));
        }

        if (path == "/api/v1/guards/{prefix}" && method == "delete")
        {
            await _host.SendAsync("PUT", "/api/v1/guards/guarded%2F");
        }

        if (path == "/api/v1/alarms/{kind}")
        {
            byte[] raise = KvCommandCodec.Encode(
                new RaiseAlarmCommand(AlarmKind.NoSpace, NodeId.None, AlarmCause.Hand), _host.Node.HeadroomBytes);
            await _host.Node.ProposeAsync(raise, TimeSpan.FromSeconds(5), default);
        }

        foreach ((string root, string name, string acquire, string body) in ((string, string, string, string)[])
            [("locks", "orders%2F42", "", "{}"), ("semaphores", "orders%2F42", "", """{"limit":10}"""), ("elections", "billing", "/campaign", "{}")])
        {
            string held = $"/api/v1/{root}/{name}";
            if (!path.StartsWith($"/api/v1/{root}/", StringComparison.Ordinal))
            {
                continue;
            }

            bool isAcquire = method == "post" && !path.EndsWith("keepalive", StringComparison.Ordinal);
            string? token = TokenIn(await (await _host.SendAsync("GET", held)).JsonAsync());
            if (isAcquire && token is not null)
            {
                await _host.SendAsync("DELETE", $"{held}?token={token}");
                return null;
            }

            return isAcquire ? null : token ?? TokenIn(await (await _host.PostAsync(held + acquire, body)).JsonAsync());
        }

        return null;
    }

    private static string? TokenIn(JsonElement answer)
    {
        JsonElement? holder = answer.TryGetProperty("holders", out JsonElement holders) ? holders.EnumerateArray().Cast<JsonElement?>().FirstOrDefault()
            : answer.TryGetProperty("leader", out JsonElement leader) ? leader
            : answer;
        return holder is not { ValueKind: JsonValueKind.Object } one ? null
            : one.TryGetProperty("fencingToken", out JsonElement token) || one.TryGetProperty("token", out token) ? token.GetRawText()
            : null;
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    // Enough of JSON Schema for this document: type, required, no member beyond properties, items, references.
    private void AssertMatches(JsonElement value, JsonNode schema, string where)
    {
        JsonNode resolved = Resolve(schema["oneOf"]?[0] ?? schema);
        if (resolved["enum"] is JsonArray choices)
        {
            Assert.Contains(value.GetString(), choices.Select(c => c!.GetValue<string>()));
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray())
            {
                AssertMatches(item, resolved["items"]!, where + "[]");
            }
        }

        if (value.ValueKind != JsonValueKind.Object || resolved["properties"] is not JsonObject properties)
        {
            return;
        }

        foreach (JsonNode? required in resolved["required"]?.AsArray() ?? [])
        {
            Assert.True(value.TryGetProperty(required!.GetValue<string>(), out _), $"{where} lacks {required}");
        }

        foreach (JsonProperty member in value.EnumerateObject())
        {
            Assert.True(properties.ContainsKey(member.Name), $"{where} has an undescribed {member.Name}");
            AssertMatches(member.Value, properties[member.Name]!, $"{where}.{member.Name}");
        }
    }

    private IEnumerable<(string Method, string Path, JsonNode Operation)> Operations() =>
        _document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => (o.Key, p.Key, o.Value!)));

    private JsonNode Resolve(JsonNode node)
    {
        if (node["$ref"] is not JsonValue reference)
        {
            return node;
        }

        JsonNode? target = _document;
        foreach (string part in reference.GetValue<string>().TrimStart('#', '/').Split('/'))
        {
            target = target?[part];
        }

        return target ?? throw new InvalidOperationException($"{reference} dangles");
    }

    private static void Visit(JsonNode? node, Action<JsonNode> visit)
    {
        if (node is null)
        {
            return;
        }

        visit(node);
        foreach (JsonNode? child in node is JsonObject o ? o.Select(p => p.Value) : node is JsonArray a ? a : [])
        {
            Visit(child, visit);
        }
    }
}
