using System.ComponentModel;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RaftKv.Lab;

/// <summary>
/// A small HTTP door on this machine by which <c>raftkv lab</c> commands the network: GET /lab tells it, POST /lab
/// changes it. A page of another site can't: it would have to send a header that browsers ask about first.
/// </summary>
public sealed class LabControl : IDisposable
{
    /// <summary>What a POST must carry.</summary>
    public const string Header = "RaftKv-Lab";

    // A command is a line; more is no command.
    private const int MostBytes = 64 * 1024;

    private readonly HttpListener _listener = new();
    private readonly LabNetwork _network;
    private readonly IReadOnlyList<LabNode> _nodes;
    private readonly HashSet<string> _paused = [];
    private readonly Lock _gate = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="url">Such as <c>http://127.0.0.1:2388</c>.</param>
    /// <exception cref="HttpListenerException">The port is in use.</exception>
    public LabControl(LabNetwork network, IReadOnlyList<LabNode> nodes, string url)
    {
        _network = network;
        _nodes = nodes;
        _listener.Prefixes.Add(url + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Stops to listen, and lets paused nodes go on.</summary>
    public void Dispose()
    {
        _listener.Close();
        lock (_gate)
        {
            foreach (string node in _paused)
            {
                ProcessPause.Resume(Find(node).ProcessId());
            }

            _paused.Clear();
        }
    }

    /// <summary>Does what a command says.</summary>
    /// <exception cref="ArgumentException">It can't be done; the sentence says why.</exception>
    public void Do(JsonObject command)
    {
        string Text(string name) => (string?)command[name] ?? throw new ArgumentException($"\"{name}\" is missing.");
        switch (Text("do"))
        {
            case "hold" when command["to"] is not null:
                _network.Hold(Text("node"), Text("to"));
                break;
            case "hold":
                _network.Hold(Text("node"));
                break;
            case "cut" when command["to"] is not null:
                _network.Cut(Text("node"), Text("to"));
                break;
            case "cut":
                _network.Cut(Text("node"));
                break;
            case "delay":
                _network.Delay(Text("node"), TimeSpan.FromMilliseconds(Math.Clamp((long?)command["delayMs"] ?? 0, 0, 60_000)));
                break;
            case "partition":
                _network.Partition(Groups(command));
                break;
            case "pause":
                Pause(Text("node"));
                break;
            case "resume":
                Resume(Text("node"));
                break;
            case "heal":
                _network.Heal();
                ResumeAll();
                break;
            case var other:
                throw new ArgumentException($"\"{other}\" is nothing that the lab does: hold, cut, delay, partition, pause, resume, heal.");
        }
    }

    /// <summary>Nodes and links as they are.</summary>
    public JsonObject Tell()
    {
        lock (_gate)
        {
            return new JsonObject
            {
                ["nodes"] = new JsonArray([.. _nodes.Select(node => (JsonNode)new JsonObject
                {
                    ["name"] = node.Name,
                    ["clientUrl"] = node.ClientUrl,
                    ["paused"] = _paused.Contains(node.Name),
                })]),
                ["links"] = new JsonArray([.. _network.Links.Select(static link => (JsonNode)new JsonObject
                {
                    ["from"] = link.From,
                    ["to"] = link.To,
                    ["state"] = link.State.ToString().ToLowerInvariant(),
                    ["delayMs"] = (long)link.Delay.TotalMilliseconds,
                })]),
            };
        }
    }

    private static string[][] Groups(JsonObject command) =>
    [
        .. (command["groups"] as JsonArray ?? throw new ArgumentException("\"groups\" is missing."))
            .Select(static group => (group as JsonArray ?? []).Select(static name => (string?)name ?? "").ToArray()),
    ];

    private void Pause(string node)
    {
        lock (_gate)
        {
            ProcessPause.Pause(Find(node).ProcessId());
            _paused.Add(node);
        }
    }

    private void Resume(string node)
    {
        lock (_gate)
        {
            ProcessPause.Resume(Find(node).ProcessId());
            _paused.Remove(node);
        }
    }

    private void ResumeAll()
    {
        lock (_gate)
        {
            foreach (string node in _paused)
            {
                ProcessPause.Resume(Find(node).ProcessId());
            }

            _paused.Clear();
        }
    }

    private LabNode Find(string name) => _nodes.FirstOrDefault(node => node.Name == name)
        ?? throw new ArgumentException($"There is no node {name}; there are {string.Join(", ", _network.Nodes)}.");

    private async Task ServeAsync()
    {
        try
        {
            while (_listener.IsListening)
            {
                HttpListenerContext exchange = await _listener.GetContextAsync().ConfigureAwait(false);
                await AnswerAsync(exchange).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private async Task AnswerAsync(HttpListenerContext exchange)
    {
        (int status, JsonObject answer) = await HandleAsync(exchange.Request).ConfigureAwait(false);
        try
        {
            byte[] body = Encoding.UTF8.GetBytes(answer.ToJsonString());
            exchange.Response.StatusCode = status;
            exchange.Response.ContentType = "application/json";
            await exchange.Response.OutputStream.WriteAsync(body).ConfigureAwait(false);
            exchange.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException)
        {
            // The caller is gone.
        }
    }

    private async Task<(int Status, JsonObject Answer)> HandleAsync(HttpListenerRequest request)
    {
        if (request.Url?.AbsolutePath != "/lab")
        {
            return (404, new JsonObject { ["detail"] = "Only /lab is here." });
        }

        if (request.HttpMethod == "GET")
        {
            return (200, Tell());
        }

        if (request.HttpMethod != "POST" || request.Headers[Header] is null || request.ContentLength64 is < 0 or > MostBytes)
        {
            return (400, new JsonObject { ["detail"] = $"Say POST with the header {Header} and a JSON body." });
        }

        try
        {
            using var reader = new StreamReader(request.InputStream);
            string text = await reader.ReadToEndAsync().ConfigureAwait(false);
            Do(JsonNode.Parse(text) as JsonObject ?? throw new ArgumentException("The body is no JSON object."));
            return (200, Tell());
        }
        catch (Exception refusal) when (refusal is ArgumentException or JsonException or InvalidOperationException or FormatException
            or Win32Exception or PlatformNotSupportedException)
        {
            return (400, new JsonObject { ["detail"] = refusal.Message });
        }
    }
}

/// <summary>A node of the lab.</summary>
/// <param name="ProcessId">Asked when it is paused, since a node may have been started again.</param>
public sealed record LabNode(string Name, string ClientUrl, Func<int> ProcessId);
