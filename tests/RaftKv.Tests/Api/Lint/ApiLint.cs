using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RaftKv.Tests.Api.Lint;

/// <summary>
/// The rules that Redocly's recommended set takes for errors, and those of its warnings that we keep, so that no document is served
/// which a linter or a generator of clients stumbles over. clients/lint.mjs asks Redocly itself, where npm is there.
/// </summary>
internal sealed partial class ApiLint
{
    private static readonly string[] _methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

    private readonly JsonNode _document;
    private readonly List<string> _findings = [];
    private readonly HashSet<string> _operationIds = [];

    private ApiLint(JsonNode document) => _document = document;

    /// <summary>What is wrong; one sentence each, with the rule's name before it.</summary>
    public static IReadOnlyList<string> Check(JsonNode document)
    {
        var lint = new ApiLint(document);
        lint.CheckHead();
        lint.CheckReferences(document, "#");
        if (lint._findings.Count > 0)
        {
            // The rest follows references.
            return lint._findings;
        }

        lint.CheckPaths();
        lint.CheckComponents();
        return lint._findings;
    }

    private void CheckHead()
    {
        Expect(_document["openapi"]?.GetValue<string>().StartsWith("3.1.", StringComparison.Ordinal) == true, "struct", "openapi is 3.1");
        Expect(HasText(_document["info"], "title") && HasText(_document["info"], "version"), "struct", "info has title and version");
        JsonNode? license = _document["info"]?["license"];
        Expect(HasText(license, "name"), "info-license", "a license with a name");
        Expect(HasText(license, "url") != HasText(license, "identifier"), "info-license-strict", "a license has a url or an identifier");
        JsonArray servers = _document["servers"]?.AsArray() ?? [];
        Expect(servers.Count > 0, "no-empty-servers", "a server");
        foreach (JsonNode? server in servers)
        {
            string url = server?["url"]?.GetValue<string>() ?? "";
            Expect(url.Length > 0, "struct", "a server has a url");
            Expect(url == "/" || !url.EndsWith('/'), "no-server-trailing-slash", url);
        }

        foreach (JsonNode? tag in _document["tags"]?.AsArray() ?? [])
        {
            Expect(HasText(tag, "description"), "tag-description", tag?["name"]?.ToString() ?? "?");
        }
    }

    private void CheckReferences(JsonNode? node, string where)
    {
        if (node is JsonObject one && one["$ref"] is JsonValue reference)
        {
            Expect(Find(reference.GetValue<string>()) is not null, "no-unresolved-refs", $"{where}: {reference}");
        }

        foreach ((string name, JsonNode? child) in Children(node))
        {
            CheckReferences(child, $"{where}/{name}");
        }
    }

    private void CheckPaths()
    {
        var shapes = new HashSet<string>();
        foreach ((string path, JsonNode? item) in _document["paths"]?.AsObject() ?? [])
        {
            Expect(path.StartsWith('/'), "struct", $"{path} begins with a slash");
            Expect(path == "/" || !path.EndsWith('/'), "no-path-trailing-slash", path);
            Expect(!path.Contains('?', StringComparison.Ordinal), "path-not-include-query", path);
            Expect(shapes.Add(Variable().Replace(path, "{}")), "no-identical-paths", path);
            foreach ((string method, JsonNode? operation) in item!.AsObject())
            {
                Expect(_methods.Contains(method), "struct", $"{path} has an unknown {method}");
                CheckOperation($"{method} {path}", path, operation!);
            }
        }
    }

    private void CheckOperation(string name, string path, JsonNode operation)
    {
        string id = operation["operationId"]?.GetValue<string>() ?? "";
        Expect(id.Length > 0, "operation-operationId", name);
        Expect(_operationIds.Add(id), "operation-operationId-unique", $"{name}: {id}");
        Expect(UrlSafe().IsMatch(id), "operation-operationId-url-safe", $"{name}: {id}");
        Expect(HasText(operation, "summary"), "operation-summary", name);
        CheckSecurity(name, operation);
        CheckParameters(name, path, operation);
        CheckContents(name + " body", Resolve(operation["requestBody"]));
        JsonObject responses = operation["responses"]?.AsObject() ?? [];
        Expect(responses.Any(static r => r.Key[0] == '2'), "operation-2xx-response", name);
        foreach ((string status, JsonNode? shared) in responses)
        {
            JsonNode response = Resolve(shared)!;
            Expect(status is "default" || StatusCode().IsMatch(status), "struct", $"{name} has a status {status}");
            Expect(HasText(response, "description"), "struct", $"{name} {status} has a description");
            CheckContents($"{name} {status}", response);
            foreach ((string header, JsonNode? described) in response["headers"]?.AsObject() ?? [])
            {
                Expect(Resolve(described)?["schema"] is not null, "struct", $"{name} {status} {header} has a schema");
            }
        }
    }

    private void CheckSecurity(string name, JsonNode operation)
    {
        JsonArray? security = (operation["security"] ?? _document["security"])?.AsArray();
        Expect(security is { Count: > 0 }, "security-defined", name);
        foreach (string scheme in security?.SelectMany(static s => s!.AsObject().Select(static one => one.Key)) ?? [])
        {
            Expect(_document["components"]?["securitySchemes"]?[scheme] is not null, "security-defined", $"{name}: {scheme}");
        }
    }

