using System.Text.Json;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>What GET /api/v1/status says, as far as tests need it.</summary>
internal sealed record NodeStatus(long AppliedIndex, long FirstIndex, long LastIndex, long SnapshotIndex, string StateHash)
{
    public static async Task<NodeStatus> ReadAsync(ServerProcess node)
    {
        using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(60));
        return Of(await session.GetAsync("/api/v1/status"));
    }

    public static NodeStatus Of(HttpAnswer answer)
    {
        JsonElement body = answer.Json();
        return new NodeStatus(
            body.GetProperty("viewAppliedIndex").GetInt64(),
            body.GetProperty("firstIndex").GetInt64(),
            body.GetProperty("lastIndex").GetInt64(),
            body.GetProperty("snapshot").GetProperty("index").GetInt64(),
            body.GetProperty("stateHash").GetString()!);
    }
}
