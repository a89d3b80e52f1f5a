using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RaftKv.Tests.Client.Fakes;

/// <summary>Transactions of the fake, without nesting.</summary>
internal static class FakeTxn
{
    internal static HttpResponseMessage Run(FakeStore store, JsonObject txn)
    {
        bool succeeded = txn["compare"]!.AsArray().All(compare => Holds(store, compare!.AsObject()));
        JsonArray ops = txn[succeeded ? "then" : "else"]!.AsArray();
        foreach (JsonNode? op in ops)
        {
            if (op!["put"] is JsonObject put && FakeJson.ParseLease(put["lease"]) is not 0 and long lease && !store.Leases.ContainsKey(lease))
            {
                return FakeJson.Problem(404, "lease-not-found");
            }
        }

        JsonArray responses = [];
        store.Write(() =>
        {
            foreach (JsonNode? op in ops)
            {
                responses.Add(Apply(store, op!.AsObject()));
            }
        });
        return FakeJson.Answer(200, new JsonObject { ["succeeded"] = succeeded, ["revision"] = store.Revision, ["responses"] = responses });
    }

    internal static long NumberAt(FakeStore store, string key) =>
        store.Get(key) is { } pair ? long.Parse(Encoding.ASCII.GetString(pair.Value), CultureInfo.InvariantCulture) : 0;

    private static JsonNode Apply(FakeStore store, JsonObject op)
    {
        if (op["put"] is JsonObject put)
        {
            string key = FakeJson.KeyOf(put);
            return new JsonObject { ["put"] = FakeJson.Pair(key, store.Put(key, FakeJson.ValueOf(put), FakeJson.ParseLease(put["lease"]))) };
        }

        if (op["increment"] is JsonObject increment)
        {
            string key = FakeJson.KeyOf(increment);
            long value = NumberAt(store, key) + increment["by"]!.GetValue<long>();
            store.Put(key, Encoding.ASCII.GetBytes($"{value}"), 0);
            return new JsonObject { ["increment"] = new JsonObject { ["value"] = value } };
        }

        if (op["delete"] is JsonObject delete)
        {
            int count = store.Range(Range(delete)).Count(pair => store.Delete(pair.Key));
            return new JsonObject { ["delete"] = new JsonObject { ["deleted"] = count } };
        }

        JsonArray items = [];
        foreach ((string key, FakePair pair) in store.Range(Range(op["get"]!.AsObject())))
        {
            items.Add(FakeJson.Pair(key, pair));
        }

        return new JsonObject { ["get"] = new JsonObject { ["items"] = items, ["hasMore"] = false } };
    }

    private static Func<string, bool> Range(JsonObject target)
    {
        if (target["key"] is not null)
        {
            string key = FakeJson.KeyOf(target);
            return candidate => candidate == key;
        }

        string prefix = FakeJson.KeyOf(target, "prefix");
        return candidate => candidate.StartsWith(prefix, StringComparison.Ordinal);
    }

    private static bool Holds(FakeStore store, JsonObject compare)
    {
        FakePair? pair = store.Get(FakeJson.KeyOf(compare));
        string op = compare["op"]!.GetValue<string>();
        string target = compare["target"]!.GetValue<string>();
        if (target == "value")
        {
            bool isEqual = pair is not null && pair.Value.AsSpan().SequenceEqual(FakeJson.ValueOf(compare, "operand"));
            return pair is not null && isEqual == (op == "=");
        }

        long actual = target switch
        {
            "version" => pair?.Version ?? 0,
            "createRevision" => pair?.CreateRevision ?? 0,
            _ => pair?.ModRevision ?? 0,
        };
        int order = actual.CompareTo(compare["operand"]!.GetValue<long>());
        return op switch
        {
            "=" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            _ => order > 0,
        };
    }
}
