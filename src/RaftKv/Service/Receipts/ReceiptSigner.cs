using System.Buffers;
using System.Buffers.Text;
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

    private static byte[]? Decode(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length) + 3];
        return !text.IsEmpty && Base64Url.DecodeFromChars(text, bytes, out _, out int length) == OperationStatus.Done
            ? bytes[..length]
            : null;
    }
}
