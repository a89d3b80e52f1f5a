using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace RaftKv.Doors.OpenApi.Model;

/// <summary>Reads JSON Schema text into the document's model.</summary>
internal static class ApiSchemaReader
{
    /// <summary>The schema, with references into <paramref name="document"/>.</summary>
    public static IOpenApiSchema Read(JsonObject schema, OpenApiDocument document) =>
        OpenApiModelFactory.Parse<OpenApiSchema>(
            schema.ToJsonString(), OpenApiSpecVersion.OpenApi3_1, document, out _, OpenApiConstants.Json)
        ?? throw new InvalidOperationException("A schema of the API document could not be read.");
}
