using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Kv;

/// <summary>
/// Several operations as one, if several compares hold. Each is one word of the shell: <c>--if 'value(a) = on'</c>,
/// <c>--then 'put a off'</c>.
/// </summary>
internal static class TxnVerb
{
    public static Command Make(VerbFactory make)
    {
        Option<string[]> compares = Many("--if", "value(KEY), version(KEY), mod(KEY) or create(KEY); = != < >; an operand");
        Option<string[]> then = Many("--then", "put KEY VALUE, del KEY, get KEY or incr KEY [N], when all compares hold");
        Option<string[]> otherwise = Many("--else", "The same, when one does not hold");
        var writes = new WriteFlags();
        return make.Make(
            "txn", "Do several operations as one revision, if several compares hold. Exit code 4 when they don't.",
            [
                "raftkvctl txn --if 'value(door) = open' --then 'put door closed' --else 'get door'",
                "raftkvctl txn --if 'version(lock) = 0' --then 'put lock me' 'incr taken'",
                "raftkvctl txn --if 'mod(a) = 17' --if 'mod(b) < 20' --then 'del a' -o json",
            ],
            [compares, then, otherwise, .. writes.All],
            async run =>
            {
                TxnBuilder txn = run.Client.Txn()
                    .When([.. (run.Parse.GetValue(compares) ?? []).Select(ParseCompare)])
                    .Then([.. (run.Parse.GetValue(then) ?? []).Select(ParseOperation)])
                    .Else([.. (run.Parse.GetValue(otherwise) ?? []).Select(ParseOperation)])
                    .With(run.Writes(writes));
                TxnResult result = await txn.CommitAsync(run.Stop).ConfigureAwait(false);
                return run.Answer(
                    Report.Item(
                        ("succeeded", result.Succeeded), ("revision", result.Revision),
                        ("responses", new JsonArray([.. result.Responses.Select(ToNode)]))) with
                    {
                        Answer = result.Metadata,
                    },
                    result.Succeeded ? CtlExit.Ok : CtlExit.Conflict);
            });
    }

    /// <summary><c>value(KEY) = TEXT</c> and its like.</summary>
    public static TxnCompare ParseCompare(string text)
    {
        int open = text.IndexOf('(', StringComparison.Ordinal);
        int close = open < 0 ? -1 : text.IndexOf(')', open);
        string[] rest = close < 0 ? [] : text[(close + 1)..].Trim().Split(' ', 2);
        if (rest.Length < 1 || rest[0].Length == 0)
        {
            throw CtlException.Usage($"'{text}' is no compare; say value(KEY) = TEXT, or version, mod or create with a number.");
        }

        KeyFacts key = Compare.Key(KeyText.Parse(text[(open + 1)..close]));
        string operand = rest.Length > 1 ? rest[1].Trim() : "";
        return text[..open].Trim() switch
        {
            "value" => Value(key.Value, rest[0], operand, text),
            "version" => Number(key.Version, rest[0], operand, text),
            "mod" => Number(key.ModRevision, rest[0], operand, text),
            "create" => Number(key.CreateRevision, rest[0], operand, text),
            { } target => throw CtlException.Usage($"'{target}' can't be compared; say value, version, mod or create."),
        };
    }

    /// <summary><c>put KEY VALUE</c> and its like; the value is what follows the key, spaces and all.</summary>
    public static TxnOp ParseOperation(string text)
    {
        string[] words = text.Split(' ', 3);
        return words switch
        {
            ["put", { } key, { } value] => Op.Put(KeyText.Parse(key), value),
            ["put", { } key] => Op.Put(KeyText.Parse(key), ""),
            ["del", { } key] => Op.Delete(KeyText.Parse(key)),
            ["get", { } key] => Op.Get(KeyText.Parse(key)),
            ["incr", { } key] => Op.Increment(KeyText.Parse(key)),
            ["incr", { } key, { } by] when long.TryParse(by, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                out long number) =>
                Op.Increment(KeyText.Parse(key), number),
            _ => throw CtlException.Usage($"'{text}' is no operation; say put KEY VALUE, del KEY, get KEY or incr KEY [N]."),
        };
    }

    private static Option<string[]> Many(string name, string description) =>
        new(name) { Description = description, HelpName = "WORDS", AllowMultipleArgumentsPerToken = true };

    private static TxnCompare Value(ValueFact fact, string op, string operand, string text) => op switch
    {
        "=" => fact == operand,
        "!=" => fact != operand,
        "<" => fact < operand,
        ">" => fact > operand,
        _ => throw CtlException.Usage($"'{text}': '{op}' is none of = != < >."),
    };

    private static TxnCompare Number(NumberFact fact, string op, string operand, string text)
    {
        if (!long.TryParse(operand, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            throw CtlException.Usage($"'{text}': '{operand}' is no number.");
        }

        return op switch
        {
            "=" => fact == number,
            "!=" => fact != number,
            "<" => fact < number,
            ">" => fact > number,
            _ => throw CtlException.Usage($"'{text}': '{op}' is none of = != < >."),
        };
    }

    private static JsonNode ToNode(TxnOpResult result) => result switch
    {
        TxnPutResult put => new JsonObject { ["put"] = new JsonObject { ["modRevision"] = put.ModRevision } },
        TxnDeleteResult gone => new JsonObject { ["delete"] = new JsonObject { ["deleted"] = gone.DeletedCount } },
        TxnIncrementResult added => new JsonObject { ["incr"] = new JsonObject { ["value"] = added.Value } },
        TxnGetResult got => new JsonObject
        {
            ["get"] = new JsonArray([.. got.Entries.Select(static entry =>
                (JsonNode)new JsonObject([.. KeyText.Facts(entry).Select(static fact => KeyValuePair.Create(fact.Name, fact.Value))]))]),
        },
        TxnNestedResult nested => new JsonObject { ["txn"] = new JsonObject { ["succeeded"] = nested.Succeeded } },
        _ => throw new InvalidOperationException($"Unknown result {result.GetType().Name}."),
    };
}
