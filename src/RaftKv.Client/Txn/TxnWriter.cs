using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RaftKv.Client.Kv;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Txn;

/// <summary>Writes a txn in the contract's shape.</summary>
internal static class TxnWriter
{
    internal static ReadOnlyMemory<byte> Write(TxnBuilder txn) =>
        JsonSerializer.SerializeToUtf8Bytes(ToBody(txn), RequestJson.Default.TxnBody);

    private static TxnBody ToBody(TxnBuilder txn) => new()
    {
        Compare = [.. txn.Compares.Select(ToSpec)],
        Then = [.. txn.ThenOps.Select(ToSpec)],
        Else = [.. txn.ElseOps.Select(ToSpec)],
    };

    private static CompareSpec ToSpec(TxnCompare compare)
    {
        (string key, string? keyEncoding) = KeyEncoding.ToText(compare.Key);
        (string bytes, string? encoding) = ValueText(compare.Bytes.Span);
        return new CompareSpec
        {
            Key = key,
            KeyEncoding = keyEncoding,
            Target = compare.Target,
            Op = compare.Operator,
            Operand = compare.Number is { } number
                ? JsonSerializer.SerializeToElement(number, RequestJson.Default.Int64)
                : JsonSerializer.SerializeToElement(compare.Text ?? bytes, RequestJson.Default.String),
            Encoding = encoding,
        };
    }

    private static OperationSpec ToSpec(TxnOp op) => op.Kind switch
    {
        TxnOpKind.Put => new OperationSpec { Put = ToPut(op) },
        TxnOpKind.Delete => new OperationSpec { Delete = ToDelete(RangeOf(op)) },
        TxnOpKind.Get => new OperationSpec { Get = RangeOf(op) },
        TxnOpKind.Increment => new OperationSpec { Increment = ToIncrement(op) },
        TxnOpKind.Txn => new OperationSpec { Txn = ToBody(op.Nested!) },
        _ => throw new InvalidOperationException($"Unknown txn operation {op.Kind}."),
    };

    private static PutSpec ToPut(TxnOp op)
    {
        (string key, string? keyEncoding) = KeyEncoding.ToText(op.Key);
        (string value, string? encoding) = ValueText(op.Value.Span);
        return new PutSpec { Key = key, KeyEncoding = keyEncoding, Value = value, Encoding = encoding, Lease = op.Lease };
    }

    private static IncrementSpec ToIncrement(TxnOp op)
    {
        (string key, string? keyEncoding) = KeyEncoding.ToText(op.Key);
        return new IncrementSpec { Key = key, KeyEncoding = keyEncoding, By = op.By };
    }

    private static DeleteSpec ToDelete(RangeSpec range) => new()
    {
        Key = range.Key,
        Prefix = range.Prefix,
        Start = range.Start,
        End = range.End,
        KeyEncoding = range.KeyEncoding,
    };

    private static RangeSpec RangeOf(TxnOp op)
    {
        if (op.Range is not { } range)
        {
            (string key, string? keyEncoding) = KeyEncoding.ToText(op.Key);
            return new RangeSpec { Key = key, KeyEncoding = keyEncoding };
        }

        if (range.IsAll)
        {
            return new RangeSpec { Prefix = "" };
        }

        bool isText = Utf8.IsValid(range.PrefixBytes.Span) && Utf8.IsValid(range.StartBytes.Span) && Utf8.IsValid(range.EndBytes.Span);
        return new RangeSpec
        {
            Prefix = BoundText(range.PrefixBytes.Span, isText),
            Start = BoundText(range.StartBytes.Span, isText),
            End = BoundText(range.EndBytes.Span, isText),
            KeyEncoding = isText ? null : Encodings.Base64Url,
        };
    }

    private static string? BoundText(ReadOnlySpan<byte> bytes, bool isText) =>
        bytes.IsEmpty ? null : isText ? Encoding.UTF8.GetString(bytes) : Base64Url.EncodeToString(bytes);

    private static (string Text, string? Encoding) ValueText(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes) ? (Encoding.UTF8.GetString(bytes), null) : (Convert.ToBase64String(bytes), Encodings.Base64);
}
