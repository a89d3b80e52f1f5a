namespace RaftKv.Quorums;

/// <summary>
/// Clients, nodes of a ring, messages with times, and nodes that go down and come back with what they had. One thread; a
/// seed is a run.
/// </summary>
/// <remarks>
/// Every write reads first and writes what it has read with itself added, as a cart or a counter does. So a write is lost
/// when the end's value does not contain it, whatever became of its bytes. Nodes never lose what they have stored: what
/// is lost here is lost by the protocol.
/// </remarks>
public sealed class QuorumSimulation
{
    private const long Ms = 1_000;
    private const long TimeoutUs = 200 * Ms;
    private const long ThinkUs = 2 * Ms;
    private const long MeanDownUs = 500 * Ms;

    // Nodes of the ring beside a key's own, who stand in for those that are down.
    private const int Spares = 2;

    private readonly QuorumOptions _options;
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly ReplicaState[] _nodes;
    private readonly ReplicaState[] _hints;
    private readonly List<(int For, int Key, Version Version)>[] _owed;
    private readonly bool[] _isDown;
    private readonly long[] _skewUs;
    private readonly QuorumTally _tally;
    private SplitMix _random;
    private long _now;
    private long _order;
    private int _begun;
    private int _writes;

    private QuorumSimulation(QuorumOptions options)
    {
        _options = options;
        _random = new SplitMix(options.Seed);
        int nodes = options.Replicas + Spares;
        _nodes = [.. Enumerable.Range(0, nodes).Select(_ => new ReplicaState(options.Keys, options.Resolution))];
        _hints = [.. Enumerable.Range(0, nodes).Select(_ => new ReplicaState(options.Keys, options.Resolution))];
        _owed = [.. Enumerable.Range(0, nodes).Select(static _ => new List<(int, int, Version)>())];
        _isDown = new bool[nodes];
        _skewUs = [.. Enumerable.Range(0, options.Clients).Select(_ => (long)((_random.Share() - 0.5) * 2 * options.ClockSkewMs * Ms))];
        _tally = new QuorumTally(options);
    }

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="ArgumentException">A setting is wrong; the message says which.</exception>
    public static QuorumResult Run(QuorumOptions options)
    {
        IReadOnlyList<string> problems = options.Validate();
        return problems.Count > 0 ? throw new ArgumentException(string.Join(" ", problems), nameof(options))
            : new QuorumSimulation(options).Run();
    }

    private QuorumResult Run()
    {
        for (int client = 0; client < _options.Clients; client++)
        {
            int me = client;
            After(_random.Exponential(ThinkUs), () => Operate(me));
        }

        if (_options.DownShare > 0)
        {
            for (int node = 0; node < _nodes.Length; node++)
            {
                int which = node;
                After(UpTime(), () => GoDown(which));
            }
        }

        while (_events.TryDequeue(out Action? act, out (long At, long Order) when))
        {
            _now = when.At;
            act();
        }

        return _tally.Close(_nodes);
    }

    private bool IsOver => _begun >= _options.Operations;

    private void After(long delayUs, Action act) => _events.Enqueue(act, (_now + delayUs, _order++));

    private long Latency() => _options.LatencyMs == 0 ? 1 : _random.Exponential(_options.LatencyMs * Ms);

    private long UpTime() => _random.Exponential(MeanDownUs * (1 - _options.DownShare) / _options.DownShare);

    private void GoDown(int node)
    {
        if (IsOver)
        {
            return;
        }

        _isDown[node] = true;
        After(_random.Exponential(MeanDownUs), () => ComeBack(node));
    }

    private void ComeBack(int node)
    {
        _isDown[node] = false;
        HandOver(node);
        After(UpTime(), () => GoDown(node));
    }

    // Whoever stood in for the node sends what it took; what a node itself owes goes when it is back.
    private void HandOver(int back)
    {
        if (!_options.HasHintedHandoff)
        {
            return;
        }

        for (int node = 0; node < _owed.Length; node++)
        {
            int holder = node;
            foreach ((int owner, int key, Version version) in _owed[holder].Where(hint => hint.For == back || holder == back).ToArray())
            {
                if (!_isDown[holder] && !_isDown[owner])
                {
                    _owed[holder].Remove((owner, key, version));
                    After(Latency(), () => Deliver(holder, owner, key, version));
                }
            }
        }
    }

    private void Deliver(int holder, int owner, int key, Version version)
    {
        if (_isDown[owner])
        {
            // Down again before it came: the hint stays.
            _owed[holder].Add((owner, key, version));
        }
        else
        {
            Store(owner, key, version);
        }
    }

