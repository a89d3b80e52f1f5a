namespace RaftKv.Hosting;

/// <summary>
/// All that is known of one setting of a node, once: its name in three forms (<c>--flag</c>, <c>RAFTKV_FLAG</c> and
/// <c>RaftKv:Flag</c> in appsettings.json), its help, how it is read, what is allowed, and how it is printed.
/// <see cref="NodeSettings"/> is the table of them.
/// </summary>
internal sealed record NodeSetting
{
    /// <summary>Name of the flag, without dashes in front.</summary>
    public required string Flag { get; init; }

    /// <summary>What stands behind the flag, for the help.</summary>
    public required string Shape { get; init; }

    /// <summary>One sentence, with the default.</summary>
    public required string Help { get; init; }

    /// <summary>May be repeated, and holds several values separated by commas.</summary>
    public bool IsList { get; init; }

    /// <summary>On the command line it stands alone; elsewhere it is true or false.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>The options with this setting as the sources have it; unchanged when they say nothing.</summary>
    public required Func<NodeOptionsReader, NodeOptions, NodeOptions> Read { get; init; }

    /// <summary>The setting as a server with these options uses it.</summary>
    public required Func<NodeOptions, string> Print { get; init; }

    /// <summary>What is wrong with it by itself, as a sentence; null when nothing is.</summary>
    public Func<NodeOptions, string?> Check { get; init; } = static _ => null;

    /// <summary>Name of the environment variable.</summary>
    public string Variable => "RAFTKV_" + Flag.Replace('-', '_').ToUpperInvariant();

    /// <summary>Name in the RaftKv section of appsettings.json, read without regard to case.</summary>
    public string JsonName => Flag.Replace("-", "", StringComparison.Ordinal);
}
