using RaftKv.Core.Raft.Messages;


namespace RaftKv.Core.Replica.Leases;

/// <summary>
/// The leader's batches of lease questions: waiting → in a read round → confirmed → answered once the index is applied.
/// One batch for each node, so it is bounded by the members.
/// </summary>
internal sealed class LeaseRounds
{
    private readonly List<LeaseRequest> _waiting = [];
    private readonly List<LeaseRequest> _inRound = [];
    private long _round;
    private LogIndex? _readIndex;

    /// <summary>Adds a batch; a node's newer batch takes the place of its older one, whose answer nobody wants.</summary>
    public void Add(LeaseRequest request)
    {
        _waiting.RemoveAll(waiting => waiting.From == request.From);
        _waiting.Add(request);
    }

    /// <summary>
    /// Begins a round with everything that waits; false when there is nothing, or one is under way. Its id counts rounds.
    /// </summary>
    public bool TryBegin(out long roundId)
    {
        roundId = 0;
        if (_inRound.Count > 0 || _waiting.Count == 0)
        {
            return false;
        }

        _inRound.AddRange(_waiting);
        _waiting.Clear();
        roundId = ++_round;
        return true;
    }

    /// <summary>Leadership was confirmed after the round began, for this index.</summary>
    public void Confirm(long roundId, LogIndex readIndex)
    {
        if (_inRound.Count > 0 && roundId == _round)
        {
            _readIndex = readIndex;
        }
    }

    /// <summary>The batches to answer now; empty while the round is not confirmed or its index not applied.</summary>
    public void TakeConfirmed(LogIndex appliedIndex, List<LeaseRequest> into)
    {
        if (_readIndex is { } readIndex && readIndex <= appliedIndex)
        {
            into.AddRange(_inRound);
            _inRound.Clear();
            _readIndex = null;
        }
    }

    /// <summary>The leadership is over; those who asked will ask the next leader.</summary>
    public void Clear()
    {
        _waiting.Clear();
        _inRound.Clear();
        _readIndex = null;
    }
}
