using System.Text.Json.Nodes;

namespace RaftKv.ClientGenerator;

/// <summary>
/// Writes the clients of clients/ from the API document: <c>dotnet run --project tools/RaftKv.ClientGenerator</c> in the repository's
/// root. A test holds what is there to what this writes, and UPDATE_GOLDEN=1 lets the test write it.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments.Length > 1)
        {
            Console.Error.WriteLine("The only argument is the repository's root.");
            return 2;
        }

        string root = arguments.Length == 1 ? arguments[0] : ".";
        string document = Path.Combine(root, "docs", "openapi.json");
        if (!File.Exists(document))
        {
            Console.Error.WriteLine($"There is no {document}; run this in the repository's root.");
            return 2;
        }

        foreach ((string path, string text) in ClientFiles.Make(JsonNode.Parse(File.ReadAllText(document))!))
        {
            File.WriteAllText(Path.Combine(root, path), text);
            Console.WriteLine(path);
        }

        return 0;
    }
}
