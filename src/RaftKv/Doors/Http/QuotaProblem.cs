using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Doors.Http;

/// <summary>What a refusal for room tells: which quota, what it allows and what is used.</summary>
internal static class QuotaProblem
{
    /// <summary>Used and allowed, as quotas show it everywhere; null for what is not limited.</summary>
    public static void WriteUse(Utf8JsonWriter json, ReadOnlySpan<byte> name, long used, long allowed)
    {
        json.WriteStartObject(name);
        json.WriteNumber("used"u8, used);
        if (allowed == KvLimits.NoQuota)
        {
            json.WriteNull("allowed"u8);
        }
        else
        {
            json.WriteNumber("allowed"u8, allowed);
        }

        json.WriteEndObject();
    }

    /// <summary>The facts of a refusal as members of the object that is open.</summary>
    public static void Write(Utf8JsonWriter json, QuotaExceededResult why)
    {
        if (Utf8.IsValid(why.Prefix.Span))
        {
            json.WriteString("prefix"u8, why.Prefix.Span);
        }
        else
        {
            json.WriteString("prefix"u8, Base64Url.EncodeToString(why.Prefix.Span));
            json.WriteString("prefixEncoding"u8, "base64url"u8);
        }

        WriteUse(json, "keys"u8, why.Use.Keys, why.Terms.MaxKeys);
        WriteUse(json, "bytes"u8, why.Use.Bytes, why.Terms.MaxBytes);
    }
}
