using RaftKv.Core;
using RaftKv.Core.Driver;
using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Members;
using RaftKv.Engine;

namespace RaftKv.Node;

/// <remarks>
/// Who takes part, and changes of that. A change is the leader's to begin; every node passes on what it is asked for, over
/// the peers' port, and asks again where it can't know what became of it.
/// </remarks>
internal sealed partial class RaftNode
{
    private static readonly TimeSpan LongestChange = TimeSpan.FromSeconds(5);

    private volatile Membership _members;
    private bool _wasMember;
    private Task? _leaving;
    private int _drainWishCount;

    /// <inheritdoc/>
    public IReadOnlyList<MemberInfo> Members
    {
        get
        {
            // A peer's client address is learned from it, and may come and change while the node runs.
            Membership membership = _members;
            IEnumerable<Member> places = membership.Details.Where(static member => member.IsPending);
            IEnumerable<MemberInfo> members = membership.Members().Select(membership.DetailOf).Concat(places).Select(Describe);
            return [.. members.OrderBy(static member => member.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>Who takes part, with names and addresses.</summary>
    public Membership Membership => _members;

    /// <inheritdoc/>
    public Task Changed => _board.Changed;

    /// <inheritdoc/>
    public async ValueTask<MemberChangeAnswer> ChangeMembersAsync(
        MemberChange change, TimeSpan timeout, CancellationToken cancellationToken)
    {
        MembershipChange wanted = MemberWords.Of(change, _members);
        long start = _parts.Time.GetTimestamp();
        bool mayHaveBegun = false;
        while (!_stopped.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            TimeSpan left = timeout - _parts.Time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            ChangeAnswer? answer = await AskLeaderAsync(wanted, left, cancellationToken).ConfigureAwait(false);
            if (answer?.Outcome == ChangeOutcome.Begun)
            {
                await WaitUntilAsync(status => status.AppliedIndex >= answer.Value.Entry.Index, left).ConfigureAwait(false);
                return new MemberChangeAnswer(MemberChangeOutcome.Done);
            }

            if (answer?.Outcome == ChangeOutcome.Refused)
            {
                // What was begun before the last leader was lost is refused as done by the next one.
                return mayHaveBegun && MemberWords.IsSo(wanted, _members)
                    ? new MemberChangeAnswer(MemberChangeOutcome.Done)
                    : new MemberChangeAnswer(MemberChangeOutcome.Refused, MemberWords.Of(answer.Value.Problem));
            }

            mayHaveBegun |= answer is null ? !Status.Leader.IsNone : answer.Value.Outcome == ChangeOutcome.Busy;
            await Task.Delay(TimeSpan.FromMilliseconds(TickSource.TickMs), _parts.Time, CancellationToken.None).ConfigureAwait(false);
        }

        return new MemberChangeAnswer(mayHaveBegun ? MemberChangeOutcome.Unknown : MemberChangeOutcome.NoLeader);
    }

    /// <inheritdoc/>
    public async ValueTask<MemberProgress?> ProgressOfAsync(NodeId member, TimeSpan timeout, CancellationToken cancellationToken)
    {
        NodeId leader = Status.Leader;
        if (leader.IsNone || leader == Identity.Id)
        {
            return ProgressHere(member);
        }

        MemberAnswer? answer = await _parts.Transport.AskAsync(leader, new MemberQuestion.Progress(member), timeout, cancellationToken)
            .ConfigureAwait(false);
        return answer?.Progress;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> IsLastToDrainAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        // Danger: 1. The last two are asked to drain at once. 2. Each asks the other one, which does not drain yet. 3. Both drain,
        // and nobody takes writes. So a node that asks says already that it drains: then both refuse, and are asked again.
        Interlocked.Increment(ref _drainWishCount);
        try
        {
            NodeId[] others = [.. _members.Voters.Where(voter => voter != Identity.Id)];
            MemberAnswer?[] answers = await Task.WhenAll(others.Select(other =>
                _parts.Transport.AskAsync(other, new MemberQuestion.Phase(), patience, cancellationToken))).ConfigureAwait(false);
            return _members.IsVoter(Identity.Id) && answers.All(static answer => answer is { IsDraining: true });
        }
        finally
        {
            Interlocked.Decrement(ref _drainWishCount);
        }
    }

    /// <summary>Answers another node, as far as this one can. Any thread.</summary>
    public async Task<MemberAnswer> AnswerAsync(MemberQuestion question, TimeSpan patience)
    {
        switch (question)
        {
            case MemberQuestion.Change change:
                TimeSpan limit = patience < LongestChange ? patience : LongestChange;
                return new MemberAnswer { Change = await ChangeMembersHereAsync(change.Wanted, limit).ConfigureAwait(false) };
            case MemberQuestion.Progress progress:
                return new MemberAnswer { Progress = ProgressHere(progress.Member) };
            case MemberQuestion.Phase:
                return new MemberAnswer { IsDraining = Phase == NodePhase.Draining || Volatile.Read(ref _drainWishCount) > 0 };
            default:
                return Core.Check.Unreachable<MemberAnswer>(question);
        }
    }

    /// <summary>
    /// Begins a change of the membership, when this node leads, and waits until it is committed and left. The answer is
    /// <see cref="ChangeOutcome.Busy"/> when that did not happen in time, or is not known here: look at the membership.
    /// </summary>
    public async Task<ChangeAnswer> ChangeMembersHereAsync(MembershipChange change, TimeSpan timeout)
    {
        long start = _parts.Time.GetTimestamp();
        var busy = new ChangeAnswer(ChangeOutcome.Busy);
        while (_parts.Time.GetElapsedTime(start) < timeout && !_stopped.IsCancellationRequested)
        {
            var answered = new TaskCompletionSource<ChangeAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            PostReport(new MemberOrder(change, answer => answered.TrySetResult(answer)));
            ChangeAnswer answer = await Task.WhenAny(answered.Task, Task.Delay(timeout, _parts.Time)).ConfigureAwait(false) == answered.Task
                ? await answered.Task.ConfigureAwait(false)
                : busy;
            switch (answer.Outcome)
            {
                case ChangeOutcome.Busy or ChangeOutcome.HandingOver:
                    await Task.Delay(TimeSpan.FromMilliseconds(TickSource.TickMs), _parts.Time).ConfigureAwait(false);
                    break;
                case ChangeOutcome.Begun:
                    await WaitUntilAsync(
                        status => status.CommitIndex >= answer.Entry.Index && !status.Membership.IsJoint, timeout).ConfigureAwait(false);
                    return Status.CommitIndex >= answer.Entry.Index && Status.Term == answer.Entry.Term ? answer : busy;
                default:
                    return answer;
            }
        }

        return busy;
    }

    // Null when nobody answered.
    private async Task<ChangeAnswer?> AskLeaderAsync(MembershipChange wanted, TimeSpan left, CancellationToken cancellationToken)
    {
        NodeId leader = Status.Leader;
        if (leader == Identity.Id)
        {
            return await ChangeMembersHereAsync(wanted, left).ConfigureAwait(false);
        }

        return leader.IsNone ? null
            : (await _parts.Transport.AskAsync(leader, new MemberQuestion.Change(wanted), left, cancellationToken).ConfigureAwait(false))
                ?.Change;
    }

    private MemberProgress? ProgressHere(NodeId member)
    {
        EngineStatus status = Status;
        return status.Role != Role.Leader ? null
            : member == Identity.Id ? new MemberProgress("leader", status.PersistedIndex, status.LastIndex, LastSeenMs: 0)
            : status.Followers.FirstOrDefault(follower => follower.Node == member) is { } known
                ? new MemberProgress(known.State, known.MatchIndex, status.LastIndex, known.LastSeenMs)
                {
                    SnapshotSentBytes = known.SnapshotSentBytes,
                    SnapshotBytes = known.SnapshotBytes,
                }
                : null;
    }

    private MemberInfo Describe(Member member)
    {
        bool isSelf = member.Id == Identity.Id;
        string? clientUrl = isSelf ? _parts.ClientUrl : _parts.Transport.ClientUrlOf(member.Id);
        return new MemberInfo(member.Name, member.Id, member.PeerUrl, clientUrl, isSelf)
        {
            IsPending = member.IsPending,
            IsJoining = member.IsJoining,
            IsLeaving = member.IsLeaving,
            Replaces = member.Replaces,
            Zone = member.Zone,
            Priority = member.Priority,
            Instance = member.IsPending || !member.BoundTo.IsNone ? member.BoundTo : member.Id,
        };
    }

    private void NoteMembers(Membership members, bool isCommitted)
    {
        _members = members;
        _parts.MembersChanged?.Invoke(members, isCommitted);
        bool isMember = members.IsMember(Identity.Id);
        if (_wasMember && !isMember && isCommitted && _replica.Role != Role.Leader)
        {
            EndAsRemoved();
        }

        _wasMember |= isMember;
        if (isCommitted && !members.IsVoter(Identity.Id) && members.DetailOf(Identity.Id).IsLeaving && _leaving is null)
        {
            _leaving = Task.Run(LeaveAsync);
        }
    }

    // As a learner this node still applies, and so answers, what was begun here. It is not told of its own removal by the log:
    // nothing is sent to who is no member.
    private async Task LeaveAsync()
    {
        await BeginDrainAsync().ConfigureAwait(false);
        await (_parts.SeeClientsOff?.Invoke() ?? Task.CompletedTask).ConfigureAwait(false);
        await DrainAsync().ConfigureAwait(false);
        var wanted = new MembershipChange { Remove = [Identity.Id] };
        while (!_stopped.IsCancellationRequested)
        {
            ChangeAnswer? answer = await AskLeaderAsync(wanted, LongestChange, CancellationToken.None).ConfigureAwait(false);
            if (answer is { Outcome: ChangeOutcome.Begun } or { Problem: ChangeProblem.Unknown })
            {
                EndAsRemoved();
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10 * TickSource.TickMs), _parts.Time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void EndAsRemoved() => Fail(new NodeFailure(NodeFailureKind.Removed, "replica", new MemberRefusedException(
        $"Node {Identity.Name} ({Identity.Id}) was removed from the cluster. To bring it back, join with an empty data directory.")));
}
