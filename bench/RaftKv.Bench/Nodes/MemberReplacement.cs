using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace RaftKv.Bench.Nodes;

/// <summary>
/// One member replaced by another, as <c>raftkv member replace n2 --with n4</c> does it: a place, its node started with --join,
/// then the operation is looked at until it is done.
/// </summary>
internal sealed class MemberReplacement : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan _askPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pollWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _exitPatience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<(string Phase, double Seconds)> _steps = [];
    private (string State, string Phase) _last = ("pending", "asked for");

    /// <summary>Phases in the order in which they were seen, and how long each was.</summary>
    internal IReadOnlyList<(string Phase, double Seconds)> Steps => _steps;

    /// <summary>From the question to the end of the old node's process.</summary>
    internal double Seconds { get; private set; }

    /// <summary>What the old node's process ended with; null when it did not end.</summary>
    internal int? ExitCode { get; private set; }

    /// <exception cref="BenchException">It was refused, or did not come to its end.</exception>
    internal async Task RunAsync(ServerCluster cluster, int old, ServerNode joiner)
    {
        Uri door = cluster.Endpoints[(old + 1) % cluster.Endpoints.Count];
        long start = Stopwatch.GetTimestamp();
        Uri question = new(door, $"/api/v1/cluster/members/{ServerCluster.NameOf(old)}/replace");
        Uri operation = await AskAsync(question, cluster.JoinerPeerUrl);
        joiner.Start();
        await FollowAsync(operation, joiner, start);
        ExitCode = await cluster.WaitForExitAsync(old, _exitPatience);
        Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The number of the node that leads.</summary>
    /// <exception cref="BenchException">None of them says so of itself for that long.</exception>
    internal async Task<int> FindLeaderAsync(IReadOnlyList<Uri> endpoints)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < _askPatience; await Task.Delay(_pollWait))
        {
            for (int i = 0; i < endpoints.Count; i++)
            {
                using HttpResponseMessage answer = await _http.GetAsync(new Uri(endpoints[i], "/api/v1/status"));
                if (answer.Headers.TryGetValues("RaftKv-Role", out IEnumerable<string>? role) && role.Single() == "leader")
                {
                    return i;
                }
            }
        }

        throw new BenchException("No node leads.");
    }

    public void Dispose() => _http.Dispose();

    // Asked again when nobody leads, or a leader was lost: nothing is done twice.
    private async Task<Uri> AskAsync(Uri question, string peerUrl)
    {
        var wish = new Dictionary<string, string> { ["name"] = ServerCluster.JoinerName, ["peerUrl"] = peerUrl };
        for (long start = Stopwatch.GetTimestamp(); ; await Task.Delay(_pollWait))
        {
            using HttpResponseMessage answer = await _http.PostAsJsonAsync(question, wish);
            if (answer is { IsSuccessStatusCode: true, Headers.Location: { } location })
            {
                return new Uri(question, location);
            }

            if (answer.StatusCode < HttpStatusCode.InternalServerError || Stopwatch.GetElapsedTime(start) > _askPatience)
            {
                throw new BenchException($"The replacement is refused: {await answer.Content.ReadAsStringAsync()}");
            }
        }
    }

    private async Task FollowAsync(Uri operation, ServerNode joiner, long start)
    {
        string? phase = null;
        long since = start;
        while (true)
        {
            (string state, string now) = await LookAsync(operation);
            if (now != phase)
            {
                Step(phase, since);
                (phase, since) = (now, Stopwatch.GetTimestamp());
            }

            if (state == "applied")
            {
                return;
            }

            if (state != "pending" || joiner.ProcessId == 0 || Stopwatch.GetElapsedTime(start) > _patience)
            {
                throw new BenchException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The replacement is {state} ({now}) after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s."));
            }

            await Task.Delay(_pollWait);
        }
    }

    private void Step(string? phase, long since)
    {
        if (phase is not null)
        {
            _steps.Add((phase, Stopwatch.GetElapsedTime(since).TotalSeconds));
        }
    }

    // What is known stays where nobody answers now.
    private async Task<(string State, string Phase)> LookAsync(Uri operation)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(operation);
            if (answer.IsSuccessStatusCode)
            {
                using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
                string state = body.RootElement.GetProperty("state").GetString()!;
                bool hasPhase = body.RootElement.TryGetProperty("progress", out JsonElement progress)
                    && progress.ValueKind == JsonValueKind.Object;
                _last = (state, hasPhase ? progress.GetProperty("phase").GetString()! : state);
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            // It is asked again.
        }

        return _last;
    }
}
