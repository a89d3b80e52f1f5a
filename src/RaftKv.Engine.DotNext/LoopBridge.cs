using RaftKv.Core;
using RaftKv.Core.Raft;

namespace RaftKv.Engine.DotNext;

/// <summary>
/// Between DotNext's threads and the loop that owns the replica: what DotNext wants done is done in a round, in the order
/// asked, and answered when it is durable; what it reads at once is what the last round published. DotNext never sees an
/// entry, a term or a vote that the disk does not have.
/// </summary>
internal sealed class LoopBridge : IDisposable
{
    // Snapshots and conflicts between two steps of one vote; there is hardly ever one.
    private const int MostGone = 16;

    private readonly CancellationTokenSource _ended = new();

    // The loop's thread only.
    private readonly List<(long Batch, Action Answer)> _durable = [];
    private readonly List<(long Index, TaskCompletionSource Applied)> _applying = [];
    private readonly List<EntryId> _gone = [];
    private EntryId _shown;
    private Func<Action<RaftCore>, bool>? _post;
    private volatile Vote _vote = new(Term.Zero, NodeId.None);
    private long _lastIndex;
    private long _commitIndex;
    private long _appliedIndex;

    /// <summary>The term and the vote in it, as the disk has them.</summary>
    public Vote DurableVote => _vote;

    /// <summary>Last entry that the disk has.</summary>
    public long LastIndex => Volatile.Read(ref _lastIndex);

    /// <summary>Highest committed of those.</summary>
    public long CommitIndex => Volatile.Read(ref _commitIndex);

    /// <summary>Ends when nothing is answered any more.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Posts to this loop from now on, and returns when it has published once.</summary>
    public Task StartAsync(Func<Action<RaftCore>, bool> post)
    {
        Volatile.Write(ref _post, post);
        return AskAsync(static _ => true, isDurable: true, CancellationToken.None);
    }

    /// <summary>Queues something for the next round; nothing once the loop has ended.</summary>
    public void Post(Action<RaftCore> order) => Volatile.Read(ref _post)?.Invoke(order);

    /// <summary>Has something done or looked up in a round. Giving up the wait takes nothing back.</summary>
    /// <param name="isDurable">The answer waits until everything that was done so far is on the disk, and published.</param>
    public async Task<T> AskAsync<T>(Func<RaftCore, T> ask, bool isDurable, CancellationToken token)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isPosted = Volatile.Read(ref _post)?.Invoke(raft =>
        {
            T result = ask(raft);
            if (isDurable)
            {
                _durable.Add((raft.DurableBatch, () => answer.TrySetResult(result)));
            }
            else
            {
                answer.TrySetResult(result);
            }
        }) ?? false;
        if (!isPosted)
        {
            throw new OperationCanceledException("The node has ended.", _ended.Token);
        }

        using CancellationTokenRegistration ended = _ended.Token.UnsafeRegister(
            static state => ((TaskCompletionSource<T>)state!).TrySetCanceled(), answer);
        return await answer.Task.WaitAsync(token).ConfigureAwait(false);
    }

    /// <summary>Returns when the store has applied the log up to there.</summary>
    public async Task WaitForApplyAsync(long index, CancellationToken token)
    {
        if (Volatile.Read(ref _appliedIndex) >= index)
        {
            return;
        }

        var applied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ => _applying.Add((index, applied)));
        using CancellationTokenRegistration ended = _ended.Token.UnsafeRegister(
            static state => ((TaskCompletionSource)state!).TrySetCanceled(), applied);
        await applied.Task.WaitAsync(token).ConfigureAwait(false);
    }

    /// <summary>
    /// The term of an entry that is held, or that was shown as the last one; 0 of any other, which no entry has: a question about
    /// such a one is answered with no. The loop's thread.
    /// </summary>
    /// <remarks>
    /// Danger: 1. A vote is weighed; DotNext reads this node's last index, 100, and asks for its term. 2. Meanwhile a snapshot up to
    /// 500 takes the log's place. 3. A term of 0 would make every candidate's log newer than this one, and elect one that lacks
    /// what this node has acknowledged. So the last entry that was shown keeps its term (DotNextBridgeTests).
    /// </remarks>
    public Term TermOf(RaftCore raft, LogIndex index) =>
        raft.Log.TermAt(index) ?? _gone.FindLast(entry => entry.Index == index).Term;

    /// <summary>A round is over: shows what is durable, and answers who waited for it. The loop's thread.</summary>
    public void Publish(RaftCore raft)
    {
        if (raft.IsVoteDurable && (_vote.Term != raft.CurrentTerm || _vote.For != raft.VotedFor))
        {
            _vote = new Vote(raft.CurrentTerm, raft.VotedFor);
        }

        ShowLast(raft);
        Volatile.Write(ref _commitIndex, LogIndex.Min(raft.Log.CommitIndex, raft.Log.PersistedIndex).Value);
        Volatile.Write(ref _appliedIndex, raft.AppliedIndex.Value);
        int done = 0;
        while (done < _durable.Count && _durable[done].Batch <= raft.PersistedBatch)
        {
            _durable[done++].Answer();
        }

        _durable.RemoveRange(0, done);
        for (int i = _applying.Count - 1; i >= 0; i--)
        {
            if (_applying[i].Index <= raft.AppliedIndex.Value)
            {
                _applying[i].Applied.TrySetResult();
                _applying.RemoveAt(i);
            }
        }
    }

    private void ShowLast(RaftCore raft)
    {
        if (!raft.Log.Contains(_shown))
        {
            if (_gone.Count == MostGone)
            {
                _gone.RemoveAt(0);
            }

            _gone.Add(_shown);
        }

        LogIndex last = raft.Log.PersistedIndex;
        _shown = new EntryId(raft.Log.TermAt(last) ?? Term.Zero, last);
        Volatile.Write(ref _lastIndex, last.Value);
    }

    /// <summary>Ends every wait, and those to come.</summary>
    public void Dispose() => _ended.Cancel();

    /// <summary>A term and whom this node voted for in it; none for nobody.</summary>
    internal sealed record Vote(Term Term, NodeId For);
}
