using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;
using RaftKv.Watch;

namespace RaftKv.Simulation.Tests;

/// <summary>Token 5 leads until 8, then 6 until 9, then nobody.</summary>
public sealed class ObserverCheckerTests
{
    private static readonly LockName Election = new(LockKind.Election, "e"u8.ToArray());

    private readonly List<NaivePlace> _places =
    [
        new(LockKind.Election, "e", LockMode.Exclusive, 0, Lease: 1, Token: 5, Index: 50) { GoneRevision = 8 },
        new(LockKind.Election, "e", LockMode.Exclusive, 0, Lease: 2, Token: 6, Index: 60) { GoneRevision = 9 },
    ];

    private readonly SimulatedWatch _watch = new() { Id = 1, Selector = WatchSelector.OfPrefix([(byte)'e']), Election = Election };

    [Fact]
    public void Each_leadership_once_and_in_order_passes()
    {
        Segment(3, [], Put(5, 1), Put(6, 2), Delete(8, 1), Delete(9, 2));
        Assert.Equal(3, ObserverChecker.Check(_watch, _places));
    }

    [Fact]
    public void K6_a_leadership_that_is_missed_is_seen()
    {
        Segment(3, [], Put(5, 1), Delete(8, 1), Delete(9, 2));
        Fails();
    }

    [Fact]
    public void K6_a_leadership_out_of_order_is_seen()
    {
        Segment(3, [], Put(6, 2), Put(5, 1), Delete(8, 1), Delete(9, 2));
        Fails();
    }

    [Fact]
    public void K6_a_leadership_that_comes_again_after_a_new_begin_is_seen()
    {
        Segment(3, [], Put(5, 1), Put(6, 2), Delete(8, 1));
        Segment(6, [Pair(5, 1)], Put(6, 2));
        Fails();
    }

    private static KeyValue Pair(long token, long lease, bool isGone = false) => KeyValue.Of(
        VersionBytes.Copy(LockKeys.KeyOf(LockKind.Election, "e"u8, LockMode.Exclusive, new LeaseId(lease)), default),
        isGone ? Revision.Zero : new Revision(token), new Revision(token), 0, isGone ? 0 : 1, new LeaseId(lease));

    private static WatchMessage Put(long token, long lease) => new(token, false, [Pair(token, lease)], [null], false, 1);

    private static WatchMessage Delete(long revision, long lease) =>
        new(revision, false, [Pair(revision, lease, isGone: true)], [null], false, 1);

    private void Segment(long start, IReadOnlyList<KeyValue> snapshot, params WatchMessage[] messages)
    {
        var segment = new WatchSegment { StartRevision = start, Snapshot = snapshot };
        segment.Messages.AddRange(messages);
        _watch.Segments.Add(segment);
    }

    private void Fails() =>
        Assert.Equal("K6", Assert.Throws<SimulationViolationException>(() => ObserverChecker.Check(_watch, _places)).Rule);
}
