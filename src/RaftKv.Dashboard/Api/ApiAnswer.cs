using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RaftKv.Dashboard.Api;

/// <summary>What came back, or that nothing did.</summary>
/// <param name="Status">HTTP's status; 0 when the node could not be reached.</param>
/// <param name="Body">The body's bytes; empty for none.</param>
/// <param name="Took">From the first byte sent to the last one received.</param>
public sealed record ApiAnswer(int Status, ReadOnlyMemory<byte> Body, TimeSpan Took)
{
    /// <summary>Headers by name; of several with one name, the first.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Why there is no status; null when there is one.</summary>
    public string? Failure { get; init; }

    /// <summary>True for 2xx and 304.</summary>
    public bool IsOk => Status is (>= 200 and < 300) or 304;

    /// <summary>A header's value, or null.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>A header's value as a number, or null.</summary>
    public long? Number(string name) => long.TryParse(Header(name)?.Trim('"'), out long number) ? number : null;

    /// <summary>The body as an object; null when it is none of that kind.</summary>
    public T? Read<T>(JsonTypeInfo<T> type)
        where T : class
    {
        if (Body.IsEmpty)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(Body.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The error that the node told; null when it told none.</summary>
    public ProblemBody? Problem => Status >= 400 ? Read(AnswerJson.Default.ProblemBody) : null;

    /// <summary>A sentence for people: what went wrong, or empty.</summary>
    public string Complaint =>
        Status == 0 ? Failure ?? "The node does not answer."
        : IsOk ? ""
        : Problem is { } problem ? problem.Detail ?? problem.Title ?? ""
        : $"The node answered {Status}.";
}
