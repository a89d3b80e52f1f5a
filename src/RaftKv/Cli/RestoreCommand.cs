using System.Globalization;
using RaftKv.Backups;
using RaftKv.Backups.Targets;
using RaftKv.Core;
using RaftKv.Hosting;

namespace RaftKv.Cli;

/// <summary><c>raftkv restore</c>: a new data directory from a backup, offline.</summary>
internal static class RestoreCommand
{
    private static readonly string[] _flags = ["from", "data-dir", "begin-revision", "to-revision", "to-time"];

    /// <summary>Does it; the exit code.</summary>
    /// <param name="isEtcd">The backup is a snapshot of etcd's.</param>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, bool isEtcd = false)
    {
        CommandLine? line = CommandLine.Parse(
            arguments, isEtcd ? ["from", "data-dir", "begin-revision"] : [.. _flags, .. CallerFlags.Names], ["keep-leases"],
            out string problem);
        if (line is null || OrderOf(line, isEtcd, out problem) is not { } order)
        {
            error.WriteLine($"raftkv: {problem}");
            return ExitCode.Configuration;
        }

        return await OfflineCommand.GuardAsync(error, async () =>
        {
            using HttpClient http = CallerFlags.OpenForBackups(line);
            RestoreReport report = await RestoreJob.RunAsync(
                order, http, new NodeId(Identities.RandomId()), TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
            Print(output, order, report);
        }).ConfigureAwait(false);
    }

    /// <summary>What has become of the state.</summary>
    internal static void PrintState(TextWriter output, RestoreReport report)
    {
        Line(
            output, "state",
            $"cluster {report.Saved.ClusterId:x16}, entry {report.Saved.Info.LastEntry.Index}, revision {report.SavedRevision}");
        Line(output, "begins at", $"revision {report.Terms.Begin}, as a new cluster; everything before it is compacted");
        Line(
            output, "leases",
            report.Terms.KeepsLeases ? "live on, with their keys and locks" : $"{report.EndedLeases} ended, with their keys and locks");
        Line(output, "refused", "session tokens and client sessions of before");
    }

    internal static void Line(TextWriter output, string name, string value) => output.WriteLine($"{name,-12}{value}");

    private static RestoreOrder? OrderOf(CommandLine line, bool isEtcd, out string problem)
    {
        string? from = line.Value("from");
        string? directory = line.Value("data-dir");
        problem = line.Words.Count > 0 ? $"\"{line.Words[0]}\" is not understood; see raftkv --help."
            : string.IsNullOrEmpty(from) ? "restore needs --from: a backup, a directory of them, or the address of one or of a node."
            : string.IsNullOrEmpty(directory) ? "restore needs --data-dir: a new directory."
            : S3Address.IsMeant(directory) ? "--data-dir is a directory on this machine, and no object store."
            : line.Value("to-revision") is not null && line.Value("to-time") is not null ? "--to-revision and --to-time exclude each other."
            : "";
        Revision? begin = RevisionIn(line, "begin-revision", ref problem);
        Revision? toRevision = RevisionIn(line, "to-revision", ref problem);
        DateTimeOffset? toTime = TimeIn(line, ref problem);
        RestorePoint? point = toRevision is null && toTime is null ? null : new RestorePoint(toRevision, toTime);
        return problem.Length > 0 ? null : new RestoreOrder(from!, directory!, begin, line.Switches.Contains("keep-leases"), point)
        {
            IsEtcd = isEtcd,
        };
    }

    private static Revision? RevisionIn(CommandLine line, string flag, ref string problem)
    {
        if (line.Value(flag) is not { } text)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long revision) || revision <= 0)
        {
            problem = problem.Length > 0 ? problem : $"--{flag}: \"{text}\" is no revision.";
        }

        return new Revision(revision);
    }

    private static DateTimeOffset? TimeIn(CommandLine line, ref string problem)
    {
        if (line.Value("to-time") is not { } text)
        {
            return null;
        }

        bool isTime = DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time);
        if (!isTime)
        {
            problem = problem.Length > 0 ? problem : $"--to-time: \"{text}\" is no time; write it like 2026-11-29T21:40:00Z.";
        }

        return time;
    }

    private static void Print(TextWriter output, RestoreOrder order, RestoreReport report)
    {
        Line(output, "restored", $"{report.Path} from {order.From}");
        Line(output, "file", $"{report.Saved.FileBytes} bytes, sha-256 {report.Saved.Sha256}");
        PrintState(output, report);
        Line(output, "next", $"raftkv serve --name n1 --data-dir {report.Path}   and let the other nodes --join it;");
        Line(output, "", "or restore the same on every node of a --cluster list, each with");
        Line(output, "", $"--begin-revision {report.Terms.Begin}{(report.Terms.KeepsLeases ? " --keep-leases" : "")}");
    }
}
