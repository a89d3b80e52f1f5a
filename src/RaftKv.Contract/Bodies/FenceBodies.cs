using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

[Schema("FenceBody", "A token to verify.")]
public sealed record FenceBody
{
    [Description("Name of the lock, semaphore or election")]
    [Present]
    public string? Lock { get; set; }

    [Description("The token")]
    [Present]
    public long? Token { get; set; }

    [Description("What it is")]
    [Words(LockKinds.Lock, LockKinds.Semaphore, LockKinds.Election)]
    public string? Kind { get; set; }
}

[Schema("FenceAnswer", "Whether the token holds.")]
public sealed record FenceAnswer
{
    [Description("It does")]
    public bool Valid { get; set; }

    [Description("Tokens of all who hold")]
    [Item("A token")]
    public IReadOnlyList<long> HolderTokens { get; set; } = [];

    [Description("As of this revision")]
    public long Revision { get; set; }
}

[Schema("GuardBody", "Whose fence a guard asks for.")]
public sealed record GuardBody
{
    [Description("Name of the lock, semaphore or election; any when absent")]
    public string? Lock { get; set; }

    [Description("What it is")]
    [Words(LockKinds.Lock, LockKinds.Semaphore, LockKinds.Election)]
    public string? Kind { get; set; }
}

[Schema("GuardList", "The guards.")]
public sealed record GuardList
{
    public IReadOnlyList<GuardEntry> Guards { get; set; } = [];

    [Description("As of this revision")]
    public long Revision { get; set; }
}

[Schema("Guard", "A guarded prefix.")]
public sealed record GuardEntry
{
    [Description("The prefix")]
    public string Prefix { get; set; } = "";

    [Description("Present when it is not UTF-8")]
    [Words(Encodings.Base64Url)]
    public string? PrefixEncoding { get; set; }

    [Description("The lock whose fence is asked for; null for any")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Lock { get; set; }

    [Description("What it is")]
    [Words(LockKinds.Lock, LockKinds.Semaphore, LockKinds.Election)]
    public string? Kind { get; set; }
}
