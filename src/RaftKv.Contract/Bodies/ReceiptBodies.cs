using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

[Schema("ReceiptBody", "A receipt to check.")]
public sealed record ReceiptBody
{
    [Description("The text of a RaftKv-Receipt header")]
    [Present]
    public string? Receipt { get; set; }
}

[Schema("ReceiptVerdict", "Whether a receipt was made by this cluster.")]
public sealed record ReceiptVerdict
{
    [Description("It was, and nothing in it was changed")]
    public bool Valid { get; set; }

    public ReceiptStatement? Receipt { get; set; }

    [Description("Why it is not valid")]
    public string? Reason { get; set; }
}

[Schema("Receipt", "What one answer was made from.")]
public sealed record ReceiptStatement
{
    [Description("Cluster id in hex")]
    public string Cluster { get; set; } = "";

    [Description("The node that answered")]
    public string Node { get; set; } = "";

    [Description("Method of the request")]
    public string Method { get; set; } = "";

    [Description("Path and query of the request; absent when very long")]
    public string? Target { get; set; }

    [Description("The level asked for")]
    [LevelName]
    public string Asked { get; set; } = "";

    [Description("The level served")]
    [LevelName]
    public string Served { get; set; } = "";

    [Description("The term")]
    public long Term { get; set; }

    [Description("The confirmed log index, or that of its own write")]
    public long ReadIndex { get; set; }

    [Description("Last log entry in the view")]
    public long AppliedIndex { get; set; }

    [Description("Revision of the view")]
    public long Revision { get; set; }

    [Description("Proven bound of its age; null when unknown")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? StalenessMs { get; set; }

    [Description("The node's wall clock; informative only")]
    public long UnixMs { get; set; }
}
