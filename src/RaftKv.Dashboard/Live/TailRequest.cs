using System.Globalization;

namespace RaftKv.Dashboard.Live;

/// <summary>What a live tail shows.</summary>
public sealed record TailRequest
{
    /// <summary>Keys that begin so; empty for all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>put, delete, or empty for both.</summary>
    public string Filter { get; init; } = "";

    /// <summary>The first revision to show; 0 for what comes from now on.</summary>
    public long StartRevision { get; init; }

    /// <summary>Show with each change what was there before.</summary>
    public bool WithPrevious { get; init; } = true;

    /// <summary>The watch's path and query.</summary>
    /// <param name="from">A revision to go on from instead; 0 for none.</param>
    public string Target(long from = 0)
    {
        long start = from > 0 ? from : StartRevision;
        return "/api/v1/watch?prefix=" + Uri.EscapeDataString(Prefix)
            + (Filter.Length > 0 ? "&filter=" + Filter : "")
            + (WithPrevious ? "&prevValue=true" : "")
            + (start > 0 ? string.Create(CultureInfo.InvariantCulture, $"&startRevision={start}") : "");
    }
}
