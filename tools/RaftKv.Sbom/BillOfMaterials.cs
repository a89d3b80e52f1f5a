using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace RaftKv.Sbom;

/// <summary>The packages and projects that a restored project rests on, and who needs whom.</summary>
internal static class BillOfMaterials
{
    private const string Licence = "Apache-2.0";

    /// <summary>A CycloneDX document.</summary>
    /// <param name="assets">project.assets.json.</param>
    /// <param name="made">When; of the commit, so that a second run gives the same.</param>
    public static JsonObject Make(JsonNode assets, string product, string version, DateTimeOffset made)
    {
        var references = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var components = new List<JsonObject>();
        JsonObject target = assets["targets"]!.AsObject().First().Value!.AsObject();
        foreach ((string id, _) in target.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            JsonNode library = assets["libraries"]![id]!;
            JsonObject component = Component(id, library, version, assets);
            references.Add(id.Split('/')[0], component["bom-ref"]!.GetValue<string>());
            components.Add(component);
        }

        List<JsonObject> runtimes = [.. Runtimes(assets)];
        components.AddRange(runtimes);
        string root = $"pkg:generic/{product}@{version}";
        IEnumerable<string> direct = Direct(assets).Where(references.ContainsKey).Select(name => references[name])
            .Concat(runtimes.Select(static one => one["bom-ref"]!.GetValue<string>()));
        var dependencies = new JsonArray { Dependency(root, direct) };
        foreach ((string id, JsonNode? entry) in target.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            IEnumerable<string> needed = entry!["dependencies"]?.AsObject().Select(static pair => pair.Key) ?? [];
            IEnumerable<string> known = needed.Where(references.ContainsKey).Select(name => references[name]);
            dependencies.Add(Dependency(references[id.Split('/')[0]], known));
        }

        var document = new JsonObject
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["timestamp"] = made.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                ["component"] = new JsonObject
                {
                    ["type"] = "application",
                    ["bom-ref"] = root,
                    ["name"] = product,
                    ["version"] = version,
                    ["licenses"] = Licenses(Licence),
                },
            },
            ["components"] = new JsonArray([.. components]),
            ["dependencies"] = dependencies,
        };
        document["serialNumber"] = "urn:uuid:" + Number(document);
        return document;
    }

    private static JsonObject Component(string id, JsonNode library, string version, JsonNode assets)
    {
        string name = id.Split('/')[0];
        bool isPackage = library["type"]!.GetValue<string>() == "package";
        string own = isPackage ? id.Split('/')[1] : version;
        string reference = isPackage ? $"pkg:nuget/{name}@{own}" : $"pkg:generic/{name}@{own}";
        var component = new JsonObject
        {
            ["type"] = "library",
            ["bom-ref"] = reference,
            ["name"] = name,
            ["version"] = own,
            ["purl"] = reference,
        };
        if (!isPackage)
        {
            component["licenses"] = Licenses(Licence);
            return component;
        }

        if (library["sha512"] is { } digest)
        {
            component["hashes"] = new JsonArray(new JsonObject
            {
                ["alg"] = "SHA-512",
                ["content"] = Convert.ToHexStringLower(Convert.FromBase64String(digest.GetValue<string>())),
            });
        }

        if (LicenceOf(library["path"]!.GetValue<string>(), assets) is { } licence)
        {
            component["licenses"] = Licenses(licence);
        }

        return component;
    }

    // What the package says of itself, where it lies; older ones say an address only, or nothing.
    private static string? LicenceOf(string path, JsonNode assets)
    {
        foreach ((string folder, _) in assets["packageFolders"]?.AsObject() ?? [])
        {
            string directory = Path.Combine(folder, path);
            string? specification = Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*.nuspec").FirstOrDefault() : null;
            if (specification is not null)
            {
                return XDocument.Load(specification).Descendants()
                    .FirstOrDefault(static one => one.Name.LocalName == "license" && (string?)one.Attribute("type") == "expression")?.Value;
            }
        }

        return null;
    }

    // One name, or several with words between them.
    private static JsonArray Licenses(string expression) => new(expression.Contains(' ', StringComparison.Ordinal)
        ? new JsonObject { ["expression"] = expression }
        : new JsonObject { ["license"] = new JsonObject { ["id"] = expression } });

    private static IEnumerable<string> Direct(JsonNode assets)
    {
        JsonNode project = assets["project"]!;
        IEnumerable<string> packages = project["frameworks"]!.AsObject()
            .SelectMany(static framework => framework.Value!["dependencies"]?.AsObject() ?? [])
            .Select(static pair => pair.Key);
        IEnumerable<string> projects = project["restore"]!["frameworks"]!.AsObject()
            .SelectMany(static framework => framework.Value!["projectReferences"]?.AsObject() ?? [])
            .Select(static pair => Path.GetFileNameWithoutExtension(pair.Key.Replace('\\', '/')));
        return packages.Concat(projects).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    // .NET itself, where it is part of what is shipped.
    private static IEnumerable<JsonObject> Runtimes(JsonNode assets) => assets["project"]!["frameworks"]!.AsObject()
        .SelectMany(static framework => framework.Value!["downloadDependencies"]?.AsArray() ?? [])
        .Select(static one => (Name: one!["name"]!.GetValue<string>(), Range: one["version"]!.GetValue<string>()))
        .Where(static one => one.Name.Contains(".App.Runtime.", StringComparison.Ordinal))
        .OrderBy(static one => one.Name, StringComparer.Ordinal)
        .Select(static one =>
        {
            string version = one.Range.Trim('[', ']').Split(',')[0];
            string reference = $"pkg:nuget/{one.Name}@{version}";
            return new JsonObject
            {
                ["type"] = "framework",
                ["bom-ref"] = reference,
                ["name"] = one.Name,
                ["version"] = version,
                ["purl"] = reference,
                ["licenses"] = Licenses("MIT"),
            };
        });

    private static JsonObject Dependency(string reference, IEnumerable<string> needed) => new()
    {
        ["ref"] = reference,
        ["dependsOn"] = new JsonArray([.. needed.Distinct().Order(StringComparer.Ordinal).Select(static one => (JsonNode)one)]),
    };

    // A number that only this content has.
    private static Guid Number(JsonObject document)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(document.ToJsonString()))[..16];
        digest[6] = (byte)((digest[6] & 0x0F) | 0x80);
        digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
        return new Guid(digest, bigEndian: true);
    }
}
