using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Service.Sessions;

namespace RaftKv.Service.Receipts;

/// <summary>
/// Signed statements of what was served: JSON and its signature, both in base64url, with a dot between. Whoever keeps
/// one can show later what an answer was made from; any node of the cluster can check it. Stateless; any thread.
/// </summary>
internal static class ReceiptSigner
{
    /// <summary>Longest text that is looked at; a real one has about 600 characters.</summary>
    public const int MaxTextLength = 4096;

    // A receipt goes into a header; a very long key does not.
    private const int MaxTargetLength = 512;

    /// <summary>Signs a receipt's JSON.</summary>
    public static string Sign(ClusterKeys keys, ReadOnlySpan<byte> json)
    {
        Span<byte> mac = stackalloc byte[ClusterKeys.MacBytes];
        keys.SignReceipt(json, mac);
        return Base64Url.EncodeToString(json) + "." + Base64Url.EncodeToString(mac);
    }

    /// <summary>Checks a receipt; gives its JSON, or a sentence that says what is wrong.</summary>
    public static byte[]? Verify(ClusterKeys keys, string text, out string? reason)
    {
        ReadOnlySpan<char> whole = text.AsSpan().Trim();
        int dot = whole.IndexOf('.');
        if (dot <= 0 || whole.Length > MaxTextLength || Decode(whole[..dot]) is not { } json || Decode(whole[(dot + 1)..]) is not { } mac)
        {
            reason = "This is not a receipt: it should be two base64url texts with a dot between, as a RaftKv-Receipt header had them.";
            return null;
        }

        if (mac.Length != ClusterKeys.MacBytes || !keys.IsReceiptSignature(json, mac))
        {
            reason = "The signature does not fit: the receipt was changed, or made by another cluster.";
            return null;
        }

        reason = null;
        return json;
    }

    /// <summary>The JSON of a receipt for what an exchange was answered with.</summary>
    public static byte[] Describe(Exchange exchange, ServedRead served)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("cluster"u8, exchange.Node.Identity.ClusterId.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
        json.WriteString("node"u8, exchange.Server.NodeName);
        json.WriteString("method"u8, exchange.Context.Request.Method);
        if (exchange.Target is { Length: <= MaxTargetLength } target)
        {
            json.WriteString("target"u8, target);
        }

        json.WriteString("asked"u8, ReadLevels.NameOf(exchange.Terms.Level));
        json.WriteString("served"u8, ReadLevels.NameOf(served.Level));
        json.WriteNumber("term"u8, served.Term.Value);
        json.WriteNumber("readIndex"u8, served.ReadIndex.Value);
        json.WriteNumber("appliedIndex"u8, served.View.AppliedIndex.Value);
        json.WriteNumber("revision"u8, served.View.Revision.Value);
        if (served.StalenessMs is { } bound)
        {
            json.WriteNumber("stalenessMs"u8, bound);
        }
        else
        {
            json.WriteNull("stalenessMs"u8);
        }

        json.WriteNumber("unixMs"u8, exchange.Server.Time.GetUtcNow().ToUnixTimeMilliseconds());
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[]? Decode(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length) + 3];
        return !text.IsEmpty && Base64Url.DecodeFromChars(text, bytes, out _, out int length) == OperationStatus.Done
            ? bytes[..length]
            : null;
    }
}
