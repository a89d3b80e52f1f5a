using System.Globalization;
using RaftKv.Cli.Output;
using RaftKv.Client;
using RaftKv.Client.Testing;
using RaftKv.Contract;

namespace RaftKv.Cli.Demos;

/// <summary>Three real nodes with links that can be held, and a narrator. One demo at a time plays on it.</summary>
internal sealed class DemoStage : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _lookTimeout = TimeSpan.FromSeconds(5);

    private readonly TextWriter _output;
    private readonly RaftKvTestCluster _cluster;
    private readonly List<RaftKvClient> _clients = [];
    private bool _isLagging;

    private DemoStage(TextWriter output, RaftKvTestCluster cluster)
    {
        _output = output;
        _cluster = cluster;
        Nodes = [.. cluster.Endpoints.Select(static (endpoint, i) =>
            new DemoNode(i, string.Create(CultureInfo.InvariantCulture, $"n{i + 1}"), endpoint))];
    }

    /// <summary>n1, n2 and n3.</summary>
    public IReadOnlyList<DemoNode> Nodes { get; }

    /// <summary>Begins with three fresh nodes.</summary>
    public static async Task<DemoStage> StartAsync(TextWriter output, CancellationToken stop) =>
        new(output, await RaftKvTestCluster.StartAsync(new TestClusterOptions { Nodes = 3, HasLinks = true }, stop).ConfigureAwait(false));

    /// <summary>A user with a session of their own, who talks to these nodes; to all when none is named.</summary>
    public RaftKvClient NewUser(params DemoNode[] through)
    {
        var client = new RaftKvClient(new RaftKvClientOptions
        {
            Endpoints = [.. (through.Length > 0 ? through : Nodes).Select(static node => node.Endpoint)],
            Timeout = _patience,
        });
        _clients.Add(client);
        return client;
    }

    /// <summary>What happens, in a sentence.</summary>
    public void Say(string text) => _output.WriteLine($"  {text}");

    /// <summary>What goes wrong with too weak a promise.</summary>
    public void Wrong(string text) => _output.WriteLine($"  WRONG  {text}");

    /// <summary>What makes it right.</summary>
    public void Right(string text) => _output.WriteLine($"  RIGHT  {text}");

    /// <summary>A line to paste.</summary>
    public void Curl(string text) => _output.WriteLine($"         $ {text}");

    /// <summary>Heads a demo.</summary>
    public void Begin(Demo demo) => _output.WriteLine($"{demo.Name}: {demo.Title}");

    /// <summary>Ends the demo when something is not as the product promises.</summary>
    public static void Expect(bool isSo, string what)
    {
        if (!isSo)
        {
            throw new DemoFailedException(what);
        }
    }

    /// <summary>Writes, and shows how.</summary>
    public async Task<PutResult> PutAsync(RaftKvClient user, string key, string value, string who)
    {
        PutResult put = await user.PutAsync(key, value).ConfigureAwait(false);
        Say($"{who} writes {key} = {value} (revision {put.ModRevision}).");
        DemoNode through = Nodes.FirstOrDefault(node => node.Name == put.Metadata.ServedBy) ?? Nodes[0];
        Curl($"curl -X PUT --data-binary '{value}' {through.Endpoint}api/v1/kv/{key}");
        return put;
    }

    /// <summary>
    /// Makes one follower stand still in time: it has applied everything so far, and hears of nothing later until
    /// <see cref="HealAsync"/>. It still answers its clients.
    /// </summary>
    public async Task<Lag> LagAsync()
    {
        while (true)
        {
            DemoNode leader = await FindLeaderAsync().ConfigureAwait(false);
            DemoNode[] followers = [.. Nodes.Where(node => node != leader)];

            // A linearizable read makes it catch up: what it shows from now on is known exactly.
            await NewUser(followers[0]).TryGetAsync("demo/any").ConfigureAwait(false);
            _isLagging = true;
            await _cluster.HoldAsync(followers[0].Index).ConfigureAwait(false);
            if (await FindLeaderAsync().ConfigureAwait(false) == leader)
            {
                Say($"{followers[0].Name} is cut off from its peers now; {leader.Name} leads, {followers[1].Name} follows.");
                return new Lag(leader, followers[0], followers[1]);
            }

            // An election came in between, and perhaps the follower won it: once more.
            await HealAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Lets the follower catch up.</summary>
    public async Task HealAsync()
    {
        if (_isLagging)
        {
            _isLagging = false;
            await _cluster.HealAsync().ConfigureAwait(false);
            foreach (DemoNode node in Nodes)
            {
                await NewUser(node).TryGetAsync("demo/any").ConfigureAwait(false);
            }
        }
    }

    /// <summary>Reads at one node, which says at once when it can't meet the level; shows how, and what came.</summary>
    public async Task<Sight> LookAsync(DemoNode node, string key, ReadOptions how, bool isQuiet = false)
    {
        await using var reader = new RaftKvClient(new RaftKvClientOptions
        {
            Endpoints = [node.Endpoint],
            Timeout = _lookTimeout,
            ReadAttemptTimeout = _lookTimeout,
            MaxAttempts = 1,
        });
        Sight sight;
        try
        {
            GetResult got = await reader.TryGetAsync(key, how with { OnUnmet = UnmetPolicy.Fail, Endpoint = node.Endpoint })
                .ConfigureAwait(false);
            sight = new Sight(got.Entry?.GetString(), null, got.Metadata);
        }
        catch (RaftKvException refusal) when (refusal is RaftKvConsistencyUnmetException or RaftKvUnavailableException)
        {
            sight = new Sight(null, refusal.Code, null);
        }

        if (!isQuiet)
        {
            Tell(node, key, how, sight);
        }

        return sight;
    }

    /// <summary>Reads what a node surely serves: again, when it was slow or had no leader for a moment.</summary>
    public Task<Sight> SeeAsync(DemoNode node, string key, ReadOptions how) =>
        LookUntilAsync(node, key, how, static sight => !sight.IsRefused, $"{node.Name} has not served what it can serve.");

    /// <summary>The same of whoever leads.</summary>
    public async Task<Sight> SeeAtLeaderAsync(string key, ReadOptions how)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < _patience)
        {
            DemoNode leader = await FindLeaderAsync().ConfigureAwait(false);
            Sight sight = await LookAsync(leader, key, how, isQuiet: true).ConfigureAwait(false);
            if (!sight.IsRefused)
            {
                Tell(leader, key, how, sight);
                return sight;
            }
        }

        throw new DemoFailedException("No leader has served what it can serve.");
    }

    /// <summary>Reads again until it is so; a promise that comes true in the end.</summary>
    public async Task<Sight> LookUntilAsync(DemoNode node, string key, ReadOptions how, Func<Sight, bool> isSo, string what)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < _patience)
        {
            Sight sight = await LookAsync(node, key, how, isQuiet: true).ConfigureAwait(false);
            if (isSo(sight))
            {
                Tell(node, key, how, sight);
                return sight;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System).ConfigureAwait(false);
        }

        throw new DemoFailedException(what);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RaftKvClient client in _clients)
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }

        await _cluster.DisposeAsync().ConfigureAwait(false);
    }

    private void Tell(DemoNode node, string key, ReadOptions how, Sight sight)
    {
        Say($"Read at {node.Name}: {sight.Told}");
        Curl(CurlOf(node, key, how));
    }

    private static string CurlOf(DemoNode node, string key, ReadOptions how)
    {
        var headers = new List<string> { $"{HeaderNames.Consistency}: {LevelWords.ToName(how.Level ?? ReadLevel.Linearizable)}" };
        if (how.MaxStaleness is { } age)
        {
            headers.Add($"{HeaderNames.MaxStaleness}: {Durations.ToText(age)}");
        }

        if (how.MaxLag is { } lag)
        {
            headers.Add($"{HeaderNames.MaxLag}: {lag}");
        }

        if (how.SessionToken is not null)
        {
            headers.Add($"{HeaderNames.Session}: $TOKEN");
        }

        headers.Add($"{HeaderNames.OnUnmet}: fail");
        string flags = string.Join(' ', headers.Select(static header => header.Contains('$') ? $"-H \"{header}\"" : $"-H '{header}'"));
        return $"curl {flags} {node.Endpoint}api/v1/kv/{key}";
    }

    private async Task<DemoNode> FindLeaderAsync()
    {
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < _patience)
        {
            foreach (DemoNode node in Nodes)
            {
                NodeStatus status = await NewUser(node).StatusAsync().ConfigureAwait(false);
                if (status.Role == "leader" && status.Leader == node.Name)
                {
                    return node;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System).ConfigureAwait(false);
        }

        throw new DemoFailedException("The three nodes have no leader.");
    }
}
