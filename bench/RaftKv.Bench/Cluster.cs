using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace RaftKv.Bench;

/// <summary>Asks nodes who leads.</summary>
internal static class Cluster
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The endpoints that the target names.</summary>
    /// <exception cref="BenchException">A node does not answer, or there are none of that kind.</exception>
    internal static async Task<IReadOnlyList<Uri>> SelectAsync(BenchOptions options)
    {
        if (options.Target == BenchTarget.All)
        {
            return options.Endpoints;
        }

        List<Uri> selected = [];
        foreach (Uri endpoint in options.Endpoints)
        {
            if (await IsLeaderAsync(options.Protocol, endpoint) == (options.Target == BenchTarget.Leader))
            {
                selected.Add(endpoint);
            }
        }

        return selected.Count > 0 ? selected : throw new BenchException($"None of the endpoints is what --target {options.Target} asks for.");
    }

    private static async Task<bool> IsLeaderAsync(BenchProtocol protocol, Uri endpoint)
    {
        using HttpConnection connection = new(endpoint);
        using CancellationTokenSource patience = new(Patience);
        string request = protocol != BenchProtocol.RaftKv
            ? $"POST /v3/maintenance/status HTTP/1.1\r\nHost: {endpoint.Authority}\r\nContent-Length: 2\r\n\r\n{{}}"
            : $"GET /api/v1/status HTTP/1.1\r\nHost: {endpoint.Authority}\r\n\r\n";
        try
        {
            await connection.ExchangeAsync(Encoding.ASCII.GetBytes(request), patience.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            throw new BenchException($"{endpoint} does not tell its role: {e.Message}");
        }

        if (protocol == BenchProtocol.RaftKv)
        {
            return connection.Head.Contains("RaftKv-Role: leader", StringComparison.OrdinalIgnoreCase);
        }

        using JsonDocument status = JsonDocument.Parse(connection.Body.ToArray());
        return status.RootElement.GetProperty("leader").GetString() == status.RootElement.GetProperty("header").GetProperty("member_id").GetString();
    }
}
