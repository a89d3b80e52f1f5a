using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftKv.Core;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Roles;
using RaftKv.Core.Replica;

namespace RaftKv.Engine.DotNext;

/// <summary>
/// DotNext's Raft, which decides for our replica who leads, what a follower takes in and what is committed; the replica keeps
/// the log, applies and answers. What it promises, and what DotNext's Raft can't, is in docs/engines.md.
/// </summary>
/// <remarks>
/// <see cref="BeforeRound"/> and <see cref="AfterRound"/> are called by the loop's thread and never block; everything else is
/// DotNext's threads'.
/// </remarks>
public sealed class DotNextGuide : IAsyncDisposable
{
    // A follower that is so far behind, and does not move, is worth rounds of its own: where logs differ, DotNext's leader tries one
    // place a round.
    private const int LaggingEntries = 16;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly DotNextParts _parts;
    private readonly LoopBridge _bridge = new();
    private readonly MemberNames _members;
    private readonly DurableLog _log;
    private readonly PeerPort _port;
    private readonly IRaftCluster _cluster;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _starting = Task.CompletedTask;
    private int _isStopped;

    // Loop's thread, but for what says otherwise.
    private (Term Term, long Round) _asked;
    private long _offeredIndex;
    private readonly Dictionary<NodeId, LogIndex> _applied = [];
    private long _lookedAt;
    private int _isPumping;

    /// <summary>Puts it together; nothing listens before <see cref="Start"/>.</summary>
    public DotNextGuide(DotNextParts parts)
    {
        _parts = parts;
        if (Directory.Exists(parts.ScratchDirectory))
        {
            // Nothing in it is of use, and files of another version, or of a start that was cut short, would end this one.
            Directory.Delete(parts.ScratchDirectory, recursive: true);
        }

        _members = new MemberNames(parts.Members);
        _log = new DurableLog(parts.ScratchDirectory, _bridge, _members);
        _port = new PeerPort(parts, _log);
        _cluster = _port.Cluster;
    }

    /// <summary>Ends when the peer port listens, or failed to.</summary>
    public Task Started => _started.Task;

    /// <summary>Takes part from now on.</summary>
    /// <param name="post">Queues an order for the loop's next round; false once the loop has ended.</param>
    public void Start(Func<Action<RaftCore>, bool> post) => _starting = StartAsync(post);

    /// <summary>Tells the replica who leads, where that has changed.</summary>
    public void BeforeRound(ReplicaCore replica)
    {
        if (Volatile.Read(ref _isStopped) != 0)
        {
            // A cluster that is stopped answers no more questions.
            Follow(replica, NodeId.None);
            return;
        }

        bool isElected = !_cluster.LeadershipToken.IsCancellationRequested && _log.ElectedTerm == replica.Term;
        if (isElected)
        {
            if (replica.Role != Role.Leader)
            {
                replica.Guide().GuidedLead(replica.Term);
            }

            return;
        }

        NodeId leader = _cluster.Leader is { } member ? _members.Find(member.EndPoint) : NodeId.None;
        Follow(replica, leader == _parts.Self.Id ? NodeId.None : leader);
    }

    /// <summary>Shows what the round made durable, and has it replicated; asks for the round that reads wait for.</summary>
    public void AfterRound(ReplicaCore replica)
    {
        RaftCore raft = replica.Guided!;
        _bridge.Publish(raft);
        if (raft.State is not LeaderState leader)
        {
            _asked = default;
            return;
        }

        if (raft.Log.PersistedIndex.Value != _offeredIndex)
        {
            _offeredIndex = raft.Log.PersistedIndex.Value;
            _ = OfferAsync();
        }

        if (raft.AwaitedRound is { } round && _asked != (raft.CurrentTerm, round))
        {
            _asked = (raft.CurrentTerm, round);
            _ = ConfirmAsync(raft.CurrentTerm, round);
        }

        if (IsAnyStuck(raft, leader) && Interlocked.Exchange(ref _isPumping, 1) == 0)
        {
            _ = PumpAsync();
        }
    }

