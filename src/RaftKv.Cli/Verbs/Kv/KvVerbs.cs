using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Kv;

/// <summary>One key at a time: get, put, cas, del, incr.</summary>
internal static class KvVerbs
{
    public static IEnumerable<Command> All(VerbFactory make) => [Get(make), Put(make), Cas(make), Del(make), Increment(make)];

    /// <summary>What a write answers.</summary>
    public static Report Written(RaftKvKey key, PutResult put) => Report.Item(
        ("key", key.ToString()), ("created", put.IsCreated), ("createRevision", put.CreateRevision), ("modRevision", put.ModRevision),
        ("version", put.Version)) with
    {
        ValueColumn = "modRevision",
        Answer = put.Metadata,
    };

    private static Command Get(VerbFactory make)
    {
        var key = new Argument<string>("key") { Description = "The key; base64url:… for bytes" };
        var raw = new Option<bool>("--raw") { Description = "The bytes as they are, without a line's end" };
        var reads = new ReadFlags();
        return make.Make(
            "get", "Read a key.",
            [
                "raftkvctl get app/flag", "raftkvctl get app/flag --level eventual --node n2 -o json",
                "raftkvctl get app/flag --max-staleness 500ms", "raftkvctl get app/flag --at 42 -o value",
            ],
            [key, raw, .. reads.All],
            async run =>
            {
                string text = run.Parse.GetRequiredValue(key);
                GetResult got = await run.Client.TryGetAsync(KeyText.Parse(text), run.Reads(reads), run.Stop).ConfigureAwait(false);
                if (got.Entry is not { } entry)
                {
                    run.Console.Error.WriteLine($"{TableText.Harmless(text)} is missing.");
                    run.Console.Error.WriteLine(Report.Footer(got.Metadata));
                    return CtlExit.NotFound;
                }

                if (run.Parse.GetValue(raw))
                {
                    run.Console.WriteBytes(entry.Value.Span);
                    return CtlExit.Ok;
                }

                return run.Answer(Report.Item(KeyText.Facts(entry)) with { Bytes = entry.Value, Answer = got.Metadata });
            });
    }

    private static Command Put(VerbFactory make)
    {
        var key = new Argument<string>("key") { Description = "The key; base64url:… for bytes" };
        var value = new ValueSource();
        var lease = new Option<string?>("--lease") { Description = "The key goes when this lease ends", HelpName = "ID" };
        var writes = new WriteFlags();
        return make.Make(
            "put", "Write a key.",
            [
                "raftkvctl put app/flag on", "raftkvctl put app/secret - < secret.txt",
                "raftkvctl put app/logo --file logo.png --lease 7f3a",
                "raftkvctl put orders/42 shipped --fence 'orders/42;token=17'",
            ],
            [key, value.Word, value.FromFile, lease, .. writes.All],
            async run =>
            {
                RaftKvKey name = KeyText.Parse(run.Parse.GetRequiredValue(key));
                WriteOptions options = run.Writes(writes) with { Lease = run.Parse.GetValue(lease) };
                PutResult put = await run.Client.PutAsync(name, value.Read(run), options, run.Stop).ConfigureAwait(false);
                return run.Answer(Written(name, put));
            });
    }

    private static Command Cas(VerbFactory make)
    {
        var key = new Argument<string>("key") { Description = "The key" };
        var value = new ValueSource();
        var revision = new Option<long?>("--if-revision") { Description = "The key's mod revision must be this", HelpName = "N" };
        var missing = new Option<bool>("--if-missing") { Description = "The key must not exist" };
        var old = new Option<string?>("--if-value") { Description = "The key's value must be this", HelpName = "TEXT" };
        var writes = new WriteFlags();
        return make.Make(
            "cas", "Write a key if it is as expected (compare and set); else exit code 4.",
            ["raftkvctl cas app/flag off --if-value on", "raftkvctl cas app/flag on --if-missing",
                "raftkvctl cas app/flag off --if-revision 42"],
            [key, value.Word, value.FromFile, revision, missing, old, .. writes.All],
            async run =>
            {
                RaftKvKey name = KeyText.Parse(run.Parse.GetRequiredValue(key));
                byte[] bytes = value.Read(run);
                WriteOptions options = run.Writes(writes);
                if ((run.Parse.GetValue(revision), run.Parse.GetValue(missing), run.Parse.GetValue(old)) is (null, false, { } expected))
                {
                    return await CasValueAsync(run, name, expected, bytes, options).ConfigureAwait(false);
                }

                Precondition condition = (run.Parse.GetValue(revision), run.Parse.GetValue(missing), run.Parse.GetValue(old)) switch
                {
                    ({ } at, false, null) => Precondition.AtRevision(at),
                    (null, true, null) => Precondition.Missing,
                    _ => throw CtlException.Usage("Say one of --if-revision, --if-missing and --if-value."),
                };
                PutResult put = await run.Client.CompareAndSetAsync(name, condition, bytes, options, run.Stop).ConfigureAwait(false);
                return run.Answer(Written(name, put));
            });
    }

