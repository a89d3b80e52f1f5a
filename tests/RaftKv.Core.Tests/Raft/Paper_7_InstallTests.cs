using RaftKv.Core.Raft.Messages;

using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>What a follower's log makes of a snapshot: paper section 7, figure 13, rules 6 to 8.</summary>
public sealed class Paper_7_InstallTests
{
    private static readonly EntryId Snapshot = E(1, 5);

    [Fact]
    public void A_snapshot_beyond_the_log_replaces_all_of_it()
    {
        RaftTestNode node = Loading([1, 1, 1]);

        Assert.True(node.Raft.SnapshotInstalled(Snapshot));

        Assert.Equal((Snapshot, Snapshot), (node.Raft.Log.Start, node.Raft.Log.LastEntry));
        Assert.Equal(I(5), node.Raft.Log.CommitIndex);
        Assert.True(Assert.IsType<SnapshotResponse>(Assert.Single(node.Drain())).IsInstalled);
    }

    [Fact]
    public void A_log_that_contradicts_the_snapshot_is_dropped_whole()
    {
        RaftTestNode node = Loading([1, 1, 1, 1, 2, 2, 2], term: 3);

        Assert.True(node.Raft.SnapshotInstalled(Snapshot));

        Assert.Equal((Snapshot, 0), (node.Raft.Log.LastEntry, node.Raft.Log.Count));
    }

    [Fact]
    public void A_log_that_came_to_hold_the_snapshots_last_entry_keeps_the_acknowledged_entries_after_it()
    {
        // Rule 6. Entries 4 to 7 arrive, and are acknowledged, while the snapshot is being loaded; nobody has said that
        // they are committed.
        RaftTestNode node = Loading([1, 1, 1]);
        AppendAccepted ack = Assert.IsType<AppendAccepted>(Assert.Single(node.Receive(
            new AppendRequest(N(2), N(1), T(1), E(1, 3), Entries([1, 1, 1, 1], 4), default))));
        Assert.Equal(I(7), ack.MatchIndex);

        Assert.False(node.Raft.SnapshotInstalled(Snapshot));

        Assert.Equal((E(1, 7), I(5)), (node.Raft.Log.LastEntry, node.Raft.Log.CommitIndex));
        Assert.Equal(Snapshot, node.Raft.Snapshot);
    }

    [Fact]
    public void A_piece_of_a_snapshot_whose_last_entry_is_in_the_log_is_answered_installed_and_commits_up_to_it()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), [1, 1, 1, 1, 1, 1], term: 1);

        SnapshotResponse answer = Assert.IsType<SnapshotResponse>(Assert.Single(node.Receive(Piece())));

        Assert.Equal((Snapshot, true), (answer.Snapshot, answer.IsInstalled));
        Assert.Equal((E(1, 6), I(5)), (node.Raft.Log.LastEntry, node.Raft.Log.CommitIndex));
    }

    [Fact]
    public void A_disk_report_from_before_the_install_is_not_taken_for_the_log_after_it()
    {
        RaftTestNode node = Loading([1, 1, 1]);
        node.IsDiskHeld = true;
        node.Receive(new AppendRequest(N(3), N(1), T(2), E(1, 3), Entries([2, 2, 2, 2], 4), default));
        Assert.Equal(1, node.UnsyncedCount);
        Assert.True(node.Raft.SnapshotInstalled(Snapshot));
        node.Receive(new AppendRequest(N(3), N(1), T(2), Snapshot, Entries([2, 2], 6), default));

        node.SyncOne();

        Assert.Equal((I(5), I(7)), (node.Raft.Log.PersistedIndex, node.Raft.Log.LastEntry.Index));
    }

    [Fact]
    public void A_refused_snapshot_is_asked_for_again_from_its_start()
    {
        RaftTestNode node = Loading([1, 1, 1]);

        node.Raft.SnapshotRefused(Snapshot);

        Assert.Equal(
            new SnapshotResponse(N(1), N(2), T(1), Snapshot, NextOffset: 0, IsInstalled: false), Assert.Single(node.Drain()));
        node.Receive(Piece());
        Assert.Single(node.Raft.Output.PiecesReceived);
    }

    [Fact]
    public void Pieces_that_arrive_while_a_snapshot_is_loaded_are_ignored()
    {
        RaftTestNode node = Loading([1, 1, 1]);

        Assert.Empty(node.Receive(Piece()));
        Assert.Empty(node.Raft.Output.PiecesReceived);
    }

    /// <summary>Node 1 has all bytes of the snapshot of node 2, the leader, and is loading it.</summary>
    private static RaftTestNode Loading(int[] log, long term = 1)
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), log, term);
        Assert.Empty(node.Receive(Piece(term)));
        Assert.Single(node.Raft.Output.PiecesReceived);
        node.Raft.Output.PiecesReceived.Clear();
        node.Raft.SnapshotPieceStored(Snapshot, length: 10);
        Assert.Equal(Snapshot, node.Raft.Output.ToInstall?.Snapshot);
        node.Raft.Output.ToInstall = null;
        return node;
    }

    private static SnapshotChunk Piece(long term = 1) =>
        new(N(2), N(1), T(term), Snapshot, Voters(1, 2, 3), TotalBytes: 10, Offset: 0, new byte[10]);
}