    /// <summary>Gives leadership up, to whomever the others elect: DotNext knows no target. Any thread; best effort.</summary>
    public void Resign() => _ = ResignAsync();

    /// <summary>Leaves the cluster's talk, in good order where that is quick.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) != 0)
        {
            return;
        }

        _bridge.Dispose();

        // A web server that is stopped while it starts ends the process: its timer's thread finds its event gone.
        await _starting.ConfigureAwait(false);
        await _port.StopAsync(StopTimeout).ConfigureAwait(false);
        await ((IAsyncDisposable)_log).DisposeAsync().ConfigureAwait(false);
    }

    private static void Follow(ReplicaCore replica, NodeId leader)
    {
        if (replica.Role == Role.Leader || replica.Leader != leader)
        {
            replica.Guide().GuidedFollow(leader);
        }
    }

    private async Task StartAsync(Func<Action<RaftCore>, bool> post)
    {
        try
        {
            await _bridge.StartAsync(post).ConfigureAwait(false);
            await _port.StartAsync().ConfigureAwait(false);
            _started.TrySetResult();
        }
        catch (Exception failure)
        {
            // Whoever awaits Started sees it.
            _started.TrySetException(failure);
        }
    }

    private async Task OfferAsync()
    {
        try
        {
            await _cluster.ForceReplicationAsync(_bridge.Ended).ConfigureAwait(false);
        }
        catch (Exception end) when (IsEndOfLeadership(end))
        {
            // The next leader goes on with what is in the log.
        }
    }

    // The strong barrier: a round that begins after this call, which a majority answers in this term. A follower's own
    // barrier asks its leader without a round, and is never used.
    private async Task ConfirmAsync(Term term, long round)
    {
        try
        {
            await StrongBarrier.PassAsync(_cluster.ForceReplicationAsync, _bridge.Ended).ConfigureAwait(false);
            _bridge.Post(raft => raft.GuidedConfirm(term, round));
        }
        catch (Exception end) when (IsEndOfLeadership(end))
        {
            _bridge.Post(_ => _asked = default);
        }
    }

    private async Task PumpAsync()
    {
        try
        {
            for (int i = 0; i < 64; i++)
            {
                await _cluster.ForceReplicationAsync(_bridge.Ended).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (IsEndOfLeadership(end))
        {
            // Nobody lags behind who does not lead.
        }
        finally
        {
            Volatile.Write(ref _isPumping, 0);
        }
    }

    private async Task ResignAsync()
    {
        try
        {
            if (!_cluster.LeadershipToken.IsCancellationRequested)
            {
                // Of who does not lead it would ask the one that does.
                await _cluster.ResignAsync(_bridge.Ended).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (IsEndOfLeadership(end))
        {
            // It did not lead any more.
        }
    }

    // Who is fed moves, and more rounds would only queue up before it: each waits there for an answer of its own.
    private bool IsAnyStuck(RaftCore raft, LeaderState leader)
    {
        if (TimeProvider.System.GetElapsedTime(_lookedAt).TotalMilliseconds < 2 * _parts.HeartbeatMs)
        {
            return false;
        }

        _lookedAt = TimeProvider.System.GetTimestamp();
        bool isAny = false;
        foreach (Progress progress in leader.Followers)
        {
            bool isStill = _applied.TryGetValue(progress.Node, out LogIndex before) && before == progress.AppliedIndex;
            _applied[progress.Node] = progress.AppliedIndex;
            isAny |= isStill && progress.Sending is null && raft.IsHeard(progress)
                && raft.Log.CommitIndex - progress.AppliedIndex > LaggingEntries;
        }

        return isAny;
    }

    private static bool IsEndOfLeadership(Exception end) =>
        end is InvalidOperationException or OperationCanceledException or ObjectDisposedException or TimeoutException
            or MemberUnavailableException or QuorumUnreachableException or NotLeaderException;
}
