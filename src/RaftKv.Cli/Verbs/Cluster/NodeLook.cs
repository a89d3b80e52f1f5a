using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Cluster;

/// <summary>A node as it was asked for its status: its answer, or why there is none.</summary>
internal sealed record NodeLook(string Name, Uri Endpoint, JsonObject? Status, string? Failure)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>Asks all nodes at once: those that were named, and those that the cluster's members say.</summary>
    public static Task<IReadOnlyList<NodeLook>> AllAsync(Invocation run) =>
        ProgressBar.ShowIfSlowAsync(run.Console, "asking the nodes", AskAllAsync(run));

    /// <summary>A fact of the status; null when there is none.</summary>
    public JsonNode? this[string path]
    {
        get
        {
            JsonNode? node = Status;
            foreach (string part in path.Split('.'))
            {
                node = (node as JsonObject)?[part];
            }

            return node?.DeepClone();
        }
    }

    private static async Task<IReadOnlyList<NodeLook>> AskAllAsync(Invocation run)
    {
        NodeLook[] looks = await Task.WhenAll(run.Endpoints.Select(endpoint => AskAsync(run, endpoint.Authority, endpoint)))
            .ConfigureAwait(false);
        NodeLook? first = Array.Find(looks, static look => look.Status is not null);
        if (first is null || run.Endpoints.Count == 1 && run.Parse.GetResult("--node") is not null)
        {
            return looks;
        }

        ClusterInfo cluster = await run.Client.ClusterAsync(first.Endpoint, run.Stop).ConfigureAwait(false);
        var found = new SortedDictionary<string, NodeLook>(StringComparer.Ordinal);
        foreach (NodeLook look in looks.Where(static look => look.Status is not null))
        {
            found[look.Name] = look;
        }

        IEnumerable<Task<NodeLook>> rest = cluster.Members.Where(member => !found.ContainsKey(member.Name ?? "")).Select(member =>
            Uri.TryCreate(member.ClientUrl, UriKind.Absolute, out Uri? url)
                ? AskAsync(run, member.Name ?? "?", url)
                : Task.FromResult(new NodeLook(member.Name ?? "?", first.Endpoint, null, "has not said where clients reach it")));
        foreach (NodeLook look in await Task.WhenAll(rest).ConfigureAwait(false))
        {
            found[look.Name] = look;
        }

        return [.. found.Values];
    }

    private static async Task<NodeLook> AskAsync(Invocation run, string name, Uri endpoint)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(run.Stop);
        patience.CancelAfter(_patience);
        try
        {
            JsonObject status = await run.Rest.SendAsync(endpoint, HttpMethod.Get, "/api/v1/status", null, patience.Token)
                .ConfigureAwait(false);
            return new NodeLook((string?)status["name"] ?? name, endpoint, status, null);
        }
        catch (HttpRequestException failure)
        {
            return new NodeLook(name, endpoint, null, failure.HttpRequestError == HttpRequestError.ConnectionError
                ? "refuses connections" : failure.Message);
        }
        catch (CtlException refusal)
        {
            return new NodeLook(name, endpoint, null, refusal.Message);
        }
        catch (OperationCanceledException) when (!run.Stop.IsCancellationRequested)
        {
            return new NodeLook(name, endpoint, null, "does not answer");
        }
    }
}
