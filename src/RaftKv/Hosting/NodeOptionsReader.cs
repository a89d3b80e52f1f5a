using System.Globalization;
using System.Text.Json;
using RaftKv.Core.Replica;

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
            Add(NodeSettings.Find(flag.Key)!, [.. flag.Select(pair => pair.Value)], $"--{flag.Key}");
        }
    }

    /// <summary>Adds the RAFTKV_* variables.</summary>
    public void AddVariables(Func<string, string?> variable)
    {
        foreach (NodeSetting setting in NodeSettings.All)
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
        var options = new NodeOptions();
        foreach (NodeSetting setting in NodeSettings.All)
        {
            options = setting.Read(this, options);
        }

        if (_problems.Count == 0)
        {
            _problems.AddRange(options.Validate());
        }

        problems = _problems;
        return _problems.Count == 0 ? options : null;
    }

    /// <summary>What the strongest source says; null when none says anything.</summary>
    public string? Text(string flag) => _found.TryGetValue(flag, out var found) ? found.Values[0] : null;

    /// <summary>Words; empty when nothing is said.</summary>
    public IReadOnlyList<string> Texts(string flag) => _found.TryGetValue(flag, out var found) ? found.Values : [];

    /// <summary>A whole number; null when nothing is said.</summary>
    public int? Number(string flag)
    {
        if (Text(flag) is not { } text)
        {
            return null;
        }

        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            _problems.Add($"{SourceOf(flag)}: \"{text}\" is no whole number.");
        }

        return number;
    }

    /// <summary>True or false; false when nothing is said.</summary>
    public bool Switch(string flag)
    {
        string text = Text(flag) ?? "false";
        if (!bool.TryParse(text, out bool isOn))
        {
            _problems.Add($"{SourceOf(flag)}: \"{text}\" is neither true nor false.");
        }

        return isOn;
    }

    /// <summary>A size in bytes; null when nothing is said.</summary>
    public long? Size(string flag)
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

    /// <summary>What the leader compacts by itself, which two settings say together.</summary>
    public AutoCompaction Compaction(string modeFlag, string retentionFlag) =>
        CompactionText.Parse(Text(modeFlag), Text(retentionFlag), SourceOf(retentionFlag), _problems);

    /// <summary>Addresses; null when nothing is said.</summary>
    public List<ServerUrl>? Urls(string flag)
    {
        if (!_found.TryGetValue(flag, out var found))
        {
            return null;
        }

        var urls = new List<ServerUrl>();
        foreach (string text in found.Values)
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

    /// <summary>Names with addresses; empty when nothing is said.</summary>
    public List<NamedUrl> NamedUrls(string flag)
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

    /// <summary>Where peers are looked for; empty when nothing is said.</summary>
    public List<Seed> Seeds(string flag)
    {
        var seeds = new List<Seed>();
        foreach (string text in Texts(flag))
        {
            if (Seed.Parse(text, SourceOf(flag), out string problem) is { } seed)
            {
                seeds.Add(seed);
            }
            else
            {
                _problems.Add(problem);
            }
        }

        return seeds;
    }

    private void AddProperty(string path, JsonProperty property)
    {
        NodeSetting? setting = NodeSettings.All.FirstOrDefault(
            known => string.Equals(known.JsonName, property.Name, StringComparison.OrdinalIgnoreCase));
        if (setting is null)
        {
            _problems.Add($"{path}: RaftKv:{property.Name} is no setting; known are {string.Join(", ", NodeSettings.All.Select(s => s.JsonName))}.");
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
            case JsonValueKind.True or JsonValueKind.False when setting.IsSwitch:
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

    private string SourceOf(string flag) => _found.TryGetValue(flag, out var found) ? found.Source : $"--{flag}";
}
