namespace RaftKv.Doors.JsonGateway.Json;

/// <summary>A JSON value as parsed; only the members that its kind has mean anything.</summary>
internal sealed class GoJsonValue
{
    /// <summary>What it is.</summary>
    public required GoJsonKind Kind { get; init; }

    /// <summary>A string's content, or a number as it was written.</summary>
    public string Text { get; init; } = "";

    /// <summary>An array's items.</summary>
    public List<GoJsonValue> Items { get; } = [];

    /// <summary>An object's members; of two with one name the later one counts.</summary>
    public Dictionary<string, GoJsonValue> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>What Go calls the kind in its errors.</summary>
    public string GoName => Kind switch
    {
        GoJsonKind.String => "string",
        GoJsonKind.Number => "number",
        GoJsonKind.True or GoJsonKind.False => "bool",
        GoJsonKind.Array => "array",
        GoJsonKind.Object => "object",
        _ => "null",
    };
}

/// <summary>The kinds of JSON values.</summary>
internal enum GoJsonKind
{
    /// <summary>null.</summary>
    Null = 0,

    /// <summary>true.</summary>
    True,

    /// <summary>false.</summary>
    False,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A string.</summary>
    String,

    /// <summary>An array.</summary>
    Array,

    /// <summary>An object.</summary>
    Object,
}
