using System.Text.Json.Nodes;

namespace RaftKv.ClientGenerator;

/// <summary>All generated files.</summary>
internal static class ClientFiles
{
    /// <summary>Path, from the repository's root, and content. The same document gives the same bytes.</summary>
    public static IEnumerable<(string Path, string Text)> Make(JsonNode document)
    {
        ClientApi api = ApiReader.Read(document);
        yield return ("clients/python/raftkv/api.py", new PythonWriter().Write(api));
        yield return ("clients/typescript/src/api.ts", new TypeScriptWriter().Write(api));
    }
}
