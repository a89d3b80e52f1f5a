using System.Globalization;
using System.Text.Json;

namespace RaftKv.Hosting;

/// <summary>
/// Gathers settings: flags win over RAFTKV_* variables, those over appsettings.json. Read by hand: binding by
/// reflection would cost a tenth of a second at every start, and would take a misspelt name in silence.
/// </summary>
internal sealed class NodeOptionsReader
{
    private readonly Dictionary<string, (List<string> Values, string Source)> _found = [];
    private readonly List<string> _problems = [];

    /// <summary>Where each setting that is not a default came from, by flag.</summary>
    public IReadOnlyDictionary<string, string> Sources => _found.ToDictionary(pair => pair.Key, pair => pair.Value.Source);

    /// <summary>
    /// Adds what a source says, unless a stronger one has said something. Sources are added strongest first.
    /// </summary>
    public void AddFlags(IReadOnlyList<KeyValuePair<string, string>> flags)
    {
        foreach (IGrouping<string, KeyValuePair<string, string>> flag in flags.GroupBy(pair => pair.Key))
        {
            Add(NodeSetting.Find(flag.Key)!, [.. flag.Select(pair => pair.Value)], $"--{flag.Key}");
        }
    }

    /// <summary>Adds the RAFTKV_* variables.</summary>
    public void AddVariables(Func<string, string?> variable)
    {
        foreach (NodeSetting setting in NodeSetting.All)
        {
            if (variable(setting.Variable) is { Length: > 0 } value)
            {
                Add(setting, [value], setting.Variable);
            }
        }
    }

    /// <summary>Adds the RaftKv section of a settings file.</summary>
    public void AddFile(string path, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(
                utf8, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("RaftKv", out JsonElement section) && section.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in section.EnumerateObject())
                {
                    AddProperty(path, property);
                }
            }
        }
        catch (JsonException broken)
        {
            _problems.Add($"{path} is no valid JSON: {broken.Message}");
        }
    }

    /// <summary>The options, valid, or all that is wrong with them.</summary>
    public NodeOptions? Build(out IReadOnlyList<string> problems)
    {
        var options = new NodeOptions
        {
            Name = Text("name") ?? "n1",
            DataDirectory = Text("data-dir"),
            ClientUrls = Urls("client", "http://127.0.0.1:2379"),
            PeerUrl = Urls("peer", null).FirstOrDefault(),
            Cluster = NamedUrls("cluster"),
            Join = Text("join"),
            PeerRoutes = NamedUrls("peer-route"),
            HeartbeatMs = Number("heartbeat-ms", 100),
            ElectionTimeoutMs = Number("election-timeout-ms", 1000),
            SnapshotEntries = Number("snapshot-entries", 10_000),
            TrailingEntries = Number("trailing-entries", 5_000),
            AutoCompaction = CompactionText.Parse(
                Text("auto-compaction-mode"), Text("auto-compaction-retention"), SourceOf("auto-compaction-retention"), _problems),
            MemoryBudgetBytes = Size("memory-budget"),
            MemoryReturn = Text("memory-return") ?? "idle",
            QuotaBytes = Size("quota-bytes"),
            DiskReserveBytes = Size("disk-reserve") ?? 64L << 20,
            MaxConnections = Number("max-connections", 20_000),
            LogFormat = Text("log-format") ?? "simple",
            LogLevel = Text("log-level") ?? "information",
        };
        if (_problems.Count == 0)
        {
            _problems.AddRange(options.Validate());
        }

        problems = _problems;
        return _problems.Count == 0 ? options : null;
    }

    private void AddProperty(string path, JsonProperty property)
    {
        NodeSetting? setting = NodeSetting.All.FirstOrDefault(
            known => string.Equals(known.JsonName, property.Name, StringComparison.OrdinalIgnoreCase));
        if (setting is null)
        {
            _problems.Add($"{path}: RaftKv:{property.Name} is no setting; known are {string.Join(", ", NodeSetting.All.Select(s => s.JsonName))}.");
            return;
        }

        string source = $"RaftKv:{property.Name} in {path}";
        switch (property.Value.ValueKind)
        {
            case JsonValueKind.Array when setting.IsList:
                Add(setting, [.. property.Value.EnumerateArray().Select(item => item.ToString())], source);
                break;
            case JsonValueKind.Object when setting.IsList:
                Add(setting, [.. property.Value.EnumerateObject().Select(item => $"{item.Name}={item.Value}")], source);
                break;
            case JsonValueKind.String or JsonValueKind.Number:
                Add(setting, [property.Value.ToString()], source);
                break;
            case JsonValueKind.Null:
                break;
            default:
                _problems.Add($"{source} should be a text or a number.");
                break;
        }
    }

    private void Add(NodeSetting setting, List<string> values, string source)
    {
        if (setting.IsList)
        {
            values = [.. values.SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        }
        else if (values.Count > 1)
        {
            _problems.Add($"{source} is given twice.");
        }

        _found.TryAdd(setting.Flag, (values, source));
    }

    private string? Text(string flag) => _found.TryGetValue(flag, out var found) ? found.Values[0] : null;

    private string SourceOf(string flag) => _found.TryGetValue(flag, out var found) ? found.Source : $"--{flag}";

    private int Number(string flag, int otherwise)
    {
        if (Text(flag) is not { } text)
        {
            return otherwise;
        }

        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            _problems.Add($"{SourceOf(flag)}: \"{text}\" is no whole number.");
        }

        return number;
    }

    private long? Size(string flag)
    {
        if (Text(flag) is not { } text)
        {
            return null;
        }

        if (!ByteSize.TryParse(text, out long bytes))
        {
            _problems.Add($"{SourceOf(flag)}: \"{text}\" is no size; write it like 512MiB, 1GiB or 1500000000.");
        }

        return bytes;
    }

    private List<ServerUrl> Urls(string flag, string? otherwise)
    {
        List<string> texts = _found.TryGetValue(flag, out var found) ? found.Values : otherwise is null ? [] : [otherwise];
        var urls = new List<ServerUrl>();
        foreach (string text in texts)
        {
            if (ServerUrl.Parse(text, SourceOf(flag), out string problem) is { } url)
            {
                urls.Add(url);
            }
            else
            {
                _problems.Add(problem);
            }
        }

        return urls;
    }

    private List<NamedUrl> NamedUrls(string flag)
    {
        var named = new List<NamedUrl>();
        foreach (string text in _found.TryGetValue(flag, out var found) ? found.Values : [])
        {
            int at = text.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                _problems.Add($"{SourceOf(flag)}: \"{text}\" should look like n1=http://127.0.0.1:2380.");
            }
            else if (ServerUrl.Parse(text[(at + 1)..], SourceOf(flag), out string problem) is { } url)
            {
                named.Add(new NamedUrl(text[..at], url));
            }
            else
            {
                _problems.Add(problem);
            }
        }

        return named;
    }
}
