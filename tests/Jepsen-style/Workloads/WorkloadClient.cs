using System.Globalization;
using System.Text;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// One logical client: does one operation at a time and writes down what it asked and what it was told. Every other one
/// has a node that it stays with, the rest draw one anew each time: else all of them would soon wait for the one node that
/// stands still, and nobody would do what it must not miss.
/// </summary>
internal sealed class WorkloadClient : IDisposable
{
    // The server gives up first, so that its own word on the outcome is heard; the client's limit is for nodes that say
    // nothing at all.
    private const string ServerTimeout = $"{HeaderNames.Timeout}: 2s";
    private static readonly TimeSpan ClientTimeout = TimeSpan.FromSeconds(4);

    private readonly int _process;
    private readonly LocalCluster _cluster;
    private readonly HistoryRecorder _history;
    private readonly Random _random;
    private readonly NodeSession[] _sessions;
    private readonly int[] _ports;
    private readonly int? _home;

    public WorkloadClient(int process, LocalCluster cluster, HistoryRecorder history, Random random)
    {
        _process = process;
        _cluster = cluster;
        _history = history;
        _random = random;
        _home = process > 0 && process % 2 == 0 ? process / 2 % cluster.Nodes.Count : null;
        _ports = [.. cluster.Nodes.Select(node => node.ClientPort)];
        _sessions = [.. cluster.Nodes.Select(node => new NodeSession(node.Name, node.ClientPort, ClientTimeout))];
    }

    /// <summary>The logical client's number.</summary>
    public int Process => _process;

    /// <summary>The run's clock.</summary>
    public long NowNs => _history.NowNs;

    /// <summary>Gives up on a node that says nothing after so long.</summary>
    public TimeSpan Patience
    {
        set => Array.ForEach(_sessions, session => session.Timeout = value);
    }

    /// <summary>How many nodes there are to talk to.</summary>
    public int NodeCount => _sessions.Length;

    /// <summary>Sends a request once, to this node or to one as the client draws it, and says what came of it.</summary>
    /// <param name="serverTimeout">How long the server may take; the client waits two seconds longer at most.</param>
    public async Task<Reply> TryAsync(
        string method, string target, IEnumerable<string>? headers = null, string body = "", int? node = null, string serverTimeout = "2s")
    {
        NodeSession session = node is null ? Draw() : _sessions[node.Value];
        List<string> all = [.. headers ?? [], $"{HeaderNames.Timeout}: {serverTimeout}"];
        if (method == "POST" && !all.Exists(header => header.StartsWith("Content-Type:", StringComparison.Ordinal)))
        {
            all.Add("Content-Type: application/json");
        }

        long start = NowNs;
        try
        {
            HttpAnswer answer = await session.SendAsync(method, target, all, Encoding.UTF8.GetBytes(body));
            return new Reply(session.Name, start, NowNs, answer, null);
        }
        catch (HttpFailureException e)
        {
            return new Reply(session.Name, start, NowNs, null, e);
        }
    }

    /// <summary>The node's name.</summary>
    public string NodeName(int node) => _sessions[node].Name;

    /// <summary>Opens a stream of events from a node; throws <see cref="HttpFailureException"/> when none begins in time.</summary>
    public Task<EventStream> OpenStreamAsync(int node, string target, CancellationToken cancellationToken) =>
        EventStream.OpenAsync(_ports[node], target, [], cancellationToken);

    /// <summary>Writes down what happened.</summary>
    public T Note<T>(T line)
        where T : HistoryLine
    {
        _history.Add(line);
        return line;
    }

    /// <summary>A plain write.</summary>
    public Task<Operation> WriteAsync(string key, long value) =>
        ChangeAsync(OperationKind.Write, key, value, expected: null, "PUT", Target(key), []);

    /// <summary>
    /// Writes if the key is still at the revision that the expected value was seen at. Values are unique, so that "this
    /// revision" and "this value" say the same.
    /// </summary>
    public Task<Operation> CompareAndSetAsync(string key, long? expected, long? expectedRevision, long value)
    {
        string guard = expected is null
            ? "If-None-Match: *"
            : string.Create(CultureInfo.InvariantCulture, $"If-Match: \"{expectedRevision}\"");
        return ChangeAsync(OperationKind.CompareAndSet, key, value, expected, "PUT", Target(key), [guard]);
    }

