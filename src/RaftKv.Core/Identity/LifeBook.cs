namespace RaftKv.Core.Identity;

/// <summary>
/// The newest start of each peer's data directory that a node has met: by it copies of a directory are noticed. Whoever owns
/// it makes it durable before a newer start is welcome.
/// </summary>
public sealed class LifeBook
{
    // Every member there ever was, if nobody empties it; far beyond what a cluster meets.
    private const int MaxPeers = 10_000;

    private readonly SortedDictionary<NodeId, Life> _known = [];

    /// <summary>What is known, by peer.</summary>
    public IReadOnlyDictionary<NodeId, Life> Known => _known;

    /// <summary>Takes up what was known before; of too many the rest is left out.</summary>
    public void Recall(NodeId peer, Life life)
    {
        if (_known.Count < MaxPeers)
        {
            _known[peer] = life;
        }
    }

    /// <summary>Judges a start, and keeps a newer one.</summary>
    /// <param name="known">What was known before; of number 0 when nothing was.</param>
    /// <param name="isNews">True when something is kept that was not: make it durable.</param>
    public LifeVerdict Meet(NodeId peer, Life said, out Life known, out bool isNews)
    {
        bool isKnown = _known.TryGetValue(peer, out known);
        LifeVerdict verdict = LifeRules.Judge(isKnown ? known : null, said);
        isNews = verdict == LifeVerdict.Newer && (isKnown || _known.Count < MaxPeers);
        if (isNews)
        {
            _known[peer] = said;
        }

        return verdict;
    }
}