    private void CheckParameters(string name, string path, JsonNode operation)
    {
        var seen = new HashSet<(string Place, string Name)>();
        foreach (JsonNode? shared in operation["parameters"]?.AsArray() ?? [])
        {
            JsonNode parameter = Resolve(shared)!;
            string place = parameter["in"]?.GetValue<string>() ?? "";
            string called = parameter["name"]?.GetValue<string>() ?? "";
            string where = $"{name} {place} {called}";
            Expect(place is "path" or "query" or "header" or "cookie" && called.Length > 0, "struct", where);
            Expect(seen.Add((place, called)), "operation-parameters-unique", where);
            Expect(parameter["schema"] is not null != parameter["content"] is not null, "struct", $"{where} has a schema or contents");
            Expect(place != "path" || parameter["required"]?.GetValue<bool>() == true, "struct", $"{where} is required");
            Expect(place != "path" || path.Contains($"{{{called}}}", StringComparison.Ordinal), "path-parameters-defined", where);
            CheckExample(where, parameter);
        }

        foreach (Match variable in Variable().Matches(path))
        {
            Expect(seen.Contains(("path", variable.Groups["name"].Value)), "path-parameters-defined", $"{name}: {variable.Value}");
        }
    }

    private void CheckContents(string where, JsonNode? holder)
    {
        foreach ((string type, JsonNode? content) in holder?["content"]?.AsObject() ?? [])
        {
            Expect(type.Contains('/', StringComparison.Ordinal), "struct", $"{where}: {type}");
            CheckExample($"{where} {type}", content!);
        }
    }

    private void CheckExample(string where, JsonNode holder)
    {
        bool hasExample = holder.AsObject().TryGetPropertyValue("example", out JsonNode? example);
        JsonObject? examples = holder["examples"] as JsonObject;
        Expect(!hasExample || examples is null, "no-mixed-examples", where);
        if (holder["schema"] is not { } schema)
        {
            return;
        }

        var values = new ExampleCheck(Find);
        foreach (string problem in hasExample ? values.Problems(example, schema, where) : [])
        {
            _findings.Add("no-invalid-media-type-examples: " + problem);
        }

        foreach ((string name, JsonNode? one) in examples ?? [])
        {
            JsonNode? resolved = Resolve(one);
            bool isOne = resolved?["value"] is null || resolved["externalValue"] is null;
            Expect(isOne, "no-example-value-and-externalValue", $"{where} {name}");
            foreach (string problem in values.Problems(resolved?["value"], schema, $"{where} {name}"))
            {
                _findings.Add("no-invalid-media-type-examples: " + problem);
            }
        }
    }

    private void CheckComponents()
    {
        foreach ((string kind, JsonNode? components) in _document["components"]?.AsObject() ?? [])
        {
            foreach ((string name, JsonNode? component) in components!.AsObject())
            {
                Expect(ComponentName().IsMatch(name), "spec-components-invalid-map-name", $"{kind}/{name}");
                if (kind == "schemas")
                {
                    CheckSchema(component, name);
                }
            }
        }
    }

    private void CheckSchema(JsonNode? schema, string where)
    {
        if (schema is not JsonObject described)
        {
            return;
        }

        foreach (JsonNode? name in described["required"]?.AsArray() ?? [])
        {
            bool isDescribed = described["properties"]?[name!.GetValue<string>()] is not null;
            Expect(isDescribed, "no-required-schema-properties-undefined", $"{where}.{name}");
        }

        foreach (JsonNode? value in described["enum"]?.AsArray() ?? [])
        {
            Expect(ExampleCheck.HasType(value, described), "no-enum-type-mismatch", $"{where}: {value}");
        }

        foreach ((string name, JsonNode? child) in Children(described))
        {
            // Below properties stand names, not words of JSON Schema.
            foreach ((string inner, JsonNode? one) in name == "properties" ? Children(child) : [(name, child)])
            {
                CheckSchema(one, $"{where}.{inner}");
            }
        }
    }

    private JsonNode? Resolve(JsonNode? node) =>
        node is JsonObject one && one["$ref"] is JsonValue reference ? Find(reference.GetValue<string>()) : node;

    private JsonNode? Find(string reference)
    {
        JsonNode? at = reference.StartsWith("#/", StringComparison.Ordinal) ? _document : null;
        foreach (string part in reference[2..].Split('/'))
        {
            string name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            at = at is JsonObject ? at[name] : null;
        }

        return at;
    }

    private void Expect(bool holds, string rule, string what)
    {
        if (!holds)
        {
            _findings.Add($"{rule}: {what}");
        }
    }

    private static bool HasText(JsonNode? node, string name) => node?[name] is JsonValue value && value.ToString().Length > 0;

    private static IEnumerable<(string Name, JsonNode? Child)> Children(JsonNode? node) => node switch
    {
        JsonObject one => one.Select(static pair => (pair.Key, pair.Value)),
        JsonArray many => many.Select(static (child, i) => (i.ToString(CultureInfo.InvariantCulture), child)),
        _ => [],
    };

    [GeneratedRegex(@"\{(?<name>[^}]+)\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^[A-Za-z0-9\-._~:@!$&'()*+,;=]+$")]
    private static partial Regex UrlSafe();

    [GeneratedRegex(@"^[1-5](\d\d|XX)$")]
    private static partial Regex StatusCode();

    [GeneratedRegex(@"^[A-Za-z0-9._-]+$")]
    private static partial Regex ComponentName();
}
