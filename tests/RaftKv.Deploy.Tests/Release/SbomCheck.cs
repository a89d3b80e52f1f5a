using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RaftKv.Deploy.Tests.Release;

/// <summary>
/// What a CycloneDX document must be: the rules of its schema that a generator can break, and references that meet something.
/// </summary>
internal static partial class SbomCheck
{
    /// <summary>One sentence for each fault.</summary>
    public static IEnumerable<string> Problems(JsonNode document)
    {
        if (document["bomFormat"]?.GetValue<string>() != "CycloneDX" || document["specVersion"]?.GetValue<string>() != "1.6")
        {
            yield return "it is not CycloneDX 1.6";
        }

        if (!Serial().IsMatch(document["serialNumber"]?.GetValue<string>() ?? ""))
        {
            yield return "its serial number is no urn:uuid";
        }

        if (!DateTimeOffset.TryParse(document["metadata"]?["timestamp"]?.GetValue<string>(), out _))
        {
            yield return "it has no time";
        }

        HashSet<string> references = [document["metadata"]?["component"]?["bom-ref"]?.GetValue<string>() ?? ""];
        foreach (JsonNode? component in document["components"]?.AsArray() ?? [])
        {
            string name = component!["name"]?.GetValue<string>() ?? "";
            if (name.Length == 0 || component["version"] is null || component["type"]?.GetValue<string>() is not ("library" or "framework"))
            {
                yield return $"a component \"{name}\" lacks a name, a version or its type";
            }

            if (!references.Add(component["bom-ref"]?.GetValue<string>() ?? ""))
            {
                yield return $"{name} is there twice, or has no reference";
            }

            if (!PackageUrl().IsMatch(component["purl"]?.GetValue<string>() ?? ""))
            {
                yield return $"{name} has no package url";
            }

            foreach (JsonNode? hash in component["hashes"]?.AsArray() ?? [])
            {
                if (!(hash!["alg"]?.GetValue<string>() == "SHA-512" && Digest().IsMatch(hash["content"]?.GetValue<string>() ?? "")))
                {
                    yield return $"{name} has a hash that is none";
                }
            }
        }

        foreach (JsonNode? dependency in document["dependencies"]?.AsArray() ?? [])
        {
            foreach (JsonNode? reference in dependency!["dependsOn"]!.AsArray().Append(dependency["ref"]))
            {
                if (!references.Contains(reference!.GetValue<string>()))
                {
                    yield return $"{reference} is needed and not there";
                }
            }
        }
    }

    [GeneratedRegex("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
    private static partial Regex Serial();

    [GeneratedRegex(@"^pkg:(nuget|generic)/[\w.\-]+@[\w.\-+~]+$")]
    private static partial Regex PackageUrl();

    [GeneratedRegex("^[0-9a-f]{128}$")]
    private static partial Regex Digest();
}
