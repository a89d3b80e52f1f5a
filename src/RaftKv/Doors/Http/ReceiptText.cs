using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using RaftKv.Service.Calls;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Http;

/// <summary>What a receipt says.</summary>
internal static class ReceiptText
{
    // A receipt goes into a header; a very long key does not.
    private const int MaxTargetLength = 512;

    /// <summary>The JSON of a receipt for what a call was answered with.</summary>
    public static byte[] Describe(ServiceCall call, ServedRead served, HttpContext context)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("cluster"u8, call.Node.Identity.ClusterId.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteString("node"u8, call.Context.NodeName);
        json.WriteString("method"u8, context.Request.Method);
        if (context.Features.Get<IHttpRequestFeature>()!.RawTarget is { Length: <= MaxTargetLength } target)
        {
            json.WriteString("target"u8, target);
        }

        json.WriteString("asked"u8, ReadLevels.NameOf(call.Terms.Level));
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

        json.WriteNumber("unixMs"u8, call.Context.Time.GetUtcNow().ToUnixTimeMilliseconds());
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