    /// <summary>Watches one node until cancelled and caught up.</summary>
    public Task WatchAsync(string name, int node, string prefix, CancellationToken cancellationToken) =>
        new NodeWatcher(name, _cluster.Nodes[node % _cluster.Nodes.Count], prefix, _history).RunAsync(cancellationToken);

    /// <summary>Adds one to a counter.</summary>
    public Task<Operation> AddAsync(string key) =>
        ChangeAsync(
            OperationKind.Add, key, value: 1, expected: null, "POST", "/api/v1/counters/" + key, ["Content-Type: application/json"]);

    /// <summary>A linearizable read; a failed one has no effect and is a fail.</summary>
    public async Task<Operation> ReadAsync(string key)
    {
        NodeSession session = Draw();
        long start = _history.NowNs;
        Operation Done(Outcome outcome, long? result, long? revision, string? error) => Record(new Operation(
            _process, session.Name, OperationKind.Read, key, null, null, start, _history.NowNs, outcome, result, true, revision, error));
        try
        {
            HttpAnswer answer = await session.GetAsync(Target(key), $"{HeaderNames.Consistency}: linearizable", ServerTimeout);
            if (answer.Status == 404 && answer.JsonString("code") is null or "not-found" or "key-not-found")
            {
                return Done(Outcome.Ok, null, null, null);
            }

            if (answer.Status != 200)
            {
                return Done(Outcome.Fail, null, null, OutcomeMapping.Describe(answer));
            }

            JsonElement body = answer.Json();
            long value = long.Parse(body.GetProperty("value").GetString()!, CultureInfo.InvariantCulture);
            return Done(Outcome.Ok, value, body.GetProperty("modRevision").GetInt64(), null);
        }
        catch (HttpFailureException e)
        {
            return Done(Outcome.Fail, null, null, e.Message);
        }
    }

    public void Dispose()
    {
        foreach (NodeSession session in _sessions)
        {
            session.Dispose();
        }
    }

    private async Task<Operation> ChangeAsync(
        OperationKind kind, string key, long value, long? expected, string method, string target, string[] headers)
    {
        NodeSession session = Draw();
        long start = _history.NowNs;
        var operation = new Operation(_process, session.Name, kind, key, value, expected, start, 0, Outcome.Info);
        try
        {
            string body = kind == OperationKind.Add ? """{"by":1}""" : value.ToString(CultureInfo.InvariantCulture);
            HttpAnswer answer = await session.SendAsync(method, target, [.. headers, ServerTimeout], Encoding.ASCII.GetBytes(body));
            operation = operation with { EndNs = _history.NowNs, Outcome = OutcomeMapping.OfChange(answer) };
            return Record(Interpret(operation, answer));
        }
        catch (HttpFailureException e)
        {
            return Record(operation with { EndNs = _history.NowNs, Outcome = OutcomeMapping.OfChange(e), Error = e.Message });
        }
    }

    private static Operation Interpret(Operation operation, HttpAnswer answer)
    {
        if (operation.Kind == OperationKind.CompareAndSet && answer.Status == 412 && operation.Outcome == Outcome.Fail)
        {
            // The server says what it saw: that is an observation, and the checker holds it to its word.
            return operation with { Outcome = Outcome.Ok, IsMatched = false };
        }

        if (operation.Outcome != Outcome.Ok)
        {
            return operation with { Error = OutcomeMapping.Describe(answer) };
        }

        if (operation.Kind == OperationKind.Add)
        {
            long value = answer.Json().GetProperty("value").GetInt64();
            return operation with { Result = value, Revision = answer.Number(HeaderNames.Revision) };
        }

        return operation with { Revision = answer.Number("ETag") };
    }

    private NodeSession Draw() => _sessions[_home ?? _random.Next(_sessions.Length)];

    private Operation Record(Operation operation) => Note(operation);

    private static string Target(string key) => "/api/v1/kv/" + key;
}
