using RaftKv.Client;

namespace RaftKv.Aspire;

/// <summary>
/// Settings of a client, from <c>Aspire:RaftKv:Client</c>, then from <c>Aspire:RaftKv:Client:NAME</c>, then from the
/// connection string of that name, then from code.
/// </summary>
public sealed class RaftKvClientSettings
{
    /// <summary>Client addresses of the nodes, with commas: <c>http://n1:2379,http://n2:2379</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Time for one call with all its attempts and waits; null leaves it to the client.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>The level of reads that don't name one; null leaves it to the client.</summary>
    public ReadLevel? Consistency { get; set; }

    /// <summary>True leaves the health check out.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>True leaves the traces out.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>True leaves the metrics out.</summary>
    public bool DisableMetrics { get; set; }

    /// <exception cref="InvalidOperationException">There is no connection string, or it is none.</exception>
    internal IReadOnlyList<Uri> Endpoints(string name)
    {
        if (string.IsNullOrWhiteSpace(ConnectionString))
        {
            throw new InvalidOperationException(
                $"There is no connection string '{name}': set ConnectionStrings:{name} or Aspire:RaftKv:Client:ConnectionString, "
                + "e.g. to http://127.0.0.1:2379.");
        }

        return
        [
            .. ConnectionString.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(address => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
                    ? uri
                    : throw new InvalidOperationException($"The connection string '{name}' holds '{address}', which is no address.")),
        ];
    }
}
