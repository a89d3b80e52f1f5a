using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using RaftKv.Contract.Bodies;
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
        string target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        ReceiptStatement statement = new()
        {
            Cluster = call.Node.Identity.ClusterId.ToString("x16", CultureInfo.InvariantCulture),
            Node = call.Context.NodeName,
            Method = context.Request.Method,
            Target = target.Length <= MaxTargetLength ? target : null,
            Asked = ReadLevels.NameOf(call.Terms.Level),
            Served = ReadLevels.NameOf(served.Level),
            Term = served.Term.Value,
            ReadIndex = served.ReadIndex.Value,
            AppliedIndex = served.View.AppliedIndex.Value,
            Revision = served.View.Revision.Value,
            StalenessMs = served.StalenessMs,
            UnixMs = call.Context.Time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        return JsonSerializer.SerializeToUtf8Bytes(statement, AnswerJson.Default.ReceiptStatement);
    }
}
