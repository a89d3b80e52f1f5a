using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Cluster;

namespace RaftKv.Dashboard.Playground;

/// <summary>
/// Two clients, one key, all nodes: writes through one node, reads at every level on each of them, and remembers what
/// was acknowledged, so that an old answer is seen to be old. Belongs to one page and its thread.
/// </summary>
internal sealed class PlaygroundSession(NodeClient client, TimeProvider time)
{
    /// <summary>Steps that the timeline keeps.</summary>
    internal const int MaxSteps = 60;

    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, string?> _tokens = new() { ["A"] = null, ["B"] = null };
    private readonly ConcurrentDictionary<(string Level, string Node), (ApiRequest Request, ReadOutcome Outcome)> _reads = [];
    private readonly Dictionary<string, long> _acknowledged = [];

    public string Key { get; set; } = "playground/x";

    public string Value { get; set; } = "1";

    /// <summary>Who acts: A or B.</summary>
    public string Client { get; set; } = "A";

    /// <summary>What a node does that can't meet a level: wait, forward or fail.</summary>
    public string OnUnmet { get; set; } = UnmetPolicies.Wait;

    /// <summary>How long it may wait.</summary>
    public int TimeoutMs { get; set; } = 1000;

    /// <summary>The bound of the level that has one.</summary>
    public int MaxStalenessMs { get; set; } = 500;

    /// <summary>Newest first.</summary>
    public List<Step> Steps { get; } = [];

    /// <summary>The token of a client; null when it has none yet.</summary>
    public string? TokenOf(string name) => _tokens[name];

    /// <summary>The newest revision of this key's writes that was acknowledged here; 0 for none.</summary>
    public long Acknowledged => _acknowledged.GetValueOrDefault(Key);

    /// <summary>The last outcome of a level on a node; null when it was not read yet.</summary>
    public ReadOutcome? OutcomeOf(string level, string node) => _reads.TryGetValue((level, node), out var read) ? read.Outcome : null;

    /// <summary>A read as a line of curl.</summary>
    public string CurlOf(string level, NodeSight node) => client.CurlOf(
        node.Url ?? client.Self, _reads.TryGetValue((level, node.Name), out var read) ? read.Request : ReadOf(level));

    /// <summary>Gives one client's token to the other, as a message between them would.</summary>
    public void Hand(string from, string to)
    {
        string? token = _tokens[from];
        if (token is null)
        {
            return;
        }

        // Several tokens are merged by whoever gets them both.
        _tokens[to] = _tokens[to] is { } own && own != token ? $"{own.Split(',')[^1]},{token.Split(',')[^1]}" : token;
        Note(from, $"hands its session token to {to}", $"{to} now sees what {from} has seen", "", "good");
    }

    /// <summary>Forgets a client's token: it becomes somebody who was never here.</summary>
    public void Forget(string name)
    {
        _tokens[name] = null;
        Note(name, "forgets its session token", "session levels promise it nothing until it has one", "", "good");
    }

    /// <summary>Forgets all results.</summary>
    public void Clear()
    {
        _reads.Clear();
        Steps.Clear();
    }

    /// <summary>Writes through a node. The next value is one more, so that each write can be told from the others.</summary>
    public async Task WriteAsync(NodeSight node, CancellationToken cancellationToken = default)
    {
        string value = Value;
        string key = Key;
        ApiRequest request = new ApiRequest("PUT", "/api/v1/kv?" + new KeyName(key).Query)
        {
            Body = Encoding.UTF8.GetBytes(value),
        }.With(HeaderNames.Session, _tokens[Client]).With(HeaderNames.Timeout, "3s");
        string by = Client;
        ApiAnswer answer = await SendAsync(node, request, TimeSpan.FromSeconds(5), cancellationToken);
        if (answer.IsOk && answer.Number(HeaderNames.Revision) is { } revision)
        {
            _acknowledged[key] = Math.Max(_acknowledged.GetValueOrDefault(key), revision);
            _tokens[by] = answer.Header(HeaderNames.Session) ?? _tokens[by];
            Value = long.TryParse(value, out long number) ? (number + 1).ToString(CultureInfo.InvariantCulture) : value;
        }

        string result = answer.IsOk
            ? $"acknowledged in revision {answer.Number(HeaderNames.Revision)} after {Shown.Duration(answer.Took.TotalMilliseconds)}"
            : answer.Complaint;
        Note(by, $"writes {key} = {value} through {node.Name}", result, client.CurlOf(node.Url ?? client.Self, request),
            answer.IsOk ? "good" : "refused");
    }

