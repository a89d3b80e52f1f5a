using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;
using RaftKv.Watch;

namespace RaftKv.Simulation.Clients;

/// <summary>What a watcher got: a message of one revision, or one that says how far it is.</summary>
/// <param name="IsBookmark">Then there are no events: everything up to the revision was told.</param>
/// <param name="Previous">The pair before each event; null entries when there was none.</param>
/// <param name="IsPreviousKnown">False when what came before is compacted.</param>
/// <param name="Connection">Messages of one connection have one number.</param>
internal sealed record WatchMessage(
    long Revision, bool IsBookmark, IReadOnlyList<KeyValue> Events, IReadOnlyList<KeyValue?> Previous, bool IsPreviousKnown,
    int Connection);

/// <summary>
/// A watch from its start until it is cancelled as compacted; after that comes the next, which begins with the state.
/// </summary>
internal sealed class WatchSegment
{
    public required long StartRevision { get; init; }

    /// <summary>The state that a consumer begins anew with, as of one revision before the start; null for a plain start.</summary>
    public IReadOnlyList<KeyValue>? Snapshot { get; init; }

    public List<WatchMessage> Messages { get; } = [];

    /// <summary>
    /// It was begun in a cluster that is given up, and is taken to the one that was restored: nothing may come of it but its end.
    /// </summary>
    public bool IsOfFormer { get; init; }

    /// <summary>What the cancel said; 0 when there was none.</summary>
    public long CancelledAtCompacted { get; set; }

    /// <summary>Where the watch stood when it was cancelled.</summary>
    public long CancelledNext { get; set; }
}

/// <summary>One consumer, whichever nodes it is on.</summary>
internal sealed class SimulatedWatch
{
    public required int Id { get; init; }
    public required WatchSelector Selector { get; init; }

    /// <summary>The queue whose leader it follows; null for a plain watch.</summary>
    public LockName? Election { get; init; }

    public List<WatchSegment> Segments { get; } = [];

    /// <summary>Everything below was told on some connection.</summary>
    public long Next { get; set; }

    public int Node { get; set; } = -1;

    /// <summary>Where it was connected last.</summary>
    public int LastNode { get; set; } = -1;
    public int Life { get; set; }
    public int Connection { get; set; }
    public ChangeReader? Reader { get; set; }
    public bool IsCancelled { get; set; }

    /// <summary>Its consumer, who goes on in the cluster that was restored from where it is.</summary>
    public SimulatedWatch ToRestored()
    {
        var watch = new SimulatedWatch { Id = Id, Selector = Selector, Election = Election, Next = Next, IsCancelled = IsCancelled };
        if (Segments.Count > 0 && !IsCancelled)
        {
            watch.Segments.Add(new WatchSegment { StartRevision = Next, IsOfFormer = true });
        }

        return watch;
    }
}

/// <summary>
/// Watchers on random nodes. Each reads published views at its own pace, as the server's watches do, loses its
/// connection now and then (also amid what it was about to get), and goes on elsewhere from the last revision it got.
/// </summary>
internal sealed class WatchClients
{
    private readonly SimulatedCluster _cluster;
    private readonly DeterministicRandom _random;
    private readonly List<KeyValue> _changes = [];

    public WatchClients(SimulatedCluster cluster, DeterministicRandom random)
    {
        _cluster = cluster;
        _random = random;
        if (cluster.Heritage is { } heritage)
        {
            Watches.AddRange(heritage.Former.Watchers.Watches.Select(static watch => watch.ToRestored()));
            return;
        }

        for (int i = 0; i < cluster.Profile.WatcherCount; i++)
        {
            LockName? election = i == 1 ? new LockName(LockKind.Election, "e"u8.ToArray()) : null;
            WatchSelector selector = election is null
                ? Draw()
                : WatchSelector.OfPrefix(LockKeys.QueuePrefix(election.Kind, election.Name.Span));
            Watches.Add(new SimulatedWatch { Id = i, Selector = selector, Election = election });
        }
    }

    public List<SimulatedWatch> Watches { get; } = [];

    public void Start() => Watches.ForEach(ScheduleNext);

    /// <summary>Everybody reads to the end, on nodes that have everything.</summary>
    public void ReadToEnd(long revision)
    {
        foreach (SimulatedWatch watch in Watches)
        {
            for (int i = 0; i < 100_000 && watch.Next <= revision; i++)
            {
                Step(watch);
            }

            if (watch.Next <= revision)
            {
                throw new SimulationViolationException("W11", $"watch {watch.Id} stands at {watch.Next} and never gets to {revision}");
            }
        }
    }

    private WatchSelector Draw()
    {
        WatchSelector selector = _random.Next(7) switch
        {
            0 => WatchSelector.OfPrefix([]),
            1 => WatchSelector.OfPrefix([.. "k/"u8]),
            2 => WatchSelector.OfPrefix([.. "_raftkv/"u8]),
            3 => WatchSelector.OfKey(Keys.Name(0)),
            4 => WatchSelector.OfKey([.. "i0"u8]),
            5 => WatchSelector.OfRange(KeyRange.Between("c"u8.ToArray(), "l"u8.ToArray())),
            _ => WatchSelector.OfPrefix([.. "r"u8]),
        };
        return _random.Chance(200) ? selector.Only(puts: _random.Chance(500), deletes: true) : selector;
    }

    private void ScheduleNext(SimulatedWatch watch)
    {
        long pace = _random.Chance(10) ? 5_000_000 : _cluster.Profile.WatcherPaceUs;
        _cluster.Queue.Schedule(_cluster.NowUs + 1 + _random.Exponential(pace), new SimEvent
        {
            Kind = EventKind.Custom,
            Payload = (Action)(() =>
            {
                Step(watch);
                ScheduleNext(watch);
            }),
        });
    }

