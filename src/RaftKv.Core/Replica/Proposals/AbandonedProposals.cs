namespace RaftKv.Core.Replica.Proposals;

/// <summary>
/// Proposals whose callers wait no longer and that a leader may have: still followed, so that the outcome can be told to
/// whoever asks later. Never offered again. Bounded; the oldest is forgotten first, and stays unknown.
/// </summary>
internal sealed class AbandonedProposals
{
    // Enough for some seconds of time-outs; an entry is two numbers.
    private const int MaxKept = 4096;

    private readonly Dictionary<long, Term> _sentTerms = [];

    // Numbers in the order in which they were given up; may hold some that are settled.
    private readonly Queue<long> _order = new();

    /// <summary>Follows one that a leader of this term may have.</summary>
    public void Add(long number, Term sentTerm)
    {
        Check.That(sentTerm > Term.Zero, "only what a leader may have is worth following", number, sentTerm.Value);
        _sentTerms.Add(number, sentTerm);
        _order.Enqueue(number);
        while (_order.Count > MaxKept)
        {
            _sentTerms.Remove(_order.Dequeue());
        }
    }

    /// <summary>True when it was followed until now; its outcome is known.</summary>
    public bool Settle(long number) => _sentTerms.Remove(number);

    /// <summary>As above, only for one that was sent in this term.</summary>
    public bool Settle(long number, Term sentTerm) =>
        _sentTerms.TryGetValue(number, out Term sent) && sent == sentTerm && _sentTerms.Remove(number);

    /// <summary>Takes out those that were sent in an earlier term, in order.</summary>
    public void TakeOlderThan(Term term, List<long> into)
    {
        for (int left = _order.Count; left > 0; left--)
        {
            long number = _order.Dequeue();
            if (!_sentTerms.TryGetValue(number, out Term sent))
            {
                continue;
            }

            if (sent < term)
            {
                _sentTerms.Remove(number);
                into.Add(number);
            }
            else
            {
                _order.Enqueue(number);
            }
        }
    }
}
