using System.ComponentModel;

namespace RaftKv.Contract.Bodies;

/// <summary>How far a backup is.</summary>
public static class BackupStates
{
    public const string Running = "running";
    public const string Done = "done";
    public const string Failed = "failed";
}

[Schema("Backup", "A backup in the place where the node that answers puts them.")]
public sealed record BackupBody
{
    [Description("What names it: its file's name without the ending")]
    public string Id { get; set; } = "";

    [Description("running, done or failed")]
    public string State { get; set; } = "";

    [Description("The newest revision in it")]
    public long Revision { get; set; }

    [Description("When it was begun, by the clock of the node that made it")]
    public string Taken { get; set; } = "";

    [Description("The leader's schedule asked for it; known while it runs and when it failed")]
    public bool Scheduled { get; set; }

    [Description("Bytes of the file written so far; all of them when it is done")]
    public long WrittenBytes { get; set; }

    [Description("About how many bytes it will have")]
    public long EstimatedBytes { get; set; }

    [Description("SHA-256 of the whole file, as in the file beside it")]
    public string? Sha256 { get; set; }

    [Description("Path of the file on the node, or its s3 address, when it is done")]
    public string? File { get; set; }

    [Description("Why it failed")]
    public string? Problem { get; set; }
}

[Schema("BackupList", "The backups of this cluster in the place where the node that answers puts them.")]
public sealed record BackupList
{
    [Description("The node's directory, or the place in an object store; absent on a node that was started without --backup-to")]
    public string? Target { get; set; }

    [Description("Milliseconds between two backups of the leader's; absent without a schedule")]
    public long? EveryMs { get; set; }

    [Description("How many of them stay")]
    public int Keep { get; set; }

    public IReadOnlyList<BackupBody> Backups { get; set; } = [];
}
