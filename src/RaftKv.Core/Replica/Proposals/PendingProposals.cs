
namespace RaftKv.Core.Replica.Proposals;

/// <summary>
/// The proposals of this node, from <see cref="ReplicaCore.Propose"/> to their answer. Numbers grow, so walking from
/// <see cref="Floor"/> to the last number visits them in order without enumerating a hash.
/// </summary>
internal sealed class PendingProposals
{
    private readonly Dictionary<long, PendingProposal> _byNumber = [];
    private readonly List<PendingProposal> _toDispatch = [];
    private long _last;

    /// <summary>Undecided proposals.</summary>
    public int Count => _byNumber.Count;

    /// <summary>Bytes of their envelopes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Those that no leader has.</summary>
    public int WaitingCount { get; private set; }

    /// <summary>The smallest undecided number, or the next one to come.</summary>
    public long Floor { get; private set; } = 1;

    /// <summary>The largest number ever offered.</summary>
    public long Last => _last;

    /// <summary>Adds one; it waits.</summary>
    public void Add(PendingProposal proposal)
    {
        Check.That(proposal.Number > _last, "request numbers grow", proposal.Number, _last);
        if (_byNumber.Count == 0)
        {
            Floor = proposal.Number;
        }

        _last = proposal.Number;
        _byNumber.Add(proposal.Number, proposal);
        Bytes += proposal.Envelope.Length;
        _toDispatch.Add(proposal);
        WaitingCount++;
    }

    /// <summary>
    /// Takes those that wait, in the order in which they began to; some may have been decided meanwhile. What still
    /// waits afterwards is put back with <see cref="PutBack"/>.
    /// </summary>
    public void TakeWaiting(List<PendingProposal> into)
    {
        into.AddRange(_toDispatch);
        _toDispatch.Clear();
    }

    /// <summary>This one still waits.</summary>
    public void PutBack(PendingProposal proposal) => _toDispatch.Add(proposal);

    /// <summary>True while it is undecided and no leader has it.</summary>
    public bool IsWaiting(PendingProposal proposal) => proposal.IsWaiting && ReferenceEquals(Find(proposal.Number), proposal);

    /// <summary>The proposal, or null when it is decided.</summary>
    public PendingProposal? Find(long number) => _byNumber.GetValueOrDefault(number);

    /// <summary>Takes a decided one out; null when it was decided before.</summary>
    public PendingProposal? Remove(long number)
    {
        if (!_byNumber.Remove(number, out PendingProposal? proposal))
        {
            return null;
        }

        Bytes -= proposal.Envelope.Length;
        if (proposal.IsWaiting)
        {
            WaitingCount--;
        }

        while (Floor <= _last && !_byNumber.ContainsKey(Floor))
        {
            Floor++;
        }

        // Without a leader nothing is taken from the list: it must not keep what its callers gave up on.
        if (_toDispatch.Count > (2 * _byNumber.Count) + 64)
        {
            _toDispatch.RemoveAll(p => !IsWaiting(p));
        }

        return proposal;
    }

    /// <summary>A leader may have it from now on.</summary>
    public void MarkAppended(PendingProposal proposal, Term term)
    {
        CountOut(proposal);
        proposal.Appended(term);
    }

    /// <summary>It is on its way to another leader.</summary>
    public void MarkForwarded(PendingProposal proposal, Term term, long tick)
    {
        CountOut(proposal);
        proposal.Forwarded(term, tick);
    }

    /// <summary>It surely is in no log that counts.</summary>
    public void MarkWaiting(PendingProposal proposal, long tick, Term notBeforeTerm)
    {
        Check.That(!proposal.IsWaiting, "only a sent proposal goes back to waiting", proposal.Number, 0);
        proposal.BackToWaiting(tick, notBeforeTerm);
        _toDispatch.Add(proposal);
        WaitingCount++;
    }

    private void CountOut(PendingProposal proposal)
    {
        if (proposal.IsWaiting)
        {
            WaitingCount--;
        }
    }
}
