using System.Globalization;
using System.Text.Json;
using RaftKv.Contract.Bodies;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Http;

/// <summary>Sends an error as application/problem+json (RFC 9457).</summary>
internal static class ProblemWriter
{
    private static readonly string[] _challenges = ["Basic realm=\"raftkv\", charset=\"UTF-8\"", "Bearer realm=\"raftkv\""];

    /// <summary>Sends it.</summary>
    /// <param name="more">Adds members to the problem; null for none.</param>
    public static Task SendAsync(Exchange exchange, ApiError error, Func<ProblemBody, ProblemBody>? more = null)
    {
        ErrorShape shape = ErrorMapper.Describe(error.Code);
        exchange.Context.Metrics.ProblemSent(error.Code);
        IHeaderDictionary headers = exchange.Http.Response.Headers;
        if (shape.IsRetryable)
        {
            headers.RetryAfter = (error.RetryAfterSeconds ?? 1).ToString(CultureInfo.InvariantCulture);
        }

        if (error.Code == ErrorCode.Unauthenticated)
        {
            headers.WWWAuthenticate = _challenges;
        }

        if (error.AllowedMethods is not null)
        {
            headers.Allow = error.AllowedMethods;
        }

        if (error.ActualRevision is > 0)
        {
            headers.ETag = EntityTags.Format(new Core.Revision(error.ActualRevision.Value));
        }

        ProblemBody problem = BodyOf(exchange, error, shape);
        JsonAnswer answer = JsonAnswer.Rent();
        JsonSerializer.Serialize(answer.Json, more is null ? problem : more(problem), AnswerJson.Default.ProblemBody);
        return AnswerWriter.SendJsonAsync(exchange, answer, shape.Status, "application/problem+json");
    }

    private static ProblemBody BodyOf(Exchange exchange, ApiError error, ErrorShape shape)
    {
        ProblemBody problem = new()
        {
            Type = shape.Type,
            Title = shape.Title,
            Status = shape.Status,
            Detail = error.Detail,
            Code = shape.Code,
            Applied = shape.Applied,
            Retryable = shape.IsRetryable,
            Node = exchange.Context.NodeName,
            Leader = exchange.Context.FactsOf(exchange.View).Leader,
            TraceId = exchange.RequestId,
            ActualRevision = error.ActualRevision,
            CompactedRevision = error.CompactedRevision,
            Operation = error.Operation is { } id ? "/api/v1/operations/" + id : null,
        };
        if (error.Unmet is { } unmet)
        {
            problem.Asked = AskedOf(unmet);
            problem.Available = AvailableOf(unmet);
        }

        if (error.Kept is { } kept)
        {
            problem.Revision = kept.Revision;
            problem.AnswerDigest = kept.Digest.ToString("x16", CultureInfo.InvariantCulture);
        }

        if (error.Quota is { } quota)
        {
            (problem.Prefix, problem.PrefixEncoding) = PairWriter.KeyText(quota.Prefix.Span);
            problem.Keys = UseBodies.Of(quota.Use.Keys, quota.Terms.MaxKeys);
            problem.Bytes = UseBodies.Of(quota.Use.Bytes, quota.Terms.MaxBytes);
        }

        return problem;
    }

    private static AskedBody AskedOf(UnmetRead unmet) => new()
    {
        Level = ReadLevels.NameOf(unmet.Asked.Level),
        MaxStalenessMs = unmet.Asked.MaxStalenessUs / 1000,
        MaxLag = unmet.Asked.MaxLagRevisions,
        Revision = unmet.NeededRevision > Core.Revision.Zero ? unmet.NeededRevision.Value : null,
    };

    private static AvailableBody AvailableOf(UnmetRead unmet) => new()
    {
        Revision = unmet.Available.View.Revision.Value,
        StalenessMs = unmet.StalenessMs,
        Role = unmet.Role,
        Leader = unmet.Leader,
        Term = unmet.Available.Term.Value,
    };
}