    /// <summary>Reads one level on one node. The client keeps the token that comes back, as a careful client does.</summary>
    public async Task<ReadOutcome> ReadAsync(
        string level, NodeSight node, bool isOfMany = false, CancellationToken cancellationToken = default)
    {
        ApiRequest request = ReadOf(level);
        string by = Client;
        string key = Key;
        long newest = Acknowledged;
        ApiAnswer answer = await SendAsync(node, request, TimeSpan.FromMilliseconds(TimeoutMs) + _grace, cancellationToken);
        ReadOutcome outcome = ReadOutcome.Of(answer, node.Name, newest);
        _reads[(level, node.Name)] = (request, outcome);

        // Reads of all levels at once are so many clients with one token: none of them moves it.
        if (!isOfMany)
        {
            _tokens[by] = outcome.Session ?? _tokens[by];
            string curl = client.CurlOf(node.Url ?? client.Self, request);
            Note(by, $"reads {key} at {level} on {node.Name}", InWords(outcome), curl, KindOf(outcome));
        }

        return outcome;
    }

    /// <summary>Reads every level on every node, all at once.</summary>
    public async Task ReadAllAsync(IReadOnlyList<NodeSight> nodes, CancellationToken cancellationToken = default)
    {
        string by = Client;
        string key = Key;
        ReadOutcome[] outcomes = await Task.WhenAll(
            from level in ReadLevelInfo.All
            from node in nodes
            select ReadAsync(level.Name, node, isOfMany: true, cancellationToken));
        int answered = outcomes.Count(static outcome => outcome.IsAnswered);
        int old = outcomes.Count(static outcome => outcome.IsOld);
        Note(
            by, $"reads {key} at every level on every node",
            $"{answered} of {outcomes.Length} answered"
                + (old == 0 ? "; none misses an acknowledged write" : $"; {old} miss an acknowledged write"),
            "", old > 0 ? "old" : answered == 0 ? "refused" : "good");
    }

    /// <summary>Writes, and reads everywhere in the moment of the acknowledgment: the best chance to meet an old answer.</summary>
    public async Task WriteThenReadAllAsync(
        NodeSight through, IReadOnlyList<NodeSight> nodes, CancellationToken cancellationToken = default)
    {
        await WriteAsync(through, cancellationToken);
        await ReadAllAsync(nodes, cancellationToken);
    }

    /// <summary>The result of a read in a sentence.</summary>
    internal static string InWords(ReadOutcome outcome)
    {
        if (!outcome.IsAnswered)
        {
            return outcome.Why;
        }

        string age = outcome.StalenessMs is { } ms ? $"proven at most {Shown.Duration(ms)} old" : "no age proven";
        string found = outcome.Value is { } value ? $"{value}, {age}" : $"no such key, {age}";
        return outcome.IsOld ? $"{found}; it misses an acknowledged write" : found;
    }

    internal static string KindOf(ReadOutcome outcome) => outcome.IsOld ? "old" : outcome.IsAnswered ? "good" : "refused";

    private ApiRequest ReadOf(string level)
    {
        ReadLevelInfo info = ReadLevelInfo.All.First(known => known.Name == level);
        ApiRequest request = new ApiRequest("GET", "/api/v1/kv?" + new KeyName(Key).Query)
            .With(HeaderNames.Consistency, level)
            .With(HeaderNames.OnUnmet, OnUnmet == UnmetPolicies.Wait ? null : OnUnmet)
            .With(HeaderNames.Timeout, string.Create(CultureInfo.InvariantCulture, $"{TimeoutMs}ms"));
        if (level == ReadLevelNames.Bounded)
        {
            request = request.With(HeaderNames.MaxStaleness, string.Create(CultureInfo.InvariantCulture, $"{MaxStalenessMs}ms"));
        }

        return info.UsesToken ? request.With(HeaderNames.Session, _tokens[Client]) : request;
    }

    private Task<ApiAnswer> SendAsync(NodeSight node, ApiRequest request, TimeSpan patience, CancellationToken cancellationToken) =>
        node.Url is { } url
            ? client.SendAsync(url, request, patience, cancellationToken)
            : Task.FromResult(new ApiAnswer(0, ReadOnlyMemory<byte>.Empty, TimeSpan.Zero)
            {
                Failure = "Nobody knows this node's address yet.",
            });

    private void Note(string by, string what, string result, string curl, string kind)
    {
        Steps.Insert(0, new Step(time.GetUtcNow(), by, what, result, curl, kind));
        if (Steps.Count > MaxSteps)
        {
            Steps.RemoveAt(Steps.Count - 1);
        }
    }
}