    private void Operate(int client)
    {
        if (IsOver)
        {
            return;
        }

        _begun++;
        int key = _random.Below(_options.Keys);
        if (_random.Below(2) == 0)
        {
            Read(key, (versions, _) => Again(client), () => Again(client), isCounted: true);
        }
        else if (_options.Resolution == Resolution.GrowOnlyCounter)
        {
            Count(client, key);
        }
        else
        {
            Read(key, (versions, _) => Write(client, key, versions), () => Again(client), isCounted: false);
        }
    }

    private void Again(int client) => After(_random.Exponential(ThinkUs), () => Operate(client));

    /// <summary>The nodes that an operation asks: a key's own, or, sloppily, the first so many that are up.</summary>
    private List<(int Node, int For)> Targets()
    {
        List<(int, int)> own = [.. Enumerable.Range(0, _options.Replicas).Select(static node => (node, node))];
        if (!_options.IsSloppy)
        {
            return own;
        }

        Queue<int> spares = new(Enumerable.Range(_options.Replicas, Spares).Where(node => !_isDown[node]));
        return [.. own.Select(pair => _isDown[pair.Item1] && spares.TryDequeue(out int spare) ? (spare, pair.Item1) : pair)];
    }

    private void Read(int key, Action<List<Version>, long> done, Action failed, bool isCounted)
    {
        long began = _now;
        var answers = new List<(int Node, IReadOnlyList<Version> Versions)>();
        bool isDone = false;
        foreach ((int node, int owner) in Targets())
        {
            After(Latency(), () =>
            {
                if (!_isDown[node])
                {
                    IReadOnlyList<Version> here = node == owner ? _nodes[node][key] : _hints[node][key];
                    After(Latency(), () => Answer(node, here));
                }
            });
        }

        After(TimeoutUs, () =>
        {
            if (!isDone)
            {
                isDone = true;
                _tally.Unavailable();
                failed();
            }
        });

        void Answer(int node, IReadOnlyList<Version> versions)
        {
            answers.Add((node, versions));
            if (isDone)
            {
                Repair(key, answers);
                return;
            }

            if (answers.Count == _options.ReadQuorum)
            {
                isDone = true;
                List<Version> merged = ReplicaState.Merge(answers.SelectMany(static answer => answer.Versions), _options.Resolution);
                if (isCounted)
                {
                    _tally.Read(key, began, merged);
                }

                Repair(key, answers);
                done(merged, began);
            }
        }
    }

    private void Repair(int key, List<(int Node, IReadOnlyList<Version> Versions)> answers)
    {
        if (!_options.HasReadRepair)
        {
            return;
        }

        List<Version> newest = ReplicaState.Merge(answers.SelectMany(static answer => answer.Versions), _options.Resolution);
        foreach ((int node, IReadOnlyList<Version> versions) in answers.Where(answer => answer.Node < _options.Replicas))
        {
            foreach (Version version in newest.Where(version => !versions.Contains(version)))
            {
                After(Latency(), () => Store(node, key, version));
            }
        }
    }

    private void Write(int client, int key, List<Version> read)
    {
        Version version = Version.Next(read, _writes++, _now + _skewUs[client]);
        Send(client, key, version);
    }

    // A counter is counted where the client's request arrives: at a node of the key's that is up.
    private void Count(int client, int key)
    {
        int[] up = [.. Enumerable.Range(0, _options.Replicas).Where(node => !_isDown[node])];
        if (up.Length == 0)
        {
            _tally.Unavailable();
            Again(client);
            return;
        }

        int first = up[_random.Below(up.Length)];
        Version before = _nodes[first][key].Count > 0 ? _nodes[first][key][0] : Version.Empty;
        Version version = Version.Counted(before, first, _options.Replicas, _writes++);
        _nodes[first].Take(key, version);
        Send(client, key, version);
    }

    private void Send(int client, int key, Version version)
    {
        int acks = 0;
        bool isDone = false;
        foreach ((int node, int owner) in Targets())
        {
            After(Latency(), () =>
            {
                if (_isDown[node])
                {
                    return;
                }

                if (node == owner)
                {
                    Store(node, key, version);
                }
                else
                {
                    _hints[node].Take(key, version);
                    _owed[node].Add((owner, key, version));
                    if (!_isDown[owner])
                    {
                        HandOver(owner);
                    }
                }

                After(Latency(), Acknowledge);
            });
        }

        After(TimeoutUs, () =>
        {
            if (!isDone)
            {
                isDone = true;
                _tally.Unavailable();
                Again(client);
            }
        });

        void Acknowledge()
        {
            if (++acks == _options.WriteQuorum && !isDone)
            {
                isDone = true;
                _tally.Acknowledged(key, version, _now, _nodes);
                Again(client);
            }
        }
    }

    private void Store(int node, int key, Version version)
    {
        if (!_isDown[node])
        {
            if (_nodes[node].Take(key, version))
            {
                _tally.Conflict();
            }

            _tally.Stored(key, _now, _nodes);
        }
    }
}
