using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Cluster;

namespace RaftKv.Dashboard.Playground;

/// <summary>How one read ended, in the words of the playground. Made from the answer alone.</summary>
public sealed record ReadOutcome
{
    /// <summary>The value that was read; null when the key was missing or nothing was answered.</summary>
    public string? Value { get; init; }

    /// <summary>The node answered with a view: a value, or that there is none.</summary>
    public bool IsAnswered { get; init; }

    /// <summary>The node could not be reached.</summary>
    public bool IsSilent { get; init; }

    /// <summary>The revision of the view that was read.</summary>
    public long? Revision { get; init; }

    /// <summary>The last change of the value; null for none.</summary>
    public long? ModRevision { get; init; }

    /// <summary>How old the answer can be at most, proven; null when nothing is proven.</summary>
    public long? StalenessMs { get; init; }

    /// <summary>Why, or where from: one short sentence.</summary>
    public string Why { get; init; } = "";

    public TimeSpan Took { get; init; }

    /// <summary>The token that came with the answer.</summary>
    public string? Session { get; init; }

    /// <summary>The answer misses a write that was acknowledged before the read was sent.</summary>
    public bool IsOld { get; init; }

    /// <summary>The outcome of an answer.</summary>
    /// <param name="asked">The node that was asked.</param>
    /// <param name="newestWrite">The newest write of the key that was acknowledged before the read was sent; 0 for none.</param>
    public static ReadOutcome Of(ApiAnswer answer, string asked, long newestWrite)
    {
        long? revision = answer.Number(HeaderNames.Revision);
        if (answer.Status is not (200 or 404))
        {
            return new ReadOutcome { IsSilent = answer.Status == 0, Why = answer.Complaint, Took = answer.Took };
        }

        KeyVersion? pair = answer.Status == 200 ? answer.Read(PageJson.Default.KeyVersion) : null;
        return new ReadOutcome
        {
            IsAnswered = true,
            Value = pair?.Value,
            ModRevision = pair?.ModRevision,
            Revision = revision,
            StalenessMs = answer.Number(HeaderNames.StalenessMs),
            Session = answer.Header(HeaderNames.Session),
            Took = answer.Took,
            IsOld = revision < newestWrite,
            Why = SourceOf(answer, asked),
        };
    }

    private static string SourceOf(ApiAnswer answer, string asked)
    {
        string by = answer.Header(HeaderNames.ServedBy) ?? asked;
        if (by != asked)
        {
            return $"passed on to {by}";
        }

        return WaitedMs(answer.Header(HeaderNames.ServerTiming)) is { } waited
            ? $"waited {Shown.Duration(waited)} for Raft"
            : "at once, from its own store";
    }

    /// <summary>The part "raft" of a Server-Timing header in milliseconds; null when it is not there.</summary>
    internal static double? WaitedMs(string? timing)
    {
        foreach (string part in (timing ?? "").Split(','))
        {
            string text = part.Trim();
            if (text.StartsWith("raft;dur=", StringComparison.Ordinal)
                && double.TryParse(text["raft;dur=".Length..], System.Globalization.CultureInfo.InvariantCulture, out double ms))
            {
                return ms;
            }
        }

        return null;
    }
}
