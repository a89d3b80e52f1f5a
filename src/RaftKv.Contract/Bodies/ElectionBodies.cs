using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

[Schema("Leadership", "A leadership that was won.")]
public sealed record LeadershipAnswer
{
    [Description("The election")]
    public string Name { get; set; } = "";

    [Description("Fencing token of the leadership")]
    public long Token { get; set; }

    [Description("What the leader says")]
    public string Value { get; set; } = "";

    [Description("Of the value")]
    [Words(Encodings.Utf8, Encodings.Base64)]
    public string Encoding { get; set; } = "";

    [Description("Its lease")]
    public string Lease { get; set; } = "";

    [Description("The lease's life")]
    public long TtlMs { get; set; }

    [Description("The key behind it")]
    public string Key { get; set; } = "";

    [Description("Leads at this revision")]
    public long Revision { get; set; }
}

[Schema("Leader", "Who leads.")]
public sealed record LeaderBody
{
    [Description("Fencing token of the leadership")]
    public long Token { get; set; }

    [Description("What the leader says")]
    public string Value { get; set; } = "";

    [Description("Of the value")]
    [Words(Encodings.Utf8, Encodings.Base64)]
    public string Encoding { get; set; } = "";

    [Description("Its lease")]
    public string Lease { get; set; } = "";

    [Description("Revision of the value")]
    public long Revision { get; set; }
}

[Schema("Election", "An election.")]
public sealed record ElectionAnswer
{
    [Description("Its name")]
    public string Name { get; set; } = "";

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public LeaderBody? Leader { get; set; }

    [Description("How many stand for it, the leader included")]
    public long CandidateCount { get; set; }

    [Description("As of this revision")]
    public long Revision { get; set; }
}
