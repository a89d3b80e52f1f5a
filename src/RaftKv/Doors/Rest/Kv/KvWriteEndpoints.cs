using System.Buffers;
using System.Buffers.Text;
using RaftKv.Contract;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Refusals;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Rest.Kv;

/// <summary>PUT and DELETE of keys.</summary>
internal static class KvWriteEndpoints
{
    private static readonly WriteKind _put = new()
    {
        Rules = new WriteRules { IsGuarded = true },
        Status = static result => Put(result).Written.Version == 1 ? SuccessStatus.Created : SuccessStatus.Ok,
        Pair = static result => Put(result).Written,
        WriteBody = static (json, result) => PairWriter.WriteWithoutValue(json, Put(result).Written),
    };

    private static readonly WriteKind _delete = new()
    {
        Rules = new WriteRules { IsGuarded = true },
        WriteBody = static (json, result) =>
        {
            json.WriteStartObject();
            json.WriteNumber("deleted"u8, ((DeleteRangeResult)GuardedWrite.Unwrap(result, out _)!).DeletedCount);
            json.WriteNumber("revision"u8, result.Revision.Value);
            json.WriteEndObject();
        },
    };

    /// <summary>PUT /kv/{key}: stores the body's bytes.</summary>
    public static async Task PutAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseWrite(QueryField.Key | QueryField.KeyEncoding | QueryField.Lease | QueryField.Encoding);
        byte[] key = KeyRanges.Writable(exchange.RequireKey(query));
        Preconditions conditions = Preconditions.Parse(exchange.Http.Request.Headers);
        byte[] value = query.IsBase64
            ? DecodeBase64(await BodyReader.ReadAsync(exchange.Http.Request, Base64.GetMaxEncodedToUtf8Length(ApiLimits.MaxValueBytes)))
            : await BodyReader.ReadAsync(exchange.Http.Request, ApiLimits.MaxValueBytes);
        await WriteAnswers.RunAsync(exchange, conditions.Guarded(key, new PutOp(key, value, query.Lease)), _put);
    }

    /// <summary>PUT /kv?key=: the same for keys that a path can't carry.</summary>
    public static Task PutByQueryAsync(Exchange exchange) => PutAsync(exchange);

    /// <summary>DELETE /kv/{key}: deleting a missing key is no error and changes nothing.</summary>
    public static Task DeleteAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseWrite(QueryField.Key | QueryField.KeyEncoding);
        byte[] key = KeyRanges.Writable(exchange.RequireKey(query));
        Preconditions conditions = Preconditions.Parse(exchange.Http.Request.Headers);
        return WriteAnswers.RunAsync(exchange, conditions.Guarded(key, new DeleteRangeOp(KeyRange.Single(key))), _delete);
    }

    /// <summary>DELETE /kv: a range, which must be named; all keys only with all=true.</summary>
    public static Task DeleteManyAsync(Exchange exchange)
    {
        KvQuery query = exchange.ParseWrite(
            QueryField.Key | QueryField.KeyEncoding | QueryField.Prefix | QueryField.Start | QueryField.End | QueryField.All);
        if (query.Has(QueryField.Key))
        {
            if (query.Has(QueryField.Prefix | QueryField.Start | QueryField.End | QueryField.All))
            {
                throw ApiException.Invalid("Give either key, or a range of keys, not both.");
            }

            return DeleteAsync(exchange);
        }

        if (Preconditions.Parse(exchange.Http.Request.Headers).IsGiven)
        {
            throw ApiException.Invalid("If-Match and If-None-Match are for one key. For a range, compare in a transaction.");
        }

        KeyRange keys = RequireRange(query);
        return WriteAnswers.RunAsync(exchange, new MutateCommand(new DeleteRangeOp(keys)), _delete);
    }

    private static KeyRange RequireRange(in KvQuery query)
    {
        bool isNamed = query.Prefix is { Length: > 0 } || query.Start is { Length: > 0 } || query.End is { Length: > 0 };
        if (query.IsAll)
        {
            return isNamed ? throw ApiException.Invalid("Give either a range of keys or all=true, not both.") : KeyRange.All;
        }

        return isNamed
            ? query.Keys()
            : throw ApiException.Invalid("Name the keys to delete by prefix, or start and end; to delete every key, say all=true.");
    }

    private static PutResult Put(CommandResult result) => (PutResult)GuardedWrite.Unwrap(result, out _)!;

    private static byte[] DecodeBase64(byte[] text)
    {
        byte[] value = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, value, out _, out int length) != OperationStatus.Done)
        {
            throw ApiException.Invalid("The body is not base64 (RFC 4648, section 4), though encoding=base64 says so.");
        }

        return length <= ApiLimits.MaxValueBytes
            ? value[..length]
            : throw new ApiException(new ApiError(
                ErrorCode.TooLarge, $"A value may have at most {ApiLimits.MaxValueBytes} bytes. Nothing was applied."));
    }
}