    private void Step(SimulatedWatch watch)
    {
        if (!IsConnected(watch) || _random.Chance(50))
        {
            if (!TryConnect(watch))
            {
                return;
            }
        }

        SimulatedNode node = _cluster.Nodes[watch.Node];
        for (int i = _random.OneOf(1, 20, 100); i > 0 && !node.IsFrozen && watch.Node >= 0; i--)
        {
            StoreView view = node.Point.View;
            Read(watch, view);
            if (watch.Node >= 0 && watch.Reader!.IsAtEnd(view))
            {
                break;
            }
        }
    }

    private bool IsConnected(SimulatedWatch watch) =>
        watch.Node >= 0 && _cluster.Nodes[watch.Node].IsUp && _cluster.Nodes[watch.Node].Life == watch.Life;

    private bool TryConnect(SimulatedWatch watch)
    {
        SimulatedNode node = _cluster.Nodes[_random.Next(_cluster.Nodes.Length)];
        watch.Node = -1;
        if (!node.IsUp || node.IsFrozen)
        {
            return false;
        }

        StoreView view = node.Point.View;
        _cluster.Reach.Watches.Connecting(watch, node, view);
        if (watch.Segments.Count == 0 || watch.IsCancelled)
        {
            if (view.Revision.Value + 1 < watch.Next)
            {
                // It has seen more than this node: it asks for a view that is not older (its session token).
                _cluster.Reach.Watches.WasTurnedAway();
                return false;
            }

            bool isPlain = watch.Segments.Count == 0 && watch.Election is null;
            RangeResult? state = isPlain ? null : view.Range(new RangeRequest { Keys = watch.Selector.Keys });
            watch.Next = view.Revision.Value + 1;
            watch.IsCancelled = false;
            watch.Segments.Add(new WatchSegment { StartRevision = watch.Next, Snapshot = state?.Pairs });
        }

        (watch.Node, watch.LastNode, watch.Life) = (node.Position, node.Position, node.Life);
        watch.Connection++;
        watch.Reader = new ChangeReader(watch.Selector, new Revision(watch.Next));
        _cluster.Counters.WatchResumes++;
        return true;
    }

    private void Read(SimulatedWatch watch, StoreView view)
    {
        WatchSegment segment = watch.Segments[^1];
        ChangeReader reader = watch.Reader!;
        _changes.Clear();
        ReadStatus status = _random.Chance(500) ? reader.Read(view, _changes) : ReadSlowly(watch, view);
        if (status == ReadStatus.Compacted)
        {
            segment.CancelledAtCompacted = view.CompactedRevision.Value;
            segment.CancelledNext = reader.Next.Value;
            watch.IsCancelled = true;
            watch.Node = -1;
            _cluster.Counters.WatchCancels++;
            _cluster.Reach.Watches.WasCancelled();
            return;
        }

        for (int i = 0; i < _changes.Count;)
        {
            int end = i + 1;
            while (end < _changes.Count && _changes[end].ModRevision == _changes[i].ModRevision)
            {
                end++;
            }

            Tell(watch, view, _changes.GetRange(i, end - i));
            i = end;
            if (_random.Chance(20))
            {
                // The connection breaks here; what follows was never told.
                watch.Node = -1;
                if (i < _changes.Count)
                {
                    _cluster.Reach.Watches.WasBroken();
                }

                return;
            }
        }

        if (_random.Chance(300) && reader.Next.Value > watch.Next)
        {
            // What was looked through and held nothing for it, it knows of by bookmarks only.
            segment.Messages.Add(new WatchMessage(reader.Next.Value - 1, IsBookmark: true, [], [], false, watch.Connection));
            watch.Next = reader.Next.Value;
            _cluster.Reach.Watches.WasBookmarked();
        }
    }

    /// <summary>As the reader does, but with few revisions at a time.</summary>
    private ReadStatus ReadSlowly(SimulatedWatch watch, StoreView view)
    {
        if (watch.Reader!.Next > view.Revision)
        {
            return ReadStatus.Ok;
        }

        List<KeyValue> changes = [];
        ReadStatus status = view.ReadChanges(watch.Reader.Next, _random.OneOf(1, 1, 2, 5), changes, out Revision next);
        if (status == ReadStatus.Ok)
        {
            _changes.AddRange(changes.FindAll(watch.Selector.Matches));
            watch.Reader.MoveTo(next);
        }

        return status;
    }

    private void Tell(SimulatedWatch watch, StoreView view, List<KeyValue> events)
    {
        Revision revision = events[0].ModRevision;
        if (revision > _cluster.Observer.CommittedView.Revision)
        {
            throw new SimulationViolationException("W9", $"watch {watch.Id} is told of revision {revision}, which is not committed");
        }

        var previous = new KeyValue?[events.Count];
        bool isKnown = true;
        for (int i = 0; i < previous.Length; i++)
        {
            isKnown &= view.Get(events[i].Key.Span, new Revision(revision.Value - 1), out previous[i]) == ReadStatus.Ok;
        }

        watch.Segments[^1].Messages.Add(new WatchMessage(revision.Value, IsBookmark: false, events, previous, isKnown, watch.Connection));
        watch.Next = revision.Value + 1;
        _cluster.Reach.Watches.Told(isKnown);
        _cluster.Counters.WatchedChanges += events.Count;
        _cluster.Trace.Add(_cluster.NowUs, watch.Node, TraceKind.Answer, revision.Value, watch.Id, "is the watch that got this revision");
    }
}
