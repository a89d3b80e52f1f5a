using System.Text.Json.Nodes;
using RaftKv.ClientGenerator;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.GeneratedClients;

/// <summary>The clients in clients/ are what the generator makes of the document that a node serves.</summary>
public sealed class GeneratorTests
{
    [Fact]
    public async Task Clients_of_the_repository_are_made_from_the_served_document()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        JsonNode document = JsonNode.Parse(await host.Client.GetStringAsync("/openapi/v1.json"))!;
        foreach ((string path, string text) in ClientFiles.Make(document))
        {
            string file = Path.Combine(Command.Root, path);
            if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            {
                File.WriteAllText(file, text);
            }

            Assert.True(File.Exists(file), $"{path} is missing; UPDATE_GOLDEN=1 writes it");
            Assert.True(text == File.ReadAllText(file), $"{path} is not what the document gives; run once with UPDATE_GOLDEN=1");
        }

        // The same document gives the same bytes.
        Assert.Equal(ClientFiles.Make(document), ClientFiles.Make(document.DeepClone()));
    }

    [Fact]
    public void Each_operation_is_a_method_with_its_parameters_body_and_answers()
    {
        ClientApi api = ApiReader.Read(JsonNode.Parse(
            """
            {"info":{"title":"T","version":"1"},
             "paths":{"/a/{key}":{"put":{"operationId":"putThing","summary":"Put","description":"Puts.",
               "parameters":[{"name":"key","in":"path","required":true,"schema":{"type":"string"}},
                             {"name":"timeout","in":"query","schema":{"type":"integer"}},
                             {"name":"RaftKv-Timeout","in":"header","schema":{"type":"string"}},
                             {"$ref":"#/components/parameters/Mood"}],
               "requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},
               "responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},"204":{},"404":{}}}}},
             "components":{"parameters":{"Mood":{"name":"mood","in":"query","schema":{"type":"string","enum":["good","bad"]}}},
               "schemas":{"Thing":{"required":["size"],"properties":{"size":{"type":"integer"},
                 "from":{"type":["string","null"]},"inner":{"type":"object","properties":{"flag":{"type":"boolean"}}}}}}}}
            """)!);
        string python = new PythonWriter().Write(api);
        string script = new TypeScriptWriter().Write(api);

        Assert.Contains("def put_thing(\n", python);
        Assert.Contains("        key: Union[str, bytes],\n        body: Thing,\n        *,\n", python);
        Assert.Contains("        timeout: Optional[int] = None,\n", python);
        Assert.Contains("        raftkv_timeout: Optional[str] = None,\n        mood: Optional[MoodChoice] = None,\n", python);
        Assert.Contains(") -> Answer[Optional[Thing]]:", python);
        Assert.Contains(
            """Thing = TypedDict("Thing", {"size": 'int', "from": 'Optional[str]', "inner": 'ThingInner'}, total=False)""", python);
        Assert.Contains("""headers={"RaftKv-Timeout": raftkv_timeout},""", python);
        Assert.Contains("  putThing(\n    options: CallOptions & {\n      key: string;\n      timeout?: number;\n", script);
        Assert.Contains("      raftkvTimeout?: string;\n", script);
        Assert.Contains("): Promise<Answer<Thing | null>> {", script);
        Assert.Contains("  size: number;\n  from?: string | null;\n  inner?: ThingInner;\n", script);
        Assert.Contains("""export type MoodChoice = "good" | "bad";""", script);
    }

    [Theory]
    [InlineData("\"in\":\"query\"", "\"in\":\"cookie\"")]
    [InlineData("\"type\":\"integer\"", "\"type\":\"complex\"")]
    [InlineData("\"name\":\"b\"", "\"name\":\"a\"")]
    [InlineData("\"properties\"", "\"things\"")]
    public void What_a_client_could_not_express_is_an_error(string from, string to)
    {
        const string Good =
            """
            {"info":{"title":"T","version":"1"},
             "paths":{"/x":{"get":{"operationId":"x","parameters":[{"name":"a","in":"query","schema":{"type":"integer"}},
               {"name":"b","in":"query","schema":{"type":"string"}}],"responses":{"200":{}}}}},
             "components":{"parameters":{},"schemas":{"S":{"properties":{}}}}}
            """;
        Assert.Single(ApiReader.Read(JsonNode.Parse(Good)!).Operations);

        Assert.Throws<FormatException>(() => ApiReader.Read(JsonNode.Parse(Good.Replace(from, to, StringComparison.Ordinal))!));
    }
}
