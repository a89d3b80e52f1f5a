using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Bodies;

/// <summary>
/// Turns the JSON form of a txn into the store's, with a sentence for each way in which it can be wrong.
/// </summary>
internal static class TxnParser
{
    /// <summary>Parses a whole txn.</summary>
    public static TxnOp Parse(TxnBody body) => Parse(body, depth: 1);

    /// <summary>Parses a range to read.</summary>
    public static RangeRequest ParseRange(RangeSpec spec) => new()
    {
        Keys = KeyForm.Range(spec),
        Limit = spec.Limit switch
        {
            null => ApiLimits.DefaultPageLimit,
            > 0 and <= ApiLimits.MaxPageLimit => spec.Limit.Value,
            _ => throw ApiException.Invalid($"limit must be a whole number from 1 to {ApiLimits.MaxPageLimit}."),
        },
        IsKeysOnly = spec.KeysOnly == true,
        IsCountOnly = spec.CountOnly == true,
        IsDescending = spec.Order switch
        {
            null or KeyOrders.Ascending => false,
            KeyOrders.Descending => true,
            _ => throw ApiException.Invalid("order must be asc or desc."),
        },
    };

    private static TxnOp Parse(TxnBody body, int depth)
    {
        if (depth > ApiLimits.MaxTxnDepth)
        {
            throw ApiException.Invalid($"Transactions may be nested {ApiLimits.MaxTxnDepth} deep.");
        }

        return new TxnOp(ParseAll(body.Compare, "compare", ParseCompare), Operations(body.Then, "then", depth), Operations(body.Else, "else", depth));
    }

    private static KvOp[] Operations(IReadOnlyList<OperationSpec>? specs, string name, int depth) =>
        ParseAll(specs, name, spec => ParseOperation(spec, depth));

    private static TResult[] ParseAll<TSpec, TResult>(IReadOnlyList<TSpec?>? specs, string name, Func<TSpec, TResult> parse)
        where TSpec : class
    {
        if (specs is null)
        {
            return [];
        }

        if (specs.Count > ApiLimits.MaxListLength)
        {
            throw ApiException.Invalid($"The list {name} may have at most {ApiLimits.MaxListLength} entries.");
        }

        var results = new TResult[specs.Count];
        for (int i = 0; i < specs.Count; i++)
        {
            results[i] = parse(specs[i] ?? throw ApiException.Invalid($"The list {name} has a null in it."));
        }

        return results;
    }

    private static KvOp ParseOperation(OperationSpec spec, int depth) => spec switch
    {
        { Put: { } put, Delete: null, Get: null, Increment: null, Txn: null } => new PutOp(
            KeyRanges.Writable(KeyForm.Key(put.Key, put.KeyEncoding)),
            KeyForm.Value(put.Value, put.Encoding),
            put.Lease is null ? default : LeaseIds.Parse(put.Lease)),
        { Put: null, Delete: { } delete, Get: null, Increment: null, Txn: null } => ParseDelete(delete),
        { Put: null, Delete: null, Get: { } get, Increment: null, Txn: null } => new RangeOp(ParseRange(get)),
        { Put: null, Delete: null, Get: null, Increment: { } increment, Txn: null } => new IncrementOp(
            KeyRanges.Writable(KeyForm.Key(increment.Key, increment.KeyEncoding)), increment.By ?? 1),
        { Put: null, Delete: null, Get: null, Increment: null, Txn: { } txn } => Parse(txn, depth + 1),
        _ => throw ApiException.Invalid("Each operation has exactly one of put, delete, get, increment or txn."),
    };

    private static DeleteRangeOp ParseDelete(DeleteSpec spec)
    {
        KeyRange keys = KeyForm.Range(spec);
        if (keys.Kind == KeyRangeKind.Single)
        {
            KeyRanges.Writable(keys.Start.ToArray());
        }

        return new DeleteRangeOp(keys);
    }

    private static Compare ParseCompare(CompareSpec spec)
    {
        KeyRange keys = KeyForm.Range(spec.Key, spec.Prefix, start: null, end: null, spec.KeyEncoding);
        CompareOperator op = spec.Op switch
        {
            CompareOps.Equal => CompareOperator.Equal,
            CompareOps.NotEqual => CompareOperator.NotEqual,
            CompareOps.Less => CompareOperator.Less,
            CompareOps.Greater => CompareOperator.Greater,
            _ => throw ApiException.Invalid("The op of a compare must be one of = != < >."),
        };
        JsonElement operand = spec.Operand ?? throw ApiException.Invalid("A compare lacks its operand.");
        return spec.Target switch
        {
            CompareTargets.Value => new Compare(keys, CompareTarget.Value, op, 0, KeyForm.Value(Text(operand), spec.Encoding)),
            CompareTargets.Version => new Compare(keys, CompareTarget.Version, op, Number(operand), default),
            CompareTargets.CreateRevision => new Compare(keys, CompareTarget.CreateRevision, op, Number(operand), default),
            CompareTargets.ModRevision => new Compare(keys, CompareTarget.ModRevision, op, Number(operand), default),
            CompareTargets.Lease => new Compare(keys, CompareTarget.Lease, op, Lease(operand), default),
            _ => throw ApiException.Invalid("The target of a compare must be value, version, createRevision, modRevision or lease."),
        };
    }

    private static string Text(JsonElement operand) => operand.ValueKind == JsonValueKind.String
        ? operand.GetString()!
        : throw ApiException.Invalid("The operand for value is a string.");

    private static long Number(JsonElement operand) => operand.ValueKind == JsonValueKind.Number && operand.TryGetInt64(out long number)
        ? number
        : throw ApiException.Invalid("The operand for version, createRevision and modRevision is a whole number of 64 bits.");

    private static long Lease(JsonElement operand) => operand.ValueKind == JsonValueKind.String
        && operand.GetString() is { Length: > 0 and <= 16 } text
        && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long id)
            ? id
            : throw ApiException.Invalid("The operand for lease is the lease's id in hex, or \"0\" for none.");
}
