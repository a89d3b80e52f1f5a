using System.Text.Json;
using System.Text.Json.Serialization;
using Yarp.ReverseProxy.Configuration;

namespace RaftKv.Yarp;

/// <summary>YARP's own types, in the words of its configuration files.</summary>
internal static class ProxyJson
{
    internal static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>With names in any case, as in a configuration file: <c>pathRemovePrefix</c> is YARP's <c>PathRemovePrefix</c>.</summary>
    internal static RouteConfig Ease(RouteConfig route) => route with
    {
        Transforms = route.Transforms?.Select(AnyCase<string>).ToArray(),
        Metadata = route.Metadata is null ? null : AnyCase(route.Metadata),
    };

    /// <inheritdoc cref="Ease(RouteConfig)"/>
    internal static ClusterConfig Ease(ClusterConfig cluster) => cluster with
    {
        Destinations = cluster.Destinations is null ? null : AnyCase(cluster.Destinations),
        Metadata = cluster.Metadata is null ? null : AnyCase(cluster.Metadata),
    };

    /// <summary>Of two names that differ in case only, the later one counts.</summary>
    private static IReadOnlyDictionary<string, T> AnyCase<T>(IReadOnlyDictionary<string, T> names)
    {
        Dictionary<string, T> eased = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, T value) in names)
        {
            eased[name] = value;
        }

        return eased;
    }
}

/// <summary>A whole configuration, as it is kept in the file.</summary>
internal sealed record ProxyState(IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters)
{
    internal static ProxyState Empty { get; } = new([], []);

    /// <summary>Empty when there is no such file, or what it holds is none.</summary>
    internal static ProxyState Load(string? path)
    {
        try
        {
            return path is not null && File.Exists(path)
                ? JsonSerializer.Deserialize<ProxyState>(File.ReadAllBytes(path), ProxyJson.Options) ?? Empty
                : Empty;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Empty;
        }
    }

    /// <summary>Whole under its name, or not there.</summary>
    internal void Save(string path)
    {
        string half = path + ".new";
        File.WriteAllBytes(half, JsonSerializer.SerializeToUtf8Bytes(this, ProxyJson.Options));
        File.Move(half, path, overwrite: true);
    }
}
