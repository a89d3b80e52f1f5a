using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RaftKv.Sbom;

/// <summary>
/// <c>raftkv-sbom ASSETS NAME VERSION UNIXTIME OUT</c>: writes what a restored project is made of (its obj/project.assets.json) as
/// CycloneDX 1.6. The same input gives the same bytes.
/// </summary>
internal static class Program
{
    private static readonly JsonSerializerOptions _readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static int Main(string[] arguments)
    {
        if (arguments.Length != 5 || !long.TryParse(arguments[3], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
        {
            Console.Error.WriteLine("ASSETS NAME VERSION UNIXTIME OUT: a project.assets.json, the product, when, and where to write.");
            return 2;
        }

        var made = DateTimeOffset.FromUnixTimeSeconds(seconds);
        JsonObject document = BillOfMaterials.Make(JsonNode.Parse(File.ReadAllText(arguments[0]))!, arguments[1], arguments[2], made);
        File.WriteAllText(arguments[4], document.ToJsonString(_readable) + "\n");
        Console.WriteLine($"{arguments[4]}: {document["components"]!.AsArray().Count} components");
        return 0;
    }
}
