using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

[Schema("WatchAnswer", "Changes, whole revisions in order.")]
public sealed record WatchAnswer
{
    [Description("Everything up to here is told; go on from one more")]
    public long Revision { get; set; }

    public IReadOnlyList<WatchEventBody> Events { get; set; } = [];
}

[Schema("WatchEvent", "One change of one key.")]
public sealed record WatchEventBody : INamed, IVersioned
{
    [Description("What happened to the key")]
    [Words(ChangeWords.Put, ChangeWords.Delete)]
    public string Type { get; set; } = "";

    [Description("Why; a key goes by deletion, or with its lease")]
    [Words(ChangeWords.Put, ChangeWords.Delete, ChangeWords.Expired, ChangeWords.Revoked)]
    public string Reason { get; set; } = "";

    [Description("The key")]
    public string Key { get; set; } = "";

    [Description("Present when the key is not UTF-8: it is base64url then")]
    [Words(Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("The value, as the encoding says; absent after a deletion")]
    public string? Value { get; set; }

    [Description("utf-8 when the bytes are valid UTF-8, else base64")]
    [Words(Encodings.Utf8, Encodings.Base64)]
    public string? Encoding { get; set; }

    [Description("Revision that created the key; 0 for a deletion")]
    public long CreateRevision { get; set; }

    [Description("Revision of this change")]
    public long ModRevision { get; set; }

    [Description("Writes since creation; 0 for a deletion")]
    public long Version { get; set; }

    [Description("Lease id in hex, or null")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Lease { get; set; }

    public PairBody? Previous { get; set; }
}

/// <summary>One message of a watch as a JSON line; the type says which members are there. An event stream has the type beside it.</summary>
public sealed record WatchMessage
{
    [Description("One of StreamMessages")]
    public string? Type { get; set; }

    [Description("Of a change: its revision. Of a bookmark: everything up to here is told. Of a snapshot: that of the state")]
    public long? Revision { get; set; }

    public IReadOnlyList<WatchEventBody>? Events { get; set; }

    public IReadOnlyList<PairBody>? Pairs { get; set; }

    [Description("Of a snapshot: this is its last message")]
    public bool? Complete { get; set; }

    [Description("Of a cancel: why")]
    public string? Code { get; set; }

    [Description("Of a cancel: the oldest revision that can still be read")]
    public long? CompactedRevision { get; set; }

    [Description("Of a cancel: why, in words")]
    public string? Detail { get; set; }
}
