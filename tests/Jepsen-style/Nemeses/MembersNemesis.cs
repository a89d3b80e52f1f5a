using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// Members come and go as an operator moves them, with the commands of a running cluster: a disk is lost and replaced, a node is
/// replaced by one of another name and comes back in its place, the cluster grows by one and shrinks again. One at a time,
/// each to its end; an empty disk that is started as before must say so with code 7.
/// </summary>
internal sealed class MembersNemesis : RepeatingNemesis
{
    private const int MemberExitCode = 7;
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, ServerProcess> _spares = [];
    private int _spareCount;

    public override string Name => "members";

    public override async Task StrikeAsync(Strike strike)
    {
        ServerProcess node = strike.Random.Next(2) == 0 && await strike.Cluster.FindLeaderAsync() is { } leader ? leader : strike.AnyNode();
        long start = strike.History.NowNs;
        string kind = ((string[])["wipe", "grow", "replace", "shrink"])[strike.Turn % 4];
        bool isDone = kind switch
        {
            "wipe" => await WipeAsync(strike, node, isStartedAsBefore: strike.Turn % 8 == 0),
            "grow" => await GrowAsync(strike),
            "replace" => await ReplaceAsync(strike, node),
            _ => await ShrinkAsync(strike),
        };
        if (isDone)
        {
            strike.Note("members-" + kind, node.Name, start, string.Create(CultureInfo.InvariantCulture, $"turn {strike.Turn}"));
        }
    }

    public override async Task RunAsync(
        LocalCluster cluster, HistoryRecorder history, Random random, CancellationToken cancellationToken)
    {
        await base.RunAsync(cluster, history, random, cancellationToken);

        // Whoever came beyond the listed ones goes before the final reads; the clients know the listed ones only.
        var last = new Strike(cluster, history, random, 0, CancellationToken.None);
        while (_spares.Count > 0)
        {
            if (!await ShrinkAsync(last))
            {
                return;
            }
        }
    }

    public override void Cleanup(LocalCluster cluster)
    {
        foreach (ServerProcess spare in _spares.Values)
        {
            spare.Dispose();
        }
    }

    // A disk is gone, and an empty one takes its place.
    private async Task<bool> WipeAsync(Strike strike, ServerProcess node, bool isStartedAsBefore)
    {
        node.Kill();
        Directory.Delete(node.DataDirectory, recursive: true);
        await strike.PauseAsync(100, 1000);
        if (isStartedAsBefore)
        {
            node.Start();
            node.ExpectExit();
            int? code = await node.WaitForExitAsync(ExitTimeout);
            if (code != MemberExitCode || !node.ReadLog().Contains("was founded with another data directory", StringComparison.Ordinal))
            {
                strike.Accuse(node, code is null
                    ? "it runs on an empty disk under a known name"
                    : string.Create(CultureInfo.InvariantCulture, $"it ended with code {code} on an empty disk, and did not say why"));
                node.Kill();
            }
        }

        return await JoinAsync(strike, node, "--replace", node.Name);
    }

    // One of another name takes the place; then the first comes back in its own, on an empty disk.
    private async Task<bool> ReplaceAsync(Strike strike, ServerProcess node)
    {
        ServerProcess spare = NewSpare(strike.Cluster, node);
        node.ExpectExit();
        if (!await JoinAsync(strike, spare, "--replace", node.Name))
        {
            return false;
        }

        // It was removed: it ends by itself, or whoever runs it ends it.
        if (await node.WaitForExitAsync(TimeSpan.FromSeconds(5)) is null)
        {
            node.Kill();
        }

        Directory.Delete(node.DataDirectory, recursive: true);
        spare.ExpectExit();
        if (!await JoinAsync(strike, node, "--replace", spare.Name))
        {
            return false;
        }

        Drop(spare);
        return true;
    }

    private async Task<bool> GrowAsync(Strike strike) =>
        await JoinAsync(strike, NewSpare(strike.Cluster, strike.Cluster.Nodes[0]));

