using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using RaftKv.Client.Consistency;
using RaftKv.Client.Errors;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Http;

/// <summary>Reads the headers and problem documents of answers.</summary>
internal static class AnswerReader
{
    internal static ResponseMetadata ReadMetadata(HttpResponseHeaders headers) => new()
    {
        Revision = ReadLong(headers, HeaderNames.Revision) ?? 0,
        Term = ReadLong(headers, HeaderNames.Term) ?? 0,
        AppliedIndex = ReadLong(headers, HeaderNames.AppliedIndex) ?? 0,
        ServedBy = ReadText(headers, HeaderNames.ServedBy),
        Role = ReadText(headers, HeaderNames.Role),
        Leader = ReadText(headers, HeaderNames.Leader),
        Consistency = ReadLevelWords.FromName(ReadText(headers, HeaderNames.Consistency)),
        StalenessMs = ReadUpperBound(headers, HeaderNames.StalenessMs),
        SessionToken = ReadText(headers, HeaderNames.Session),
        Receipt = ReadText(headers, HeaderNames.Receipt),
        IsReplayed = string.Equals(ReadText(headers, HeaderNames.Replayed), "true", StringComparison.OrdinalIgnoreCase),
    };

    /// <summary>The revision in an ETag such as <c>"42"</c> or <c>"42-raw"</c>; null when there is none.</summary>
    internal static long? ReadETagRevision(HttpResponseHeaders headers)
    {
        ReadOnlySpan<char> tag = (headers.ETag?.Tag ?? "").AsSpan().Trim('"');
        int dash = tag.IndexOf('-');
        return long.TryParse(dash < 0 ? tag : tag[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out long revision) ? revision : null;
    }

    /// <summary>
    /// The query of the next page's link; null when there is none. Only the query is used: the client never follows a
    /// link elsewhere.
    /// </summary>
    internal static string? ReadNextLink(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues("Link", out IEnumerable<string>? values))
        {
            return null;
        }

        foreach (string value in values)
        {
            int open = value.IndexOf('<');
            int close = value.IndexOf('>', open + 1);
            if (open < 0 || close < 0 || !IsNext(value.AsSpan(close + 1)))
            {
                continue;
            }

            string target = value[(open + 1)..close];
            int question = target.IndexOf('?');
            return question < 0 ? null : target[question..];
        }

        return null;
    }

    /// <summary>What an error answer means; a body that is no problem document leaves the status to speak.</summary>
    internal static Failure ReadFailure(RequestKind kind, int status, byte[] body, ResponseMetadata metadata, Uri endpoint)
    {
        ProblemBody? problem = TryReadProblem(body);
        string code = problem?.Code ?? string.Create(CultureInfo.InvariantCulture, $"http-{status}");
        string node = problem?.Node ?? metadata.ServedBy ?? endpoint.ToString();
        string text = problem?.Detail ?? problem?.Title ?? "The answer carried no explanation.";
        return new Failure(code, $"{node} answered {status} {code}: {text}", RetryPolicy.OutcomeOf(kind, status, problem?.Applied))
        {
            Status = status,
            Node = node,
            Leader = problem?.Leader ?? metadata.Leader,
            TraceId = problem?.TraceId,
            IsRetryable = problem?.Retryable,
            CurrentRevision = problem?.ActualRevision,
            CompactedRevision = problem?.CompactedRevision,
            OperationId = problem?.Operation?.Split('/')[^1],
            Problem = problem,
        };
    }

    private static ProblemBody? TryReadProblem(byte[] body)
    {
        try
        {
            return body.Length == 0 ? null : JsonSerializer.Deserialize(body, AnswerJson.Default.ProblemBody);
        }
        catch (JsonException)
        {
            // A proxy's HTML page, for instance.
            return null;
        }
    }

    private static bool IsNext(ReadOnlySpan<char> parameters) =>
        parameters.Contains("rel=\"next\"", StringComparison.OrdinalIgnoreCase) || parameters.Contains("rel=next", StringComparison.OrdinalIgnoreCase);

    private static string? ReadText(HttpResponseHeaders headers, string name)
    {
        if (!headers.NonValidated.TryGetValues(name, out HeaderStringValues values))
        {
            return null;
        }

        string text = values.ToString();
        return text.Length == 0 ? null : text;
    }

    private static long? ReadLong(HttpResponseHeaders headers, string name) =>
        long.TryParse(ReadText(headers, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null;

    /// <summary>Rounded up, since it is an upper bound.</summary>
    private static long? ReadUpperBound(HttpResponseHeaders headers, string name) =>
        double.TryParse(ReadText(headers, name), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and < long.MaxValue
            ? (long)Math.Ceiling(value)
            : null;
}
