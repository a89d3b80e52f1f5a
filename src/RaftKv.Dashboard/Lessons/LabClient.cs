using System.Text;
using System.Text.Json.Nodes;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Hosting;

namespace RaftKv.Dashboard.Lessons;

/// <summary>
/// Commands the links of <c>raftkv dev --lab</c>, when this node was started by it. A node of <c>raftkv serve</c> knows no lab. Any
/// thread.
/// </summary>
public sealed class LabClient(NodeClient client, DashboardSettings settings)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>True when there is a lab.</summary>
    public bool IsThere => settings.LabUrl is not null;

    /// <summary>Keeps all that a node sends and is sent.</summary>
    public Task<ApiAnswer> HoldAsync(string node, CancellationToken cancellationToken) =>
        DoAsync(new JsonObject { ["do"] = "hold", ["node"] = node }, cancellationToken);

    /// <summary>Closes a node's connections to its peers, and refuses new ones.</summary>
    public Task<ApiAnswer> CutAsync(string node, CancellationToken cancellationToken) =>
        DoAsync(new JsonObject { ["do"] = "cut", ["node"] = node }, cancellationToken);

    /// <summary>Makes the ways to and from a node longer.</summary>
    public Task<ApiAnswer> DelayAsync(string node, TimeSpan delay, CancellationToken cancellationToken) => DoAsync(
        new JsonObject { ["do"] = "delay", ["node"] = node, ["delayMs"] = (long)delay.TotalMilliseconds }, cancellationToken);

    /// <summary>Makes a node's process stand still.</summary>
    public Task<ApiAnswer> PauseAsync(string node, CancellationToken cancellationToken) =>
        DoAsync(new JsonObject { ["do"] = "pause", ["node"] = node }, cancellationToken);

    /// <summary>Opens every link, without delays, and lets paused nodes go on.</summary>
    public Task<ApiAnswer> HealAsync(CancellationToken cancellationToken) =>
        DoAsync(new JsonObject { ["do"] = "heal" }, cancellationToken);

    private Task<ApiAnswer> DoAsync(JsonObject command, CancellationToken cancellationToken) => client.SendAsync(
        settings.LabUrl!,
        new ApiRequest("POST", "/lab")
        {
            Body = Encoding.UTF8.GetBytes(command.ToJsonString()),
            ContentType = "application/json",
        }.With("RaftKv-Lab", "1"),
        _patience,
        cancellationToken);
}
