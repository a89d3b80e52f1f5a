using RaftKv.Core.Replica.Messages;

namespace RaftKv.Core.Replica.Leases;

/// <summary>
/// The leader's batches of lease questions: waiting → in a read round → confirmed → answered once the index is applied, or
/// before when what is not applied concerns none of its leases. One batch a node in each state, so it is bounded by the
/// members.
/// </summary>
internal sealed class LeaseRounds
{
    private readonly List<LeaseRequest> _waiting = [];
    private readonly List<LeaseRequest> _inRound = [];
    private readonly List<(LeaseRequest Request, LogIndex ReadIndex)> _confirmed = [];
    private long _round;
    private LogIndex? _readIndex;

    /// <summary>The batches that are not answered; for tests.</summary>
    public IEnumerable<LeaseRequest> Held => _waiting.Concat(_inRound).Concat(_confirmed.Select(static held => held.Request));

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

    /// <summary>The batches to answer now; empty while the round is not confirmed.</summary>
    /// <param name="isSure">Whether a batch can be answered although its index is not applied.</param>
    public void TakeConfirmed(LogIndex appliedIndex, Predicate<LeaseRequest> isSure, List<LeaseRequest> into)
    {
        if (_readIndex is { } readIndex)
        {
            foreach (LeaseRequest request in _inRound)
            {
                _confirmed.RemoveAll(older => older.Request.From == request.From);
                _confirmed.Add((request, readIndex));
            }

            _inRound.Clear();
            _readIndex = null;
        }

        for (int i = 0; i < _confirmed.Count; i++)
        {
            (LeaseRequest request, LogIndex index) = _confirmed[i];
            if (index <= appliedIndex || isSure(request))
            {
                into.Add(request);
                _confirmed.RemoveAt(i--);
            }
        }
    }

    /// <summary>The leadership is over; those who asked will ask the next leader.</summary>
    public void Clear()
    {
        _waiting.Clear();
        _inRound.Clear();
        _confirmed.Clear();
        _readIndex = null;
    }
}
