using System.Globalization;
using System.Text;
using System.Text.Json;
using static RaftKv.Bench.Nodes.TableText;

namespace RaftKv.Bench.Nodes;

/// <summary>
/// replace: three nodes with many keys, puts at even intervals, one member replaced by a new one amid them; what the puts wait for
/// before, meanwhile and after, how long each step is, and whether the new node has all that was acknowledged.
/// </summary>
internal static class ReplaceCommand
{
    // What a removed node ends with (docs/operations/members.md).
    private const int RemovedExitCode = 8;

    private static readonly TimeSpan _putPatience = TimeSpan.FromSeconds(30);

    // What the nodes still do for the load, and compile for their first puts, is no part of what is measured.
    private static readonly TimeSpan _warmup = TimeSpan.FromSeconds(10);

    private static readonly string[] _heading =
    [
        "puts", "keys", "due a second", "s", "done", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "tried again", "failed",
    ];

    internal static async Task<int> RunAsync(string[] args)
    {
        NodesOptions options = NodesOptions.ParseReplace(args);
        using ServerCluster cluster = await ServerCluster.StartAsync("raftkv", options);
        await LoadAsync(cluster, options);
        using MemberReplacement replacement = new();
        using SteadyPuts puts = new(cluster.Endpoints, options, _putPatience);
        var seconds = TimeSpan.FromSeconds(options.Seconds);
        puts.Begin("warm-up");
        await Task.Delay(seconds < _warmup ? seconds : _warmup);

        PutFigures before = puts.Begin("before");
        await Task.Delay(seconds);
        int leader = await replacement.FindLeaderAsync(cluster.Endpoints);
        int old = options.ReplacesLeader ? leader : (leader + 1) % cluster.Endpoints.Count;
        Console.Error.WriteLine($"{ServerCluster.NameOf(old)} is replaced by {ServerCluster.JoinerName}");
        PutFigures meanwhile = puts.Begin("meanwhile");
        using ServerNode joiner = cluster.NewJoiner(options, (old + 1) % cluster.Endpoints.Count);
        await replacement.RunAsync(cluster, old, joiner);

        PutFigures after = puts.Begin("after");
        puts.Use([.. cluster.Endpoints.Where((_, i) => i != old), joiner.Endpoint]);
        await Task.Delay(seconds);
        await puts.EndAsync();
        KeyCensus census = await CountAsync(joiner.Endpoint, puts.Acknowledged);

        string page = Page(options, replacement, [before, meanwhile, after], census, ServerCluster.NameOf(old), joiner);
        Console.Write(page);
        if (options.Out is { } file)
        {
            await File.WriteAllTextAsync(file, page);
        }

        bool isGood = before.Failed + meanwhile.Failed + after.Failed == 0 && census.IsComplete && replacement.ExitCode == RemovedExitCode;
        return isGood ? 0 : 1;
    }

    private static async Task LoadAsync(ServerCluster cluster, NodesOptions options)
    {
        BenchOptions load = BenchOptions.Parse(
        [
            "load", "--endpoints", string.Join(',', cluster.Endpoints), "--keys", Text(options.Keys),
            "--key-size", Text(SteadyPuts.KeyBytes), "--value-size", Text(options.ValueBytes),
        ]);
        await LoadCommand.WriteKeysAsync(load);
        Console.Error.WriteLine($"{options.Keys} keys are loaded");
    }

    // From the new node's own state: first a read that knows all that was acknowledged, then what it holds by itself.
    private static async Task<KeyCensus> CountAsync(Uri endpoint, IReadOnlyList<long> acknowledged)
    {
        KeyCensus census = new(acknowledged);
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };
        _ = await PageAsync(http, endpoint, "limit=1", "linearizable");
        string? cursor = "";
        while (cursor is not null)
        {
            JsonElement page = await PageAsync(http, endpoint, "limit=1000" + cursor, "eventual");
            foreach (JsonElement item in page.GetProperty("items").EnumerateArray())
            {
                census.See(item.GetProperty("key").GetString()!, item.GetProperty("value").GetString()!);
            }

            cursor = page.TryGetProperty("cursor", out JsonElement next) && next.GetString() is { } text
                ? "&cursor=" + Uri.EscapeDataString(text)
                : null;
        }

        return census;
    }

    private static async Task<JsonElement> PageAsync(HttpClient http, Uri endpoint, string query, string level)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(endpoint, "/api/v1/kv?prefix=k&" + query));
        request.Headers.Add("RaftKv-Consistency", level);
        using HttpResponseMessage answer = await http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        string? by = answer.Headers.TryGetValues("RaftKv-Served-By", out IEnumerable<string>? names) ? names.Single() : null;
        if (!answer.IsSuccessStatusCode || (level == "eventual" && by != ServerCluster.JoinerName))
        {
            throw new BenchException($"{endpoint} does not tell its keys: {(int)answer.StatusCode} {text}");
        }

        using var body = JsonDocument.Parse(text);
        return body.RootElement.Clone();
    }

    private static string Page(
        NodesOptions options, MemberReplacement replacement, PutFigures[] parts, KeyCensus census, string old, ServerNode joiner)
    {
        StringBuilder page = new();
        page.AppendLine(Line(_heading)).AppendLine(Line([.. _heading.Select(static (_, i) => i is 0 or 9 ? "---" : "---:")]));
        foreach (PutFigures part in parts)
        {
            Histogram all = part.Latencies;
            page.AppendLine(Line(
            [
                part.Name, Text(options.Keys), Text(options.Rate), Text(part.Seconds, "0.0"), Text(all.Count),
                Ms(all.Percentile(0.5)), Ms(all.Percentile(0.99)), Ms(all.Percentile(0.999)), Ms(all.Max), Repeats(part), Text(part.Failed),
            ]));
        }

        string steps = string.Join(", ", replacement.Steps.Select(static step => $"{step.Phase} {Text(step.Seconds, "0.0")}"));
        string whole = Text(replacement.Seconds, "0.0");
        string role = options.ReplacesLeader ? "leader" : "follower";
        string ended = replacement.ExitCode is { } code ? $"ended with code {Text(code)}" : "did not end";
        double ratio = (double)parts[1].Latencies.Percentile(0.99) / Math.Max(1, parts[0].Latencies.Percentile(0.99));
        string found = string.Create(
            CultureInfo.InvariantCulture,
            $"{census.There} of {census.Keys} keys, {census.Missing} missing, {census.Wrong} wrong");
        return page.AppendLine()
            .AppendLine($"- {old}, a {role}, replaced by {ServerCluster.JoinerName} in {whole} s: {steps}; {old} {ended}.")
            .AppendLine($"- p99 meanwhile ÷ before: {Text(ratio, "0.00")}.")
            .AppendLine($"- On {ServerCluster.JoinerName}: {found}; {Text(ProcStat.ResidentMib(joiner.ProcessId))} MiB resident.")
            .ToString();
    }

    private static string Repeats(PutFigures part)
    {
        string[] kinds =
        [
            .. part.Repeated.Where(static pair => pair.Value > 0)
                .Select(static pair => $"{(pair.Key == 0 ? "lost" : Text(pair.Key))}:{Text(pair.Value)}"),
        ];
        return kinds.Length == 0 ? "none" : string.Join(' ', kinds);
    }

    private static string Ms(long micros) => Text(micros / 1000.0, "0.00");
}
