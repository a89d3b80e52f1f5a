using RaftKv.Core.Calls;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Clients;

/// <summary>A keepalive, or a question for the time that leases have left.</summary>
internal sealed class LeaseAsk
{
    public required int Id { get; init; }
    public required int Client { get; init; }
    public required int Node { get; init; }
    public required int Life { get; init; }
    public required IReadOnlyList<LeaseId> Leases { get; init; }
    public required bool IsRenewal { get; init; }
    public required long InvokedAtUs { get; init; }

    /// <summary>When the client got its answer, or stopped to wait for one.</summary>
    public long ReturnedAtUs { get; set; } = long.MaxValue;
    public OperationOutcome Outcome { get; set; }
    public bool IsAnsweredByHost { get; set; }

    /// <summary>The answer, in the order asked; null unless ok.</summary>
    public IReadOnlyList<LeaseTime>? Times { get; set; }
}

/// <summary>Sends the asks of clients through nodes and takes the answers; a client waits for one at a time.</summary>
internal sealed class LeaseAsks(SimulatedCluster cluster, Action<LeaseAsk> finished)
{
    private readonly List<LeaseAsk> _pending = [];

    /// <summary>Every ask of the world; ids count from 1.</summary>
    public List<LeaseAsk> All { get; } = [];

    public bool HasPending => _pending.Count > 0;

    public bool IsBusy(int client) => _pending.Exists(a => a.Client == client);

    public void Begin(SimulatedNode node, int client, IReadOnlyList<LeaseId> leases, bool isRenewal)
    {
        var ask = new LeaseAsk
        {
            Id = All.Count + 1,
            Client = client,
            Node = node.Position,
            Life = node.Life,
            Leases = leases,
            IsRenewal = isRenewal,
            InvokedAtUs = cluster.NowUs,
        };
        All.Add(ask);
        _pending.Add(ask);
        cluster.Trace.Add(cluster.NowUs, node.Position, TraceKind.Invoke, -ask.Id, client, isRenewal ? "keepalive" : "lease times");
        long timeout = cluster.Profile.ClientTimeoutUs;
        cluster.Queue.Schedule(cluster.NowUs + timeout, new SimEvent { Kind = EventKind.ClientTimeout, Value = -ask.Id });
        var call = new LeaseCall { Owner = ask };
        call.Begin(leases, isRenewal, timeout / SwarmProfile.TickUs);
        if (!node.TryBegin(call, leases.Count * sizeof(long)))
        {
            Finish(ask, OperationOutcome.Unknown);
        }
    }

    public void Answered(SimulatedNode node, LeaseCall call)
    {
        (LeaseAsk ask, LeaseTimesResult answer) = ((LeaseAsk)call.Owner!, call.Result);
        if (ask.IsAnsweredByHost || ask.Node != node.Position || ask.Life != node.Life)
        {
            throw new SimulationViolationException("L2", $"node {node.Position + 1} answers the lease ask {ask.Id} twice, or another's");
        }

        ask.IsAnsweredByHost = true;
        for (int i = 0; ask.IsRenewal && i < ask.Leases.Count; i++)
        {
            cluster.LeaseSigns.Note(ask.Leases[i], cluster.NowUs);
        }

        if (answer.IsGranted && ask.IsRenewal)
        {
            cluster.Reach.Slices.LeasesAnswered(node);
        }

        (int granted, string word) = answer.IsGranted ? (1, "answered") : (0, "refused");
        cluster.Trace.Add(cluster.NowUs, node.Position, TraceKind.Answer, -ask.Id, granted, word);
        if (ask.Outcome == OperationOutcome.Pending)
        {
            ask.Times = answer.IsGranted ? answer.Times : null;
            cluster.Counters.LeaseAsks += answer.IsGranted ? 1 : 0;

            // Not granted says nothing: a renewal may have counted all the same.
            Finish(ask, answer.IsGranted ? OperationOutcome.Ok : OperationOutcome.Unknown);
        }
    }

    public void TimedOut(long id)
    {
        LeaseAsk ask = All[(int)id - 1];
        if (ask.Outcome == OperationOutcome.Pending)
        {
            Finish(ask, OperationOutcome.Unknown);
        }
    }

    public void NodeDied(SimulatedNode node)
    {
        foreach (LeaseAsk ask in _pending.FindAll(a => a.Node == node.Position))
        {
            Finish(ask, OperationOutcome.Unknown);
        }
    }

    private void Finish(LeaseAsk ask, OperationOutcome outcome)
    {
        ask.Outcome = outcome;
        ask.ReturnedAtUs = cluster.NowUs;
        _pending.Remove(ask);
        finished(ask);
    }
}
