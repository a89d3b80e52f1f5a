using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RaftKv.Client;

/// <summary>One version of a key.</summary>
public sealed record KeyValueEntry
{
    /// <summary>The key.</summary>
    public required RaftKvKey Key { get; init; }

    /// <summary>The value's bytes; empty when only keys were asked for, and for a deletion in a history.</summary>
    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>Revision of the write that created the key.</summary>
    public long CreateRevision { get; init; }

    /// <summary>Revision of this write; what <see cref="Precondition.AtRevision"/> takes.</summary>
    public long ModRevision { get; init; }

    /// <summary>Writes since creation, 1 for the first; 0 marks a deletion.</summary>
    public long Version { get; init; }

    /// <summary>The lease that it hangs on, as hex; null for none.</summary>
    public string? Lease { get; init; }

    /// <summary>True when this version, out of a history, is a deletion.</summary>
    public bool IsDeletion => Version == 0;

    /// <summary>What the server said about the answer that this came with.</summary>
    public required ResponseMetadata Metadata { get; init; }

    /// <summary>The value as UTF-8 text.</summary>
    public string GetString() => Encoding.UTF8.GetString(Value.Span);

    /// <summary>The value read as JSON.</summary>
    /// <exception cref="JsonException">The value is no such JSON.</exception>
    public T? GetJson<T>(JsonTypeInfo<T> typeInfo) => JsonSerializer.Deserialize(Value.Span, typeInfo);
}
