using System.Text.Json;
using System.Text.Json.Serialization;
using RaftKv.Client;

namespace RaftKv.ServiceDiscovery;

/// <summary>One place where a service is.</summary>
public sealed record ServiceInstance
{
    /// <summary>The service's name.</summary>
    [JsonIgnore]
    public string Service { get; init; } = "";

    /// <summary>What tells it from the service's others.</summary>
    [JsonIgnore]
    public string Instance { get; init; } = "";

    /// <summary>Where it is: an absolute address.</summary>
    public required Uri Address { get; init; }

    /// <summary>Which of the service's endpoints it is, as in <c>http://_admin.basket</c>; null for the one without a name.</summary>
    public string? Endpoint { get; init; }

    /// <summary>What else is to be said of it: a version, a zone.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The key under which it is listed.</summary>
    internal string KeyOf(string root) =>
        FolderOf(root, Service) + Uri.EscapeDataString(Endpoint is null ? Instance : $"{Instance};{Endpoint}");

    /// <summary>What all keys of a service begin with; a slash ends its name, so that no other one's are among them.</summary>
    internal static string FolderOf(string root, string service) => $"{root}{Uri.EscapeDataString(service)}/";

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, InstanceJson.Default.ServiceInstance);

    /// <summary>Null for what is no instance: somebody else's key must not hide the others.</summary>
    internal static ServiceInstance? TryRead(string service, KeyValueEntry entry)
    {
        try
        {
            string key = entry.Key.ToString();
            return entry.GetJson(InstanceJson.Default.ServiceInstance) is { Address.IsAbsoluteUri: true } instance
                ? instance with { Service = service, Instance = Uri.UnescapeDataString(key[(key.LastIndexOf('/') + 1)..]) }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How an instance is written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceInstance))]
internal sealed partial class InstanceJson : JsonSerializerContext;
