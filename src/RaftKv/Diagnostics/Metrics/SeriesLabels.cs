namespace RaftKv.Diagnostics.Metrics;

/// <summary>What tells the series of a family apart, in the two forms in which it is asked for.</summary>
/// <param name="Text">As it stands between the braces of Prometheus' text.</param>
/// <param name="Tags">As a meter takes it.</param>
internal readonly record struct SeriesLabels(string Text, KeyValuePair<string, object?>[] Tags)
{
    /// <summary>Both forms of these labels.</summary>
    public static SeriesLabels Of(params ReadOnlySpan<(string Name, string Value)> labels) =>
        new(MetricText.Labels(labels), TagsOf(labels));

    /// <summary>The meter's form alone.</summary>
    public static KeyValuePair<string, object?>[] TagsOf(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var tags = new KeyValuePair<string, object?>[labels.Length];
        for (int i = 0; i < tags.Length; i++)
        {
            tags[i] = new KeyValuePair<string, object?>(labels[i].Name, labels[i].Value);
        }

        return tags;
    }
}
