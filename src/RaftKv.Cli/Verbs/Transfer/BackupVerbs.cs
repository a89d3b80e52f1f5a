using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Cli.Processes;
using RaftKv.Contract;

namespace RaftKv.Cli.Verbs.Transfer;

/// <summary>Backups: save, verify, begin, list, status; and a data directory from one.</summary>
internal static class BackupVerbs
{
    private const string Root = "/api/v1/backups";
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    public static IEnumerable<Command> All(VerbFactory make) =>
    [
        make.Group("backup", "Backups: here as a file, or on a node that was started with --backup-to.",
            Save(make), Verify(make), Begin(make), List(make), Status(make)),
        Restore(make),
    ];

    private static Command Save(VerbFactory make)
    {
        var file = new Argument<string>("file") { Description = "The file to write; it is whole under its name or not there" };
        var level = new Option<string?>("--level", "-l") { Description = "How new it must be; default linearizable", HelpName = "LEVEL" };
        level.AcceptOnlyFromAmong([.. LevelWords.Every.Where(static word => word != "bounded")]);
        return make.Make(
            "save", "Save the whole store, as it is now, into a file here.",
            ["raftkvctl backup save today.snap", "raftkvctl backup save today.snap --node n2 --level eventual"], [file, level],
            async run =>
            {
                string path = Path.GetFullPath(LocalPath.Require(
                    run.Parse.GetRequiredValue(file),
                    "raftkv backup save --to s3://… puts one into an object store; so does raftkvctl backup begin, where a node has"
                    + " --backup-to s3://…."));
                string target = "/api/v1/snapshot" + (run.Parse.GetValue(level) is { } word ? "?consistency=" + word : "");
                using HttpResponseMessage answer = await run.Rest.OpenAsync(target, run.Stop).ConfigureAwait(false);
                (long bytes, string sha256) = await ProgressBar.RunAsync(
                    run.Console, "backup", total: null, _ => SaveAsync(answer, path, run.Stop)).ConfigureAwait(false);
                string? revision = answer.Headers.TryGetValues(HeaderNames.Revision, out IEnumerable<string>? said) ? said.First() : null;
                return run.Answer(Report.Item(
                    ("file", path), ("revision", long.TryParse(revision, out long number) ? number : null), ("bytes", bytes),
                    ("sha256", sha256)));
            });
    }

