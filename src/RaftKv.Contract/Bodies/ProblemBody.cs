using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

[Schema("Problem", "An error (RFC 9457). `applied` says whether a write of the request took effect.")]
public sealed record ProblemBody
{
    [Description("urn:raftkv:problem: and the code")]
    [Present]
    public string? Type { get; set; }

    [Description("The kind of error, in words")]
    [Present]
    public string? Title { get; set; }

    [Description("HTTP status")]
    public long Status { get; set; }

    [Description("What happened and what to do")]
    [Present]
    public string? Detail { get; set; }

    [Description("The kind of error, for programs")]
    [Present]
    public string? Code { get; set; }

    [Description("no: surely not, and never will be. unknown: it may have been, or may yet be")]
    [Present]
    [Words(AppliedWords.No, AppliedWords.Yes, AppliedWords.Unknown)]
    public string? Applied { get; set; }

    [Description("The same request may succeed later")]
    [Present]
    public bool? Retryable { get; set; }

    [Description("The node that answers")]
    [Present]
    public string? Node { get; set; }

    [Description("The leader as far as this node knows")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Leader { get; set; }

    [Description("Ties the answer to the server's log")]
    [Present]
    public string? TraceId { get; set; }

    [Description("The key's mod revision after a failed precondition; 0 when missing")]
    public long? ActualRevision { get; set; }

    [Description("The oldest revision that can still be read")]
    public long? CompactedRevision { get; set; }

    [Description("For an answer that was not kept, the revision that it had")]
    public long? Revision { get; set; }

    [Description("For an answer that was not kept, what names it")]
    public string? AnswerDigest { get; set; }

    [Description("Where the outcome of the write can be asked for")]
    public string? Operation { get; set; }

    public AskedBody? Asked { get; set; }

    public AvailableBody? Available { get; set; }

    [Description("For quota-exceeded: the prefix whose quota it is; empty for the whole store")]
    public string? Prefix { get; set; }

    [Description("Present when it is not UTF-8")]
    [Words(Encodings.Base64Url)]
    public string? PrefixEncoding { get; set; }

    public UseBody? Keys { get; set; }

    public UseBody? Bytes { get; set; }

    public IReadOnlyList<HolderBody>? Holders { get; set; }

    [Description("For lock-held: how many others wait")]
    public long? QueueLength { get; set; }
}

[Schema("", "For consistency-unmet: what the read asked for.")]
public sealed record AskedBody
{
    [Description("The level")]
    [LevelName]
    public string Level { get; set; } = "";

    [Description("The bound in time")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? MaxStalenessMs { get; set; }

    [Description("The bound in revisions")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? MaxLag { get; set; }

    [Description("The revision that token or query need")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? Revision { get; set; }
}

[Schema("", "For consistency-unmet: what this node has.")]
public sealed record AvailableBody
{
    [Description("Its newest revision")]
    public long Revision { get; set; }

    [Description("Proven bound of its age; null when unknown")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? StalenessMs { get; set; }

    [Description("Its role")]
    public string Role { get; set; } = "";

    [Description("The leader as far as it knows")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Leader { get; set; }

    [Description("Its term")]
    public long Term { get; set; }
}
