using System.Text.Json;
using System.Text.Json.Nodes;

namespace RaftKv.Cli.Connection;

/// <summary>
/// Contexts: names for clusters. <c>$RAFTKVCTL_CONFIG</c>, else <c>raftkv/config.json</c> in the user's configuration
/// directory. It names files that hold secrets and holds none itself.
/// </summary>
internal sealed class ConfigFile
{
    private const string Variable = "RAFTKVCTL_CONFIG";
    private static readonly JsonSerializerOptions _pretty = new() { WriteIndented = true };

    private readonly JsonObject _root;

    private ConfigFile(string path, JsonObject root)
    {
        Path = path;
        _root = root;
    }

    /// <summary>Where it is, or would be.</summary>
    public string Path { get; }

    /// <summary>The context that is used when none is named; null for none.</summary>
    public string? Current
    {
        get => (string?)_root["current"];
        set => _root["current"] = value;
    }

    /// <summary>Names of all contexts, sorted.</summary>
    public IEnumerable<string> Names => Contexts.Select(static pair => pair.Key).Order(StringComparer.Ordinal);

    private JsonObject Contexts
    {
        get
        {
            if (_root["contexts"] is not JsonObject contexts)
            {
                _root["contexts"] = contexts = [];
            }

            return contexts;
        }
    }

    /// <summary>Reads it; an absent one is empty.</summary>
    /// <exception cref="CtlException">It is no JSON object.</exception>
    public static ConfigFile Load(string? named)
    {
        string path = named ?? Environment.GetEnvironmentVariable(Variable) ?? System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "raftkv", "config.json");
        if (!File.Exists(path))
        {
            return new ConfigFile(path, []);
        }

        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) is JsonObject root
                ? new ConfigFile(path, root)
                : throw CtlException.Usage($"{path} is no JSON object.");
        }
        catch (JsonException broken)
        {
            throw CtlException.Usage($"{path} can't be read: {broken.Message}");
        }
    }

    /// <summary>A context; null when there is none of that name.</summary>
    public CliContext? Find(string name)
    {
        if (Contexts[name] is not JsonObject said)
        {
            return null;
        }

        return new CliContext
        {
            Endpoints = [.. (said["endpoints"] as JsonArray ?? []).Select(static node => (string?)node ?? "")],
            Level = (string?)said["level"],
            Output = (string?)said["output"],
            SessionFile = (string?)said["sessionFile"],
            TokenFile = (string?)said["tokenFile"],
            CaFile = (string?)said["caFile"],
            CertificateFile = (string?)said["certFile"],
            KeyFile = (string?)said["keyFile"],
        };
    }

    /// <summary>Adds or replaces a context; the first one becomes the current one.</summary>
    public void Set(string name, CliContext context)
    {
        var said = new JsonObject { ["endpoints"] = new JsonArray([.. context.Endpoints.Select(static e => (JsonNode)e)]) };
        Add("level", context.Level);
        Add("output", context.Output);
        Add("sessionFile", context.SessionFile);
        Add("tokenFile", context.TokenFile);
        Add("caFile", context.CaFile);
        Add("certFile", context.CertificateFile);
        Add("keyFile", context.KeyFile);
        Contexts[name] = said;
        Current ??= name;

        void Add(string field, string? value)
        {
            if (value is not null)
            {
                said[field] = value;
            }
        }
    }

    /// <summary>False when there is none of that name.</summary>
    public bool Remove(string name)
    {
        Current = Current == name ? null : Current;
        return Contexts.Remove(name);
    }

    /// <summary>Writes it, readable by its owner only.</summary>
    public void Save()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
        PrivateFile.Write(Path, _root.ToJsonString(_pretty) + "\n");
    }
}

/// <summary>One cluster, and how one talks to it.</summary>
internal sealed record CliContext
{
    /// <summary>Client addresses.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>Level of reads that name none.</summary>
    public string? Level { get; init; }

    /// <summary>Format of answers.</summary>
    public string? Output { get; init; }

    /// <summary>Where the session is kept from one command to the next.</summary>
    public string? SessionFile { get; init; }

    /// <summary>A file with a bearer token.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Roots of the servers' certificates.</summary>
    public string? CaFile { get; init; }

    /// <summary>The user's certificate.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A file with its key.</summary>
    public string? KeyFile { get; init; }
}
