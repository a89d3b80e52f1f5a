using System.Globalization;
using RaftKv.Backups;
using RaftKv.Backups.Targets;
using RaftKv.Contract;

namespace RaftKv.Hosting;

/// <summary>The settings of backups, as part of <see cref="NodeSettings.All"/>.</summary>
internal static class BackupSettings
{
    /// <summary>All of them.</summary>
    public static NodeSetting[] All { get; } =
    [
        new()
        {
            Flag = "backup-to", Shape = "file:DIR|s3://BUCKET/PREFIX",
            Help = "where this node puts backups; of nodes that share it, the leader writes",
            Read = static (from, o) => o with { BackupTo = from.Text("backup-to") },
            Print = static o => o.BackupTo is null ? "" : BackupTargets.ShownOf(o.BackupTo),
            Check = static o => o.BackupTo is null || BackupTargets.ProblemOf(o.BackupTo) is not { } problem ? null
                : $"--backup-to: {problem}",
        },
        new()
        {
            Flag = "backup-every", Shape = "TIME",
            Help = "time between two backups of the leader's, such as 5m (default: on demand only)",
            Read = static (from, o) => o with { BackupEvery = from.Text("backup-every") },
            Print = static o => o.BackupEvery ?? "(on demand only)",
            Check = static o => o.BackupEvery is null ? null
                : o.BackupTo is null ? "--backup-every: it goes with --backup-to, where backups are put."
                : EveryOf(o.BackupEvery) is null ? $"--backup-every: \"{o.BackupEvery}\" is {Durations.Form}, of 1s to 24h."
                : null,
        },
        new()
        {
            Flag = "backup-keep", Shape = "N",
            Help = $"backups that stay, of this cluster (default {BackupPlan.DefaultKeep})",
            Read = static (from, o) => o with { BackupKeep = from.Number("backup-keep") ?? o.BackupKeep },
            Print = static o => o.BackupKeep.ToString(CultureInfo.InvariantCulture),
            Check = static o => o.BackupKeep >= 1 ? null : "--backup-keep: at least 1 backup stays.",
        },
        new()
        {
            Flag = "backup-log", Shape = "TIME",
            Help = "archive the log behind the backups, so often, such as 10s: a restore reaches any revision",
            Read = static (from, o) => o with { BackupLog = from.Text("backup-log") },
            Print = static o => o.BackupLog ?? "(no)",
            Check = static o => o.BackupLog is null ? null
                : o.BackupTo is null || o.BackupEvery is null
                    ? "--backup-log: it goes with --backup-to and --backup-every: what lies before the oldest backup is deleted."
                : EveryOf(o.BackupLog) is null ? $"--backup-log: \"{o.BackupLog}\" is {Durations.Form}, of 1s to 24h."
                : null,
        },
    ];

    /// <summary>What the settings say together; null without a target.</summary>
    public static BackupPlan? PlanOf(NodeOptions options) => options.BackupTo is { } target
        ? new BackupPlan(target, EveryOf(options.BackupEvery), options.BackupKeep, EveryOf(options.BackupLog))
        : null;

    private static TimeSpan? EveryOf(string? text) =>
        Durations.TryParse(text, out TimeSpan every) && every >= BackupPlan.MinEvery ? every : null;
}
