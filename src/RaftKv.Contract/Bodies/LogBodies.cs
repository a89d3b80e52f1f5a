using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

/// <summary>What an entry of the log is.</summary>
public static class LogEntryKinds
{
    /// <summary>The first entry of a leader.</summary>
    public const string Noop = "noop";

    /// <summary>A change of the store, by a client or by the cluster itself.</summary>
    public const string Command = "command";

    /// <summary>A new membership.</summary>
    public const string Members = "members";
}

[Schema("Log", "A part of a node's log. Only what is applied there, so committed, is shown.")]
public sealed record LogAnswer
{
    [Description("The oldest entry that the node's log still has; what was before it is in its snapshot")]
    public long FirstIndex { get; set; }

    [Description("The newest entry that the node has applied")]
    public long AppliedIndex { get; set; }

    [Description("The last entry of its newest snapshot; 0 for none")]
    public long SnapshotIndex { get; set; }

    public IReadOnlyList<LogEntryBody> Entries { get; set; } = [];

    [Description("Where the next page begins; null when there is nothing more yet")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? NextIndex { get; set; }
}

[Schema("LogEntry", "An entry of the log, decoded. Values and secrets are never shown: how long they are is.")]
public sealed record LogEntryBody
{
    [Description("Its place")]
    public long Index { get; set; }

    [Description("The term of the leader that made it")]
    public long Term { get; set; }

    [Description("What it is")]
    [Words(LogEntryKinds.Noop, LogEntryKinds.Command, LogEntryKinds.Members)]
    public string Kind { get; set; } = "";

    [Description("Bytes of its payload")]
    public int Bytes { get; set; }

    [Description("What the command asks, as one word: put, delete, txn, grant-lease …")]
    public string? Command { get; set; }

    [Description("The same in a line, for people")]
    public string Text { get; set; } = "";

    [Description("When the leader took it, by the leader's clock; absent when it did not say")]
    public string? Time { get; set; }

    [Description("The node that a client sent it to: its name, or its id when it is no member any more")]
    public string? Origin { get; set; }

    [Description("The user who asked; absent for nobody in particular")]
    public string? User { get; set; }

    [Description("It runs only while a token holds its lock")]
    public bool? Fenced { get; set; }

    [Description("It runs at most once: it has an idempotency key or a number in a client session")]
    public bool? Once { get; set; }

    [Description("The keys that it names, at most 32 of them")]
    public IReadOnlyList<LogKeyBody>? Keys { get; set; }

    [Description("How many it names beyond those")]
    public int? MoreKeys { get; set; }
}

[Schema("LogKey", "A key, or a range of keys, that an entry names.")]
public sealed record LogKeyBody
{
    [Description("What is done: put, delete, get, increment, compare or acquire")]
    public string Op { get; set; } = "";

    [Description("The key, or the first of the range; a name for acquire")]
    public string Key { get; set; } = "";

    [Description("The first key that is not meant any more; absent for one key, empty for no end")]
    public string? End { get; set; }

    [Description("Present when one of them is not UTF-8")]
    [Words(Encodings.Base64Url)]
    public string? KeyEncoding { get; set; }

    [Description("How long the value is, of a put")]
    public int? ValueBytes { get; set; }
}