    private static async Task<int> CasValueAsync(Invocation run, RaftKvKey key, string expected, byte[] value, WriteOptions options)
    {
        TxnResult result = await run.Client.Txn().When(Compare.Key(key).Value == expected)
            .Then(Op.Put(key, value), Op.Get(key)).With(options)
            .CommitAsync(run.Stop).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new CtlException(CtlExit.Conflict, $"{key} has another value; nothing was applied.");
        }

        KeyValueEntry entry = ((TxnGetResult)result.Responses[1]).Entry!;
        return run.Answer(Report.Item(
            ("key", key.ToString()), ("created", false), ("createRevision", entry.CreateRevision), ("modRevision", entry.ModRevision),
            ("version", entry.Version)) with
        {
            ValueColumn = "modRevision",
            Answer = result.Metadata,
        });
    }

    private static Command Del(VerbFactory make)
    {
        var key = new Argument<string?>("key") { Description = "The key", Arity = ArgumentArity.ZeroOrOne };
        var prefix = new Option<string?>("--prefix") { Description = "All keys that begin so, as one revision", HelpName = "PREFIX" };
        var all = new Option<bool>("--all") { Description = "Every key, as one revision" };
        var revision = new Option<long?>("--if-revision") { Description = "The key's mod revision must be this", HelpName = "N" };
        var writes = new WriteFlags();
        return make.Make(
            "del", "Delete a key, a prefix or everything.",
            ["raftkvctl del app/flag", "raftkvctl del --prefix tmp/", "raftkvctl del app/flag --if-revision 42"],
            [key, prefix, all, revision, .. writes.All],
            async run =>
            {
                WriteOptions options = run.Writes(writes);
                if (run.Parse.GetValue(revision) is { } at)
                {
                    options = options with { Precondition = Precondition.AtRevision(at) };
                }

                DeleteResult gone = await ((run.Parse.GetValue(key), run.Parse.GetValue(prefix), run.Parse.GetValue(all)) switch
                {
                    ({ } one, null, false) => run.Client.DeleteAsync(KeyText.Parse(one), options, run.Stop),
                    (null, { } many, false) => run.Client.DeletePrefixAsync(KeyText.Parse(many), options, run.Stop),
                    (null, null, true) => run.Client.DeleteAllAsync(options, run.Stop),
                    _ => throw CtlException.Usage("Give one of a key, --prefix and --all."),
                }).ConfigureAwait(false);
                return run.Answer(Report.Item(("deleted", gone.DeletedCount)) with { Answer = gone.Metadata });
            });
    }

    private static Command Increment(VerbFactory make)
    {
        var key = new Argument<string>("key") { Description = "The counter's key" };
        var by = new Argument<long>("by") { Description = "How much to add", DefaultValueFactory = static _ => 1 };
        var writes = new WriteFlags();
        return make.Make(
            "incr", "Add to a counter, atomically.", ["raftkvctl incr visits", "raftkvctl incr stock/7 -- -3"], [key, by, .. writes.All],
            async run =>
            {
                RaftKvKey name = KeyText.Parse(run.Parse.GetRequiredValue(key));
                IncrementResult result = await run.Client
                    .IncrementAsync(name, run.Parse.GetValue(by), run.Writes(writes), run.Stop).ConfigureAwait(false);
                return run.Answer(Report.Item(("value", result.Value), ("key", name.ToString()), ("revision", result.Revision)) with
                {
                    Answer = result.Metadata,
                });
            });
    }
}
