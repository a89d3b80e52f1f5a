using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Http;

/// <summary>Sends an error as application/problem+json (RFC 9457).</summary>
internal static class ProblemWriter
{
    /// <summary>Sends it.</summary>
    /// <param name="writeMore">Writes further members of the problem; null for none.</param>
    public static Task SendAsync(Exchange exchange, ApiError error, Action<Utf8JsonWriter>? writeMore = null)
    {
        ErrorShape shape = ErrorMapper.Describe(error.Code);
        exchange.Context.Metrics.ProblemSent(error.Code);
        IHeaderDictionary headers = exchange.Http.Response.Headers;
        if (shape.IsRetryable)
        {
            headers.RetryAfter = (error.RetryAfterSeconds ?? 1).ToString(CultureInfo.InvariantCulture);
        }

        if (error.AllowedMethods is not null)
        {
            headers.Allow = error.AllowedMethods;
        }

        if (error.ActualRevision is > 0)
        {
            headers.ETag = EntityTags.Format(new Core.Revision(error.ActualRevision.Value));
        }

        JsonAnswer answer = JsonAnswer.Rent();
        Write(answer.Json, exchange, error, shape, writeMore);
        return AnswerWriter.SendJsonAsync(exchange, answer, shape.Status, "application/problem+json");
    }

    private static void Write(
        Utf8JsonWriter json, Exchange exchange, ApiError error, ErrorShape shape, Action<Utf8JsonWriter>? writeMore)
    {
        ViewFacts facts = exchange.Context.FactsOf(exchange.View);
        json.WriteStartObject();
        json.WriteString("type"u8, shape.Type);
        json.WriteString("title"u8, shape.Title);
        json.WriteNumber("status"u8, shape.Status);
        json.WriteString("detail"u8, error.Detail);
        json.WriteString("code"u8, shape.Code);
        json.WriteString("applied"u8, shape.Applied);
        json.WriteBoolean("retryable"u8, shape.IsRetryable);
        json.WriteString("node"u8, exchange.Context.NodeName);
        json.WriteString("leader"u8, facts.Leader);
        json.WriteString("traceId"u8, Activity.Current?.Id ?? exchange.Http.TraceIdentifier);
        if (error.ActualRevision is not null)
        {
            json.WriteNumber("actualRevision"u8, error.ActualRevision.Value);
        }

        if (error.CompactedRevision is not null)
        {
            json.WriteNumber("compactedRevision"u8, error.CompactedRevision.Value);
        }

        if (error.Operation is not null)
        {
            json.WriteString("operation"u8, string.Create(CultureInfo.InvariantCulture, $"/api/v1/operations/{error.Operation}"));
        }

        if (error.Unmet is not null)
        {
            WriteUnmet(json, error.Unmet);
        }

        if (error.Kept is { } kept)
        {
            json.WriteNumber("revision"u8, kept.Revision);
            json.WriteString("answerDigest"u8, kept.Digest.ToString("x16", CultureInfo.InvariantCulture));
        }

        if (error.Quota is { } quota)
        {
            QuotaProblem.Write(json, quota);
        }

        writeMore?.Invoke(json);
        json.WriteEndObject();
    }

    private static void WriteUnmet(Utf8JsonWriter json, UnmetRead unmet)
    {
        json.WriteStartObject("asked"u8);
        json.WriteString("level"u8, ReadLevels.NameOf(unmet.Asked.Level));
        WriteNumber(json, "maxStalenessMs", unmet.Asked.MaxStalenessUs / 1000);
        WriteNumber(json, "maxLag", unmet.Asked.MaxLagRevisions);
        WriteNumber(json, "revision", unmet.NeededRevision > Core.Revision.Zero ? unmet.NeededRevision.Value : null);
        json.WriteEndObject();
        json.WriteStartObject("available"u8);
        json.WriteNumber("revision"u8, unmet.Available.View.Revision.Value);
        WriteNumber(json, "stalenessMs", unmet.StalenessMs);
        json.WriteString("role"u8, unmet.Role);
        json.WriteString("leader"u8, unmet.Leader);
        json.WriteNumber("term"u8, unmet.Available.Term.Value);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } known)
        {
            json.WriteNumber(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
