using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Cli.Verbs.Kv;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Transfer;

/// <summary>Keys out to a file and in from it: a line of JSON a key, of one revision.</summary>
internal static class TransferVerbs
{
    private const int PutsOfATxn = 100;
    private const int BytesOfATxn = 1 << 20;
    private const string NoAddress = "Without a file, export writes to standard output, and import - reads standard input.";
    private static readonly JsonSerializerOptions _line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<Command> All(VerbFactory make) => [Export(make), Import(make)];

    private static Command Export(VerbFactory make)
    {
        var prefix = new Argument<string?>("prefix")
        {
            Description = "Keys that begin so; all when absent",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var file = new Option<FileInfo?>("--file", "-f") { Description = "Where to; standard output when absent", HelpName = "FILE" };
        var reads = new ReadFlags();
        return make.Make(
            "export", "Write keys as lines of JSON, all of one revision.",
            ["raftkvctl export app/ --file app.jsonl", "raftkvctl export --at 42 | gzip > all.jsonl.gz"], [prefix, file, .. reads.All],
            async run =>
            {
                RaftKvRange range = KeyText.ParsePrefix(run.Parse.GetValue(prefix));
                ReadOptions options = run.Reads(reads);
                string? target = run.Parse.GetValue(file) is { } named ? LocalPath.Require(named.ToString(), NoAddress) : null;
                CountResult count = await run.Client.CountAsync(range, options, run.Stop).ConfigureAwait(false);
                TextWriter output = target is not null ? new StreamWriter(target) : run.Console.Out;
                long done = await ProgressBar.RunAsync(run.Console, "export", count.Count, async progress =>
                {
                    long written = 0;
                    await foreach (KeyValueEntry entry in run.Client.RangeAsync(range, null, options, run.Stop).ConfigureAwait(false))
                    {
                        await output.WriteLineAsync(ToLine(entry).ToJsonString(_line)).ConfigureAwait(false);
                        progress(++written);
                    }

                    return written;
                }).ConfigureAwait(false);
                await output.FlushAsync(run.Stop).ConfigureAwait(false);
                if (output != run.Console.Out)
                {
                    await output.DisposeAsync().ConfigureAwait(false);
                }

                run.Console.Error.WriteLine($"{done} keys exported.");
                return CtlExit.Ok;
            });
    }

    private static Command Import(VerbFactory make)
    {
        var file = new Argument<string>("file") { Description = "What export wrote; - for standard input" };
        var prefix = new Option<string?>("--prefix") { Description = "Put this before every key", HelpName = "PREFIX" };
        var missing = new Option<bool>("--if-missing") { Description = "Leave keys alone that exist" };
        var dry = new Option<bool>("--dry-run") { Description = "Only check the file" };
        var writes = new WriteFlags();
        return make.Make(
            "import", "Write the keys of a file, so many as one revision; the whole file is checked first.",
            ["raftkvctl import app.jsonl", "raftkvctl import - --prefix copy/ < app.jsonl",
                "raftkvctl import app.jsonl --if-missing --dry-run"],
            [file, prefix, missing, dry, .. writes.All],
            async run =>
            {
                string name = LocalPath.Require(run.Parse.GetRequiredValue(file), NoAddress);
                string text = name == "-" ? await run.Console.In.ReadToEndAsync(run.Stop).ConfigureAwait(false)
                    : await File.ReadAllTextAsync(name, run.Stop).ConfigureAwait(false);
                List<(RaftKvKey Key, byte[] Value)> pairs = ReadLines(text, run.Parse.GetValue(prefix) ?? "");
                long written = run.Parse.GetValue(dry) ? 0 : await ProgressBar.RunAsync(run.Console, "import", pairs.Count, progress =>
                    WriteAsync(run, pairs, run.Parse.GetValue(missing), run.Writes(writes), progress)).ConfigureAwait(false);
                return run.Answer(Report.Item(("written", written), ("keys", pairs.Count)));
            });
    }

    private static JsonObject ToLine(KeyValueEntry entry)
    {
        string value = KeyText.ValueText(entry.Value.Span, out string encoding);
        return new JsonObject { ["key"] = entry.Key.ToString(), ["value"] = value, ["encoding"] = encoding };
    }

    private static List<(RaftKvKey Key, byte[] Value)> ReadLines(string text, string prefix)
    {
        var pairs = new List<(RaftKvKey, byte[])>();
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (line.Trim().Length == 0)
            {
                continue;
            }

            try
            {
                JsonObject said = JsonNode.Parse(line) as JsonObject ?? throw new FormatException("it is no JSON object");
                string key = (string?)said["key"] ?? throw new FormatException("it names no key");
                string value = (string?)said["value"] ?? throw new FormatException("it has no value");
                byte[] bytes = (string?)said["encoding"] == "base64" ? Convert.FromBase64String(value)
                    : System.Text.Encoding.UTF8.GetBytes(value);
                RaftKvKey parsed = KeyText.Parse(key);
                pairs.Add((prefix.Length == 0 ? parsed
                    : new RaftKvKey((byte[])[.. System.Text.Encoding.UTF8.GetBytes(prefix), .. parsed.Bytes.Span]), bytes));
            }
            catch (Exception broken) when (broken is JsonException or FormatException or InvalidOperationException or ArgumentException)
            {
                throw CtlException.Usage($"Line {number} is none of export's: {broken.Message}. Nothing was written.");
            }
        }

        return pairs;
    }

    private static async Task<long> WriteAsync(
        Invocation run, List<(RaftKvKey Key, byte[] Value)> pairs, bool onlyMissing, WriteOptions options, Action<double> progress)
    {
        long written = 0;
        for (int at = 0; at < pairs.Count;)
        {
            int from = at;
            int bytes = 0;
            HashSet<RaftKvKey> keys = [];

            // A key written twice in one transaction is refused; the second one begins the next.
            while (at < pairs.Count && at - from < PutsOfATxn && (bytes += pairs[at].Value.Length) <= BytesOfATxn
                && keys.Add(pairs[at].Key))
            {
                at++;
            }

            at = Math.Max(at, from + 1);
            (RaftKvKey Key, byte[] Value)[] group = [.. pairs[from..at]];
            TxnOp[] puts = [.. group.Select(pair => onlyMissing ? PutIfMissing(run, pair.Key, pair.Value) : Op.Put(pair.Key, pair.Value))];
            TxnResult result = await run.Client.Txn().Then(puts).With(options).CommitAsync(run.Stop).ConfigureAwait(false);
            written += result.Responses.Count(static response => response is TxnPutResult or TxnNestedResult { Succeeded: true });
            progress(at);
        }

        return written;
    }

    private static TxnOp PutIfMissing(Invocation run, RaftKvKey key, byte[] value) =>
        Op.Txn(run.Client.Txn().When(Compare.Key(key).IsMissing).Then(Op.Put(key, value)));
}
