using System.Text;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Cluster;
using RaftKv.Dashboard.Playground;

namespace RaftKv.Dashboard.Lessons;

/// <summary>
/// Where a lesson is played: the real nodes through their public API, the lab for their links, and a list of what happened.
/// Belongs to one page and its thread; whatever it holds it opens again at the end.
/// </summary>
internal sealed class LessonStage(NodeClient client, LabClient lab, Func<ClusterPicture> picture, TimeProvider time, TimeSpan pace)
    : IAsyncDisposable
{
    /// <summary>How long a lesson waits for what must come, such as another leader.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // How long a node may take for what it can do, and how long it is asked for what it can't.
    private const string LongTimeout = "10s";
    private const string ShortTimeout = "700ms";

    private static readonly TimeSpan _answerPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(150);
    private readonly TimeProvider _time = time;
    private readonly long _began = time.GetTimestamp();
    private readonly List<LessonStep> _steps = [];
    private readonly List<HeldTime> _held = [];

    /// <summary>Called after each step.</summary>
    public Action Changed { get; init; } = static () => { };

    /// <summary>Ends the lesson.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>What happened so far.</summary>
    public IReadOnlyList<LessonStep> Steps => _steps;

    /// <summary>When which node was held.</summary>
    public IReadOnlyList<HeldTime> Held => _held;

    /// <summary>What the columns taught, once they did.</summary>
    public Dictionary<LessonSide, string> Verdicts { get; } = [];

    /// <summary>Who leads.</summary>
    public NodeSight Leader =>
        picture().Leader ?? throw new LessonException("Nobody leads at present; look at the cluster, and try again.");

    /// <summary>The node that is held back: a follower, not this page's own if another one is there.</summary>
    public NodeSight Behind => Followers.OrderBy(static node => node.IsSelf).First();

    /// <summary>The other follower.</summary>
    public NodeSight Other => Followers.First(node => node.Name != Behind.Name);

    /// <summary>Milliseconds since it began.</summary>
    public double NowMs => _time.GetElapsedTime(_began).TotalMilliseconds;

    private List<NodeSight> Followers
    {
        get
        {
            string leader = Leader.Name;
            List<NodeSight> up = [.. picture().Nodes.Where(node => node is { IsUp: true, Url: not null } && node.Name != leader)];
            return up.Count >= 2 ? up : throw new LessonException("This lesson needs three nodes that are up.");
        }
    }

    /// <summary>A remark.</summary>
    public Task SayAsync(LessonSide side, string text, string node = "") => NoteAsync(side, "", node, text, "", "", "say");

    /// <summary>What a column teaches.</summary>
    public void Teach(LessonSide side, string text)
    {
        Verdicts[side] = text;
        Changed();
    }

    /// <summary>Ends the lesson with a sentence when it does not go as it must.</summary>
    public static void Expect(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new LessonException(otherwise);
        }
    }

    /// <summary>A request of somebody, with what came of it.</summary>
    /// <param name="tell">The result in words and its kind.</param>
    public async Task<ApiAnswer> SendAsync(
        LessonSide side, string who, NodeSight node, string what, ApiRequest request, Func<ApiAnswer, (string Result, string Kind)> tell)
    {
        ApiAnswer answer = await client.SendAsync(node.Url!, request, _answerPatience, Stop);
        (string result, string kind) = tell(answer);
        await NoteAsync(side, who, node.Name, what, result, client.CurlOf(node.Url!, request), kind);
        return answer;
    }

    /// <summary>Somebody writes a key.</summary>
    /// <param name="headers">More of them; empty values are left out.</param>
    public Task<ApiAnswer> WriteAsync(
        LessonSide side, string who, NodeSight node, string key, string value, params (string Name, string? Value)[] headers) =>
        PutAsync(side, who, node, key, value, LongTimeout, headers);

    /// <summary>The same at a node that can't do it: nobody waits long for its refusal.</summary>
    public Task<ApiAnswer> WriteInVainAsync(LessonSide side, string who, NodeSight node, string key, string value) =>
        PutAsync(side, who, node, key, value, ShortTimeout, []);

    /// <summary>The same, which must succeed.</summary>
    public async Task<ApiAnswer> MustWriteAsync(
        LessonSide side, string who, NodeSight node, string key, string value, params (string Name, string? Value)[] headers)
    {
        ApiAnswer answer = await WriteAsync(side, who, node, key, value, headers);
        Expect(answer.IsOk, $"The write was to be acknowledged: {answer.Complaint}");
        return answer;
    }

    /// <summary>Somebody reads a key.</summary>
    /// <param name="newest">The value that was acknowledged last: another one is marked as old.</param>
    public Task<LessonRead> ReadAsync(
        LessonSide side, string who, NodeSight node, string key, string level, string? newest = null) =>
        GetAsync(side, who, node, key, level, newest, ReadOf(key, level, LongTimeout, token: null));

    /// <summary>The same at a node that can't meet the level: nobody waits long for its refusal.</summary>
    public Task<LessonRead> ReadInVainAsync(
        LessonSide side, string who, NodeSight node, string key, string level, string newest, string? token = null) =>
        GetAsync(side, who, node, key, level, newest, ReadOf(key, level, ShortTimeout, token));

    /// <summary>Reads until the answer is as wanted; only the last one is noted.</summary>
    public async Task<LessonRead> ReadUntilAsync(
        LessonSide side, string who, NodeSight node, string key, string level, Func<LessonRead, bool> isWanted, string? token = null)
    {
        ApiRequest request = ReadOf(key, level, LongTimeout, token);
        long began = _time.GetTimestamp();
        while (true)
        {
            LessonRead read = LessonRead.Of(await client.SendAsync(node.Url!, request, _answerPatience, Stop), node.Name);
            if (isWanted(read))
            {
                await NoteAsync(side, who, node.Name, $"reads {Short(key)} at {level}", read.InWords,
                    client.CurlOf(node.Url!, request), read.IsAnswered ? "good" : "refused");
                return read;
            }

            Expect(_time.GetElapsedTime(began) < Patience, $"{node.Name} did not come so far in time: {read.InWords}.");
            await Task.Delay(_pause, _time, Stop);
        }
    }

    /// <summary>Holds a node's links: it hears nobody and is not heard, and does not know.</summary>
    public async Task HoldAsync(NodeSight node)
    {
        Expect(lab.IsThere, "No lab: start the cluster by raftkv dev --lab.");
        ApiAnswer answer = await lab.HoldAsync(node.Name, Stop);
        Expect(answer.IsOk, $"The lab did not hold {node.Name}: {answer.Complaint}");
        _held.Add(new HeldTime(node.Name, NowMs, null));
        await NoteAsync(LessonSide.Both, "", node.Name, $"the links of {node.Name} are held: it hears nobody, and is not heard", "",
            "", "say");
    }

    /// <summary>Opens what was held.</summary>
    public async Task HealAsync(LessonSide side)
    {
        await OpenAsync();
        await SayAsync(side, "the links are open again");
    }

    /// <summary>Waits for a leader other than this one.</summary>
    public async Task<NodeSight> NextLeaderAsync(NodeSight old)
    {
        long began = _time.GetTimestamp();
        while (true)
        {
            foreach (NodeSight node in picture().Nodes.Where(node => node.Url is not null && node.Name != old.Name))
            {
                StatusAnswer? status = await client.GetAsync("/api/v1/status", AnswerJson.Default.StatusAnswer, Stop, node.Url);
                if (status?.Role == NodeRoles.Leader)
                {
                    return node;
                }
            }

            Expect(_time.GetElapsedTime(began) < Patience, "The others chose no leader in time.");
            await Task.Delay(_pause, _time, Stop);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_held.Exists(static held => held.ToMs is null))
        {
            await OpenAsync();
        }
    }

    private async Task OpenAsync()
    {
        // Also when the lesson was left: nobody is to find the cluster held.
        await lab.HealAsync(CancellationToken.None);
        for (int i = 0; i < _held.Count; i++)
        {
            _held[i] = _held[i] with { ToMs = _held[i].ToMs ?? NowMs };
        }
    }

    private Task<ApiAnswer> PutAsync(
        LessonSide side, string who, NodeSight node, string key, string value, string timeout, (string Name, string? Value)[] headers)
    {
        ApiRequest request = new ApiRequest("PUT", "/api/v1/kv?" + new KeyName(key).Query) { Body = Encoding.UTF8.GetBytes(value) }
            .With(HeaderNames.Timeout, timeout);
        request = headers.Aggregate(request, static (all, one) => all.With(one.Name, one.Value));
        return SendAsync(side, who, node, $"writes {Short(key)} = {value}", request, static answer => answer.IsOk
            ? ($"acknowledged in revision {answer.Number(HeaderNames.Revision)}", "good")
            : (Refusal(answer), "refused"));
    }

    private async Task<LessonRead> GetAsync(
        LessonSide side, string who, NodeSight node, string key, string level, string? newest, ApiRequest request)
    {
        ApiAnswer answer = await SendAsync(side, who, node, $"reads {Short(key)} at {level}", request, told =>
        {
            LessonRead seen = LessonRead.Of(told, node.Name);
            bool isOld = newest is not null && seen.IsAnswered && seen.Value != newest;
            return (seen.InWords + (isOld ? "; old" : ""), isOld ? "old" : seen.IsAnswered ? "good" : "refused");
        });
        return LessonRead.Of(answer, node.Name);
    }

    private static ApiRequest ReadOf(string key, string level, string timeout, string? token) =>
        new ApiRequest("GET", "/api/v1/kv?" + new KeyName(key).Query).With(HeaderNames.Consistency, level)
            .With(HeaderNames.Timeout, timeout).With(HeaderNames.Session, token);

    private async Task NoteAsync(LessonSide side, string who, string node, string what, string result, string curl, string kind)
    {
        _steps.Add(new LessonStep(_steps.Count + 1, side, NowMs, who, node, what, result, curl, kind));
        Changed();
        if (pace > TimeSpan.Zero)
        {
            await Task.Delay(pace, _time, Stop);
        }
    }

    private static string Short(string key) => key[(key.LastIndexOf('/') + 1)..];

    private static string Refusal(ApiAnswer answer) =>
        $"{(answer.Status == 0 ? "no answer" : $"{answer.Status} {answer.Problem?.Code}")}: {answer.Complaint}";
}

/// <summary>A read of a lesson.</summary>
/// <param name="Value">Null for no such key, and for no answer.</param>
/// <param name="Token">The session token that came with it.</param>
internal sealed record LessonRead(string? Value, long ModRevision, bool IsAnswered, string? Token, string InWords)
{
    public static LessonRead Of(ApiAnswer answer, string node)
    {
        ReadOutcome outcome = ReadOutcome.Of(answer, node, newestWrite: 0);
        string words = outcome.IsAnswered ? PlaygroundSession.InWords(outcome)
            : answer.Status == 0 ? "no answer: " + answer.Complaint : $"{answer.Status} {answer.Problem?.Code}: {answer.Complaint}";
        return new LessonRead(outcome.Value, outcome.ModRevision ?? 0, outcome.IsAnswered, outcome.Session, words);
    }
}
