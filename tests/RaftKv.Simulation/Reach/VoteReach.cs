using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Why votes were given and refused: each answer against the request that it answers.</summary>
internal sealed class VoteReach(SimulatedCluster cluster, ReachCounts counts, ElectionReach elections)
{
    public static readonly ReachTheme Theme = new("votes");

    private static readonly ReachState ShorterLog =
        Theme.Add("vote-refused-shorter-log", "a vote was refused to a candidate with an older log");
    private static readonly ReachState OtherVoted = Theme.Add("vote-refused-given-away", "a vote was refused that another candidate had");
    private static readonly ReachState Bound =
        Theme.Add("vote-refused-patience", "a vote was refused in a term without leader, since the voter owed patience to an older one");
    private static readonly ReachState Sticky =
        Theme.Add("sticky-voter-refused", "a voter that has a leader let a newer term pass (thesis 4.2.3)");
    private static readonly ReachState PreVoteShorterLog =
        Theme.Add("pre-vote-refused-shorter-log", "a pre-vote was refused to a node with an older log");
    private static readonly ReachState GivenAgain = Theme.Add("vote-given-again", "a repeated request got its vote again");
    private static readonly ReachState ForTransfer =
        Theme.Add("vote-for-transfer", "a voter left its patience for a candidate that its leader had sent");
    private static readonly ReachState SplitVote = Theme.Add("split-vote", "a term had several candidates and no leader");
    private static readonly ReachState NoWinner = Theme.Add("term-without-leader", "a term had a candidate and no leader");

    private readonly VoteRequest?[] _asked = new VoteRequest?[cluster.Profile.NodeCount * cluster.Profile.NodeCount];
    private readonly SortedDictionary<long, int> _candidates = [];
    private readonly HashSet<(int Voter, long Term)> _given = [];

    public void Received(SimulatedNode node, VoteRequest request)
    {
        _asked[Place(node, request.From)] = request;

        // Had it listened, it would be in that term now.
        counts.HitIf(!request.IsPreVote && request.Term > node.Replica!.Term, Sticky);
    }

    public void Received(SimulatedNode node, VoteResponse response)
    {
        if (response is { IsPreVote: true, IsGranted: false })
        {
            elections.PreVoteRefused(node);
        }
    }

    public void Sent(SimulatedNode node, VoteRequest request)
    {
        if (!request.IsPreVote)
        {
            _candidates[request.Term.Value] = _candidates.GetValueOrDefault(request.Term.Value) | (1 << node.Position);
        }
    }

    public void Sent(SimulatedNode node, VoteResponse response)
    {
        if (_asked[Place(node, response.To)] is not { } request || request.IsPreVote != response.IsPreVote)
        {
            return;
        }

        bool isOlder = !request.LastEntry.IsAtLeastAsUpToDateAs(node.Log.Last);
        if (response.IsPreVote)
        {
            counts.HitIf(!response.IsGranted && isOlder, PreVoteShorterLog);
        }
        else if (request.Term == response.Term)
        {
            NoteVote(node, request, response, isOlder);
        }
    }

    /// <summary>At the end, when it is known which terms had a leader.</summary>
    public void End(RaftObserver observer)
    {
        foreach ((long term, int candidates) in _candidates)
        {
            if (observer.LeaderOf(term) < 0 && term < observer.HighestTerm)
            {
                counts.Hit(NoWinner);
                counts.HitIf(int.PopCount(candidates) > 1, SplitVote);
            }
        }
    }

    private void NoteVote(SimulatedNode node, VoteRequest request, VoteResponse response, bool isOlder)
    {
        if (response.IsGranted)
        {
            counts.HitIf(!_given.Add((node.Position, response.Term.Value)), GivenAgain);
            counts.HitIf(request.IsTransfer, ForTransfer);
            return;
        }

        HardState durable = node.Durable.HardState;
        bool isFree = durable.Term == response.Term && durable.VotedFor.IsNone && node.Replica!.Leader.IsNone;
        counts.HitIf(isOlder, ShorterLog);
        counts.HitIf(!isOlder && durable.Term == response.Term && !durable.VotedFor.IsNone && durable.VotedFor != response.To, OtherVoted);
        counts.HitIf(!isOlder && isFree && !request.IsTransfer, Bound);
    }

    private int Place(SimulatedNode node, NodeId other) => (node.Position * cluster.Profile.NodeCount) + cluster.PositionOf(other);
}
