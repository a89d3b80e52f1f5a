namespace RaftKv.Cli.Output;

/// <summary>How an answer is written.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON document, or one a line when there are many.</summary>
    Json,

    /// <summary>The same as YAML.</summary>
    Yaml,

    /// <summary>The bare value, one a line.</summary>
    Value,
}
