using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace RaftKv.Client.Http;

/// <summary>Writes a txn in the contract's shape.</summary>
internal static class TxnWriter
{
    internal static ReadOnlyMemory<byte> Write(TxnBuilder txn)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            WriteTxn(json, txn);
        }

        return buffer.WrittenMemory;
    }

    private static void WriteTxn(Utf8JsonWriter json, TxnBuilder txn)
    {
        json.WriteStartObject();
        json.WriteStartArray("compare");
        foreach (TxnCompare compare in txn.Compares)
        {
            WriteCompare(json, compare);
        }

        json.WriteEndArray();
        WriteOps(json, "then", txn.ThenOps);
        WriteOps(json, "else", txn.ElseOps);
        json.WriteEndObject();
    }

    private static void WriteCompare(Utf8JsonWriter json, TxnCompare compare)
    {
        json.WriteStartObject();
        WriteKey(json, compare.Key);
        json.WriteString("target", compare.Target);
        json.WriteString("op", compare.Operator);
        if (compare.Number is { } number)
        {
            json.WriteNumber("operand", number);
        }
        else if (compare.Text is { } text)
        {
            json.WriteString("operand", text);
        }
        else
        {
            WriteBytes(json, "operand", compare.Bytes.Span);
        }

        json.WriteEndObject();
    }

    private static void WriteOps(Utf8JsonWriter json, string name, IReadOnlyList<TxnOp> ops)
    {
        json.WriteStartArray(name);
        foreach (TxnOp op in ops)
        {
            json.WriteStartObject();
            WriteOp(json, op);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteOp(Utf8JsonWriter json, TxnOp op)
    {
        switch (op.Kind)
        {
            case TxnOpKind.Put:
                json.WriteStartObject("put");
                WriteKey(json, op.Key);
                WriteBytes(json, "value", op.Value.Span);
                if (op.Lease is not null)
                {
                    json.WriteString("lease", op.Lease);
                }

                json.WriteEndObject();
                break;
            case TxnOpKind.Delete:
                WriteTarget(json, "delete", op);
                break;
            case TxnOpKind.Get:
                WriteTarget(json, "get", op);
                break;
            case TxnOpKind.Increment:
                json.WriteStartObject("increment");
                WriteKey(json, op.Key);
                json.WriteNumber("by", op.By);
                json.WriteEndObject();
                break;
            case TxnOpKind.Txn:
                json.WritePropertyName("txn");
                WriteTxn(json, op.Nested!);
                break;
            default:
                throw new InvalidOperationException($"Unknown txn operation {op.Kind}.");
        }
    }

    private static void WriteTarget(Utf8JsonWriter json, string name, TxnOp op)
    {
        json.WriteStartObject(name);
        if (op.Range is { } range)
        {
            WriteRange(json, range);
        }
        else
        {
            WriteKey(json, op.Key);
        }

        json.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter json, RaftKvRange range)
    {
        if (range.IsAll)
        {
            json.WriteString("prefix", "");
            return;
        }

        bool isText = Utf8.IsValid(range.PrefixBytes.Span) && Utf8.IsValid(range.StartBytes.Span) && Utf8.IsValid(range.EndBytes.Span);
        WriteBound(json, "prefix", range.PrefixBytes.Span, isText);
        WriteBound(json, "start", range.StartBytes.Span, isText);
        WriteBound(json, "end", range.EndBytes.Span, isText);
        if (!isText)
        {
            json.WriteString("keyEncoding", "base64url");
        }
    }

    private static void WriteBound(Utf8JsonWriter json, string name, ReadOnlySpan<byte> bytes, bool isText)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        if (isText)
        {
            json.WriteString(name, bytes);
        }
        else
        {
            json.WriteString(name, Base64Url.EncodeToString(bytes));
        }
    }

    private static void WriteKey(Utf8JsonWriter json, RaftKvKey key)
    {
        if (Utf8.IsValid(key.Bytes.Span))
        {
            json.WriteString("key", key.Bytes.Span);
            return;
        }

        json.WriteString("key", Base64Url.EncodeToString(key.Bytes.Span));
        json.WriteString("keyEncoding", "base64url");
    }

    /// <summary>
    /// The pair that a GET answers with too: text as it is, other bytes in base64 with <c>encoding</c> beside.
    /// </summary>
    private static void WriteBytes(Utf8JsonWriter json, string name, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            json.WriteString(name, bytes);
            return;
        }

        json.WriteBase64String(name, bytes);
        json.WriteString("encoding", "base64");
    }
}
