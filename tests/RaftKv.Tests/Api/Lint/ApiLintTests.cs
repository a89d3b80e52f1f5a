using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace RaftKv.Tests.Api.Lint;

/// <summary>Both API documents pass the linter, and the linter is one: each of its rules rejects a document that breaks it.</summary>
public sealed class ApiLintTests
{
    private const string Good =
        """
        {"openapi":"3.1.1","info":{"title":"t","version":"1","license":{"name":"Apache-2.0","identifier":"Apache-2.0"}},
         "servers":[{"url":"/"}],"security":[{"basic":[]}],"tags":[{"name":"KV","description":"Keys."}],
         "paths":{"/kv/{key}":{"put":{"operationId":"put","summary":"Put","tags":["KV"],
           "parameters":[{"name":"key","in":"path","required":true,"schema":{"type":"string"},"example":"a"},
                         {"$ref":"#/components/parameters/Limit"}],
           "requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Body"},"example":{"by":1}}}},
           "responses":{"200":{"description":"Done.","headers":{"ETag":{"schema":{"type":"string"}}},
                               "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Body"},
                                          "examples":{"one":{"value":{"by":2,"word":"up"}}}}}}}}}},
         "components":{"securitySchemes":{"basic":{"type":"http","scheme":"basic"}},
           "parameters":{"Limit":{"name":"limit","in":"query","schema":{"type":"integer"}}},
           "schemas":{"Body":{"type":"object","required":["by"],"properties":{"by":{"type":"integer"},
             "word":{"type":"string","enum":["up","down"]}}}}}}
        """;

    [Theory]
    [InlineData("openapi.json")]
    [InlineData("openapi-etcd.json")]
    public void A_document_of_the_repository_has_no_finding(string file)
    {
        // Other tests hold the files to what is served.
        string path = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "..", "docs", file);

        Assert.Empty(ApiLint.Check(JsonNode.Parse(File.ReadAllText(path))!));
    }

    [Fact]
    public void A_good_document_has_no_finding() => Assert.Empty(ApiLint.Check(JsonNode.Parse(Good)!));

    [Theory]
    [InlineData("struct", "\"openapi\":\"3.1.1\"", "\"openapi\":\"2.0\"")]
    [InlineData("struct", "\"title\":\"t\",", "")]
    [InlineData("info-license-strict", ",\"identifier\":\"Apache-2.0\"", "")]
    [InlineData("no-empty-servers", "[{\"url\":\"/\"}]", "[]")]
    [InlineData("no-server-trailing-slash", "\"url\":\"/\"", "\"url\":\"http://a/\"")]
    [InlineData("tag-description", ",\"description\":\"Keys.\"", "")]
    [InlineData("security-defined", "\"security\":[{\"basic\":[]}],", "")]
    [InlineData("security-defined", "\"security\":[{\"basic\":[]}]", "\"security\":[{\"other\":[]}]")]
    [InlineData("no-path-trailing-slash", "\"/kv/{key}\":", "\"/kv/{key}/\":")]
    [InlineData("path-not-include-query", "\"/kv/{key}\":", "\"/kv/{key}?a\":")]
    [InlineData("no-identical-paths", "\"/kv/{key}\":", "\"/kv/{other}\":{},\"/kv/{key}\":")]
    [InlineData("operation-operationId", "\"operationId\":\"put\",", "")]
    [InlineData("operation-operationId-url-safe", "\"operationId\":\"put\"", "\"operationId\":\"put it\"")]
    [InlineData("operation-operationId-unique", "\"put\":{", "\"get\":{\"operationId\":\"put\",\"responses\":{}},\"put\":{")]
    [InlineData("operation-summary", "\"summary\":\"Put\",", "")]
    [InlineData("path-parameters-defined", "\"/kv/{key}\":", "\"/kv\":")]
    [InlineData("path-parameters-defined", "\"/kv/{key}\":", "\"/kv/{key}/{more}\":")]
    [InlineData("struct", "\"required\":true,", "")]
    [InlineData("operation-parameters-unique", "\"parameters\":[{", "\"parameters\":[{\"$ref\":\"#/components/parameters/Limit\"},{")]
    [InlineData("no-unresolved-refs", "#/components/parameters/Limit", "#/components/parameters/None")]
    [InlineData("no-invalid-media-type-examples", "\"example\":\"a\"", "\"example\":null")]
    [InlineData("no-invalid-media-type-examples", "\"example\":{\"by\":1}", "\"example\":{\"by\":\"1\"}")]
    [InlineData("no-invalid-media-type-examples", "\"example\":{\"by\":1}", "\"example\":{\"by\":1,\"more\":1}")]
    [InlineData("no-invalid-media-type-examples", "\"example\":{\"by\":1}", "\"example\":{}")]
    [InlineData("no-invalid-media-type-examples", "\"word\":\"up\"", "\"word\":\"left\"")]
    [InlineData("no-mixed-examples", "\"examples\":", "\"example\":{\"by\":1},\"examples\":")]
    [InlineData("operation-2xx-response", "\"200\":", "\"404\":")]
    [InlineData("struct", "\"200\":", "\"20\":")]
    [InlineData("struct", "\"description\":\"Done.\",", "")]
    [InlineData("spec-components-invalid-map-name", "\"schemas\":{", "\"schemas\":{\"a b\":{},")]
    [InlineData("no-required-schema-properties-undefined", "\"required\":[\"by\"]", "\"required\":[\"by\",\"than\"]")]
    [InlineData("no-enum-type-mismatch", "[\"up\",\"down\"]", "[\"up\",3]")]
    public void A_document_that_breaks_a_rule_is_rejected(string rule, string from, string to)
    {
        string bad = Good.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Good, bad);

        Assert.Contains(ApiLint.Check(JsonNode.Parse(bad)!), finding => finding.StartsWith(rule + ":", StringComparison.Ordinal));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
