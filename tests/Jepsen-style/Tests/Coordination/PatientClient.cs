using System.Globalization;
using System.Text;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>
/// Asks a node drawn anew each time until one gives a definite answer; a change goes under one idempotency key through
/// all attempts. Used by one caller at a time.
/// </summary>
internal sealed class PatientClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static int s_clients;
    private readonly NodeSession[] _sessions;
    private readonly Random _random;
    private readonly string _name;
    private int _changes;
    private int _numbers;

    /// <param name="attempt">Time for one attempt at one node; the server is asked to answer in half of it.</param>
    public PatientClient(IEnumerable<ServerProcess> nodes, int seed, TimeSpan? attempt = null)
    {
        TimeSpan limit = attempt ?? TimeSpan.FromSeconds(4);
        ServerTimeout = string.Create(CultureInfo.InvariantCulture, $"{HeaderNames.Timeout}: {(int)limit.TotalMilliseconds / 2}ms");
        _sessions = [.. nodes.Select(node => new NodeSession(node.Name, node.ClientPort, limit))];
        _random = new Random(seed);
        _name = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Interlocked.Increment(ref s_clients)}");
    }

    /// <summary>The header that makes the server answer before the client gives up.</summary>
    public string ServerTimeout { get; }

    /// <summary>A key that no other change has.</summary>
    public string NewKey() => string.Create(CultureInfo.InvariantCulture, $"{_name}-{++_changes}");

    /// <summary>
    /// What makes the next change run once: a number in a client session, acknowledging all before, or a key when there is
    /// no session.
    /// </summary>
    public string NewOnce() => Session is null
        ? $"{HeaderNames.IdempotencyKey}: {NewKey()}"
        : string.Create(CultureInfo.InvariantCulture, $"{HeaderNames.ClientSession}: {Session};seq={++_numbers};ack={_numbers - 1}");

    /// <summary>The client session; null for none.</summary>
    public string? Session { get; set; }

    /// <summary>One attempt; null when no answer came.</summary>
    public async Task<HttpAnswer?> TryAsync(string method, string target, string body = "", params string[] headers)
    {
        try
        {
            NodeSession session = _sessions[_random.Next(_sessions.Length)];
            return await session.SendAsync(method, target, [.. headers, ServerTimeout], Encoding.UTF8.GetBytes(body));
        }
        catch (HttpFailureException)
        {
            return null;
        }
    }

    /// <summary>The first answer that settles the matter: a success or a refusal for good.</summary>
    public async Task<HttpAnswer> AskAsync(string method, string target, string body = "", params string[] headers)
    {
        bool hasKey = method != "GET" && !target.EndsWith("/client-sessions", StringComparison.Ordinal);
        string[] all = hasKey ? [.. headers, $"{HeaderNames.IdempotencyKey}: {NewKey()}"] : headers;
        DateTime end = DateTime.UtcNow + Patience;
        string last = "nothing";
        while (DateTime.UtcNow < end)
        {
            HttpAnswer? answer = await TryAsync(method, target, body, all);
            if (answer is not null && IsSettled(answer))
            {
                return answer;
            }

            last = answer is null ? "nothing" : $"{answer.Status} {answer.Text}";
            await Task.Delay(_random.Next(10, 60));
        }

        throw new TimeoutException($"{method} {target} was not settled; last: {last}");
    }

    /// <summary>As <see cref="AskAsync"/>, and it must have succeeded.</summary>
    public async Task<HttpAnswer> MustAsync(string method, string target, string body = "", params string[] headers)
    {
        HttpAnswer answer = await AskAsync(method, target, body, headers);
        Assert.True(answer.Status is >= 200 and < 300, $"{method} {target}: {answer.Status} {answer.Text}");
        return answer;
    }

    public static bool IsSettled(HttpAnswer answer) =>
        answer.Status is < 500 and not 429 && answer.JsonString("code") != "idempotency-in-flight";

    public void Dispose() => Array.ForEach(_sessions, session => session.Dispose());
}
