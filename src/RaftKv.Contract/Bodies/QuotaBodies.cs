using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

[Schema("Use", "What is used and allowed.")]
public sealed record UseBody
{
    [Description("Now")]
    public long Used { get; set; }

    [Description("At most; null when it is not limited")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? Allowed { get; set; }
}

[Schema("StoreSpace", "The whole store.")]
public sealed record StoreSpaceBody
{
    public UseBody Bytes { get; set; } = new();

    [Description("The quota that was set; null for none")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? QuotaBytes { get; set; }

    public IReadOnlyList<MemberSpaceBody> Members { get; set; } = [];
}

[Schema("MemberSpace", "What a member can hold of the store, by its memory budget.")]
public sealed record MemberSpaceBody
{
    [Description("Name of the node")]
    public string Node { get; set; } = "";

    [Description("Bytes")]
    public long StoreBytes { get; set; }
}

[Schema("QuotaBody", "What may be taken; what is absent is not limited.")]
public sealed record QuotaBody
{
    [Description("Most live keys")]
    [MayBeNull]
    public long? Keys { get; set; }

    [Description("Most bytes, all kept versions with their overhead")]
    [MayBeNull]
    public long? Bytes { get; set; }
}

[Schema("QuotaUse", "A prefix with a quota.")]
public sealed record QuotaUseBody
{
    [Description("The prefix")]
    public string Prefix { get; set; } = "";

    [Description("Present when it is not UTF-8")]
    [Words(Encodings.Base64Url)]
    public string? PrefixEncoding { get; set; }

    public UseBody Keys { get; set; } = new();

    public UseBody Bytes { get; set; } = new();
}

[Schema("Quota", "A prefix with a quota.")]
public sealed record QuotaAnswer
{
    [Description("The prefix")]
    public string Prefix { get; set; } = "";

    [Description("Present when it is not UTF-8")]
    [Words(Encodings.Base64Url)]
    public string? PrefixEncoding { get; set; }

    public UseBody Keys { get; set; } = new();

    public UseBody Bytes { get; set; } = new();

    [Description("As of this revision")]
    public long Revision { get; set; }
}

[Schema("QuotaList", "The store and all quotas.")]
public sealed record QuotaList
{
    public StoreSpaceBody Store { get; set; } = new();

    public IReadOnlyList<QuotaUseBody> Quotas { get; set; } = [];

    [Description("As of this revision")]
    public long Revision { get; set; }
}

[Schema(
    "Alarm",
    "NOSPACE: no room. CORRUPT: somebody called the data damaged. state-differs: a node whose state "
    + "differs from the leader's after the same entry, by a bug or damaged memory; only its leader tells "
    + "it. healed: this node's data was damaged, and it came back as a new member; until what is kept is gone.")]
public sealed record AlarmBody
{
    [Description("What is wrong")]
    [Words(AlarmKinds.NoSpace, AlarmKinds.Corrupt, AlarmKinds.StateDiffers, AlarmKinds.Healed)]
    public string Kind { get; set; } = "";

    [Description("Name of the node that it is about; absent for the whole cluster")]
    public string? Node { get; set; }

    [Description("Who raised it")]
    [Words(AlarmCauses.Quota, AlarmCauses.Disk, AlarmCauses.Hand)]
    public string? Cause { get; set; }

    [Description("state-differs: after which entry")]
    public long? Index { get; set; }

    [Description("Hash of the leader's state there")]
    public string? LeaderHash { get; set; }

    [Description("Hash of the node's state there")]
    public string? NodeHash { get; set; }

    [Description("healed: where in the data directory the damaged data is kept")]
    public string? Kept { get; set; }
}

[Schema("AlarmList", "The alarms that are raised.")]
public sealed record AlarmList
{
    public IReadOnlyList<AlarmBody> Alarms { get; set; } = [];

    public StoreSpaceBody Store { get; set; } = new();

    [Description("As of this revision")]
    public long Revision { get; set; }
}
