using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

[Schema("Pair", "A key and its value.")]
public sealed record PairBody : INamed, IVersioned
{
    [Description("The key")]
    public string Key { get; set; } = "";

    [Description("Present when the key is not UTF-8: it is base64url then")]
    [Words(Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("The value, as the encoding says")]
    public string Value { get; set; } = "";

    [Description("utf-8 when the bytes are valid UTF-8, else base64")]
    [Words(Encodings.Utf8, Encodings.Base64)]
    public string Encoding { get; set; } = "";

    [Description("Revision that created the key")]
    public long CreateRevision { get; set; }

    [Description("Revision of the last write; the ETag")]
    public long ModRevision { get; set; }

    [Description("Writes since creation")]
    public long Version { get; set; }

    [Description("Lease id in hex, or null")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Lease { get; set; }
}

[Schema("Written", "A key as it was written; without the value.")]
public sealed record WrittenBody
{
    [Description("The key")]
    public string Key { get; set; } = "";

    [Description("Present when the key is not UTF-8: it is base64url then")]
    [Words(Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("Revision that created the key")]
    public long CreateRevision { get; set; }

    [Description("Revision of the last write; the ETag")]
    public long ModRevision { get; set; }

    [Description("Writes since creation")]
    public long Version { get; set; }

    [Description("Lease id in hex, or null")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Lease { get; set; }
}

[Schema("Item", "A key; without value and encoding when only keys were asked for.")]
public sealed record ItemBody : INamed, IVersioned
{
    [Description("The key")]
    public string Key { get; set; } = "";

    [Description("Present when the key is not UTF-8: it is base64url then")]
    [Words(Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("The value, as the encoding says")]
    public string? Value { get; set; }

    [Description("utf-8 when the bytes are valid UTF-8, else base64")]
    [Words(Encodings.Utf8, Encodings.Base64)]
    public string? Encoding { get; set; }

    [Description("Revision that created the key")]
    public long CreateRevision { get; set; }

    [Description("Revision of the last write; the ETag")]
    public long ModRevision { get; set; }

    [Description("Writes since creation")]
    public long Version { get; set; }

    [Description("Lease id in hex, or null")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Lease { get; set; }
}

[Schema("Version", "One version of a key; a deletion has no value.")]
public sealed record VersionBody : IVersioned
{
    [Description("This version is a deletion")]
    public bool Deleted { get; set; }

    [Description("The value, as the encoding says")]
    public string? Value { get; set; }

    [Description("utf-8 when the bytes are valid UTF-8, else base64")]
    [Words(Encodings.Utf8, Encodings.Base64)]
    public string? Encoding { get; set; }

    [Description("Revision that created the key")]
    public long CreateRevision { get; set; }

    [Description("Revision of the last write; the ETag")]
    public long ModRevision { get; set; }

    [Description("Writes since creation")]
    public long Version { get; set; }

    [Description("Lease id in hex, or null")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Lease { get; set; }
}

[Schema("History", "Versions of a key since the last compaction, newest first.")]
public sealed record HistoryAnswer
{
    [Description("The key")]
    public string Key { get; set; } = "";

    [Description("Present when the key is not UTF-8: it is base64url then")]
    [Words(Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("The newest revision")]
    public long Revision { get; set; }

    [Description("Older versions are gone")]
    public long CompactedRevision { get; set; }

    public IReadOnlyList<VersionBody> Versions { get; set; } = [];

    [Description("There are older ones; raise limit")]
    public bool HasMore { get; set; }
}