    private static async Task<(long Bytes, string Sha256)> SaveAsync(HttpResponseMessage answer, string path, CancellationToken stop)
    {
        string beside = path + ".new";
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long bytes = 0;
            var file = new FileStream(beside, FileMode.Create, FileAccess.Write);
            await using (file.ConfigureAwait(false))
            {
                Stream body = await answer.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
                await using (body.ConfigureAwait(false))
                {
                    byte[] block = new byte[256 * 1024];
                    for (int read; (read = await body.ReadAsync(block, stop).ConfigureAwait(false)) > 0; bytes += read)
                    {
                        hash.AppendData(block, 0, read);
                        await file.WriteAsync(block.AsMemory(0, read), stop).ConfigureAwait(false);
                    }
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
            return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static Command Verify(VerbFactory make)
    {
        var file = new Argument<string>("from") { Description = "A file, a directory of backups, s3://…, or an address" };
        return make.Make(
            "verify", "Read a backup to its last byte, and say what is in it.", ["raftkvctl backup verify today.snap"], [file],
            run => OfflineAsync(run, ["backup", "verify", run.Parse.GetRequiredValue(file)]));
    }

    private static Command Begin(VerbFactory make)
    {
        var wait = new Option<bool>("--wait") { Description = "Until it is done, with its progress" };
        return make.Make(
            "begin", "Have a node put a backup where its backups go (--backup-to).", ["raftkvctl backup begin --node n2 --wait"], [wait],
            async run =>
            {
                JsonObject backup = await run.Rest.SendAsync(HttpMethod.Post, Root, null, run.Stop).ConfigureAwait(false);
                if (run.Parse.GetValue(wait))
                {
                    backup = await ProgressBar.RunAsync(run.Console, "backup", 100, progress => WaitAsync(run, backup, progress))
                        .ConfigureAwait(false);
                }

                return Answer(run, backup);
            });
    }

    private static async Task<JsonObject> WaitAsync(Invocation run, JsonObject backup, Action<double> progress)
    {
        string target = $"{Root}/{(string?)backup["id"]}";
        while ((string?)backup["state"] == "running")
        {
            progress(100.0 * ((long?)backup["writtenBytes"] ?? 0) / Math.Max(1, (long?)backup["estimatedBytes"] ?? 1));
            await Task.Delay(_pause, TimeProvider.System, run.Stop).ConfigureAwait(false);
            backup = await run.Rest.SendAsync(HttpMethod.Get, target, null, run.Stop).ConfigureAwait(false);
        }

        return backup;
    }

    private static Command List(VerbFactory make) => make.Make(
        "list", "List the backups that a node sees where its backups go.", ["raftkvctl backup list --node n2"], [],
        async run =>
        {
            JsonObject answer = await run.Rest.SendAsync(HttpMethod.Get, Root, null, run.Stop).ConfigureAwait(false);
            return run.Answer(
                Report.List(
                    ["id", "state", "revision", "taken", "writtenBytes"],
                    (answer["backups"] as JsonArray ?? []).Select(static backup => new JsonNode?[]
                    {
                        Part(backup!, "id"), Part(backup!, "state"), Part(backup!, "revision"), Part(backup!, "taken"),
                        Part(backup!, "writtenBytes"),
                    })) with
                {
                    Note = (string?)answer["target"] is { } target ? $"In {target}."
                        : "This node has no place for backups (--backup-to).",
                });
        });

    private static Command Status(VerbFactory make)
    {
        var id = new Argument<string>("id") { Description = "As backup begin or list shows it" };
        return make.Make(
            "status", "Show how far a backup is; exit code 1 when it failed.",
            ["raftkvctl backup status raftkv-20260101T000000Z-42"], [id],
            async run => Answer(run, await run.Rest.SendAsync(
                HttpMethod.Get, $"{Root}/{Uri.EscapeDataString(run.Parse.GetRequiredValue(id))}", null, run.Stop).ConfigureAwait(false)));
    }

    private static Command Restore(VerbFactory make)
    {
        var from = new Argument<string>("from") { Description = "A backup, a directory or s3://… with backups and the log, or an address" };
        var directory = new Argument<string>("data-dir") { Description = "A new data directory, for raftkv serve" };
        var revision = new Option<long?>("--to-revision") { Description = "Go so far along the log of a directory", HelpName = "N" };
        var time = new Option<string?>("--to-time") { Description = "The same to a time, such as 2026-11-29T21:40:00Z", HelpName = "TIME" };
        var begin = new Option<long?>("--begin-revision") { Description = "Where the new cluster's revisions begin", HelpName = "N" };
        var keep = new Option<bool>("--keep-leases") { Description = "Leases live on, with their keys and locks" };
        return make.Make(
            "restore", "Make a new data directory from a backup. Offline: it founds a new cluster and touches no running one.",
            ["raftkvctl restore today.snap ./data/new", "raftkvctl restore /backups ./data/new --to-time 2026-11-29T21:40:00Z"],
            [from, directory, revision, time, begin, keep],
            run =>
            {
                string target = LocalPath.Require(
                    run.Parse.GetRequiredValue(directory), "A node's data is always on a disk of its own.");
                List<string> words = ["restore", "--from", run.Parse.GetRequiredValue(from), "--data-dir", target];
                Add("--to-revision", run.Parse.GetValue(revision)?.ToString(System.Globalization.CultureInfo.InvariantCulture));
                Add("--to-time", run.Parse.GetValue(time));
                Add("--begin-revision", run.Parse.GetValue(begin)?.ToString(System.Globalization.CultureInfo.InvariantCulture));
                if (run.Parse.GetValue(keep))
                {
                    words.Add("--keep-leases");
                }

                return OfflineAsync(run, [.. words]);

                void Add(string name, string? value)
                {
                    if (value is not null)
                    {
                        words.AddRange([name, value]);
                    }
                }
            });
    }

    // What the server's program says of a file is a name and a value a line; a line without a name goes on with the one before.
    private static async Task<int> OfflineAsync(Invocation run, string[] words)
    {
        (int exit, string output, string error) = await ProgressBar.RunAsync(
            run.Console, words[0], total: null, _ => ServerProgram.RunAsync(words, run.Stop)).ConfigureAwait(false);
        if (exit != 0)
        {
            string sentence = error.Trim();
            throw new CtlException(
                exit == 2 ? CtlExit.Usage : CtlExit.Failed,
                sentence.StartsWith("raftkv: ", StringComparison.Ordinal) ? sentence[8..] : sentence);
        }

        const int NameWidth = 12;
        var facts = new List<(string Name, JsonNode? Value)>();
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = line.Length > NameWidth ? line[..NameWidth].Trim() : "";
            if (name.Length > 0 && line[NameWidth - 1] == ' ')
            {
                facts.Add((name, line[NameWidth..].Trim()));
            }
            else if (name.Length == 0 && facts.Count > 0 && line.StartsWith("  ", StringComparison.Ordinal))
            {
                facts[^1] = (facts[^1].Name, $"{(string?)facts[^1].Value} {line.Trim()}");
            }
            else
            {
                facts.Add(("result", line.Trim()));
            }
        }

        return run.Answer(Report.Item(facts));
    }

    private static int Answer(Invocation run, JsonObject backup) => run.Answer(
        Report.Item(
            ("id", Part(backup, "id")), ("state", Part(backup, "state")), ("revision", Part(backup, "revision")),
            ("taken", Part(backup, "taken")), ("writtenBytes", Part(backup, "writtenBytes")),
            ("estimatedBytes", Part(backup, "estimatedBytes")), ("sha256", Part(backup, "sha256")),
            ("file", Part(backup, "file")), ("problem", Part(backup, "problem"))),
        (string?)backup["state"] == "failed" ? CtlExit.Failed : CtlExit.Ok);

    private static JsonNode? Part(JsonNode of, string name) => of[name]?.DeepClone();
}
