namespace RaftKv.Contract.Bodies;

/// <summary>
/// Says what a record is in the API's document. Which members may be absent is read from their types: one that can be
/// null is left out when it is, unless it says otherwise.
/// </summary>
/// <param name="name">Its name among the document's schemas; empty when it stands where it is used.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SchemaAttribute(string name, string description) : Attribute
{
    public string Name { get; } = name;

    public string Description { get; } = description;
}

/// <summary>The words that a text is one of.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WordsAttribute(params string[] words) : Attribute
{
    public IReadOnlyList<string> Words { get; } = words;
}

/// <summary>The text is a read level's name.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LevelNameAttribute : Attribute;

/// <summary>
/// Always there, though its type could be null: the server has its own word for a request without it, and a client may
/// be answered by somebody else.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PresentAttribute : Attribute;

/// <summary>It may be absent, and may be null where it isn't.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MayBeNullAttribute : Attribute;

/// <summary>What one item of a list, or one value of a map, is.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemAttribute(string description) : Attribute
{
    public string Description { get; } = description;
}

/// <summary>JSON's types of a member that has no single type here.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class JsonTypesAttribute(params string[] types) : Attribute
{
    public IReadOnlyList<string> Types { get; } = types;
}