    private async Task<bool> ShrinkAsync(Strike strike)
    {
        if (_spares.Count == 0)
        {
            return false;
        }

        ServerProcess spare = _spares.Values.First();
        spare.ExpectExit();
        DateTime end = DateTime.UtcNow + StepTimeout;
        string problem = "nobody answered";
        while (DateTime.UtcNow < end)
        {
            if (await MembersAsync(strike.Cluster) is { } members)
            {
                if (members.Find(member => member.Name == spare.Name) is not { } gone)
                {
                    Drop(spare);
                    return true;
                }

                problem = await RemoveAsync(strike.Cluster, gone.Id);
            }

            await Task.Delay(200, CancellationToken.None);
        }

        strike.Accuse(spare, $"it was not removed in {StepTimeout.TotalSeconds} s: {problem}");
        Drop(spare);
        return false;
    }

    private static async Task<string> RemoveAsync(LocalCluster cluster, string id)
    {
        foreach (ServerProcess node in cluster.Nodes.Where(static node => node.IsRunning))
        {
            using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(5));
            try
            {
                HttpAnswer answer = await session.SendAsync("DELETE", "/api/v1/cluster/members/" + id, [], default);
                return $"{answer.Status} {answer.Text}";
            }
            catch (HttpFailureException)
            {
                // The next one may answer.
            }
        }

        return "nobody answered";
    }

    // Until its new directory is a voter, and nothing is under way any more.
    private async Task<bool> JoinAsync(Strike strike, ServerProcess node, params string[] more)
    {
        DateTime end = DateTime.UtcNow + StepTimeout;
        List<MemberLine>? before = null;
        while (before is null && DateTime.UtcNow < end)
        {
            before = await MembersAsync(strike.Cluster);
        }

        ServerProcess door = strike.Cluster.Nodes.First(other => other != node && other.IsRunning);
        node.StartJoining(["--join", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{door.ClientPort}"), .. more]);
        while (DateTime.UtcNow < end && node.ExitCode is null)
        {
            // By its id: of the one that it replaces the name may be the same.
            List<MemberLine>? members = await MembersAsync(strike.Cluster);
            if (members is not null && members.TrueForAll(static member => member.IsVoter)
                && members.Exists(member => member.Name == node.Name && before?.Exists(known => known.Id == member.Id) == false))
            {
                return true;
            }

            await Task.Delay(100, CancellationToken.None);
        }

        strike.Accuse(node, string.Create(
            CultureInfo.InvariantCulture, $"it did not become a voter in {StepTimeout.TotalSeconds} s (exit code {node.ExitCode})"));
        return false;
    }

    // As the leader says; null when none answers, or a change is under way. A node that catches up shows members of before.
    private async Task<List<MemberLine>?> MembersAsync(LocalCluster cluster)
    {
        foreach (ServerProcess node in cluster.Nodes.Concat(_spares.Values).Where(static node => node.IsRunning))
        {
            using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(2));
            try
            {
                HttpAnswer answer = await session.GetAsync("/api/v1/cluster");
                using JsonDocument body = JsonDocument.Parse(answer.Text);
                JsonElement root = body.RootElement;
                bool isLeader = string.Equals(answer.Header(HeaderNames.Role), "leader", StringComparison.OrdinalIgnoreCase);
                if (isLeader && answer.Status == 200 && !root.GetProperty("joint").GetBoolean())
                {
                    return [.. root.GetProperty("members").EnumerateArray().Select(MemberLine.Read)];
                }
            }
            catch (Exception e) when (e is HttpFailureException or JsonException or KeyNotFoundException)
            {
                // The next one may know.
            }
        }

        return null;
    }

    private ServerProcess NewSpare(LocalCluster cluster, ServerProcess like)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"spare{++_spareCount}");
        ServerProcess spare = cluster.MakeSpare(name);
        foreach ((string key, string value) in like.Environment)
        {
            spare.Environment[key] = value;
        }

        _spares[name] = spare;
        return spare;
    }

    private void Drop(ServerProcess spare)
    {
        _spares.Remove(spare.Name);
        spare.Dispose();
    }

    private sealed record MemberLine(string Name, string Id, bool IsVoter)
    {
        public static MemberLine Read(JsonElement member) => new(
            member.GetProperty("name").GetString()!, member.GetProperty("id").GetString()!, member.GetProperty("voter").GetBoolean());
    }
}
