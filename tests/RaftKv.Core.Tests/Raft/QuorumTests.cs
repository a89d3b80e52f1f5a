using System.Numerics;
using RaftKv.Core.Raft.Members;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// Majorities (paper 5.2, 5.3; thesis 4.3 for two voter lists), compared with a reference that goes through all sets of
/// nodes, over every membership of at most four nodes, single and joint.
/// </summary>
public sealed class QuorumTests
{
    private const int NodeCount = 4;
    private const int SetCount = 1 << NodeCount;

    [Fact]
    public void Votes_are_counted_as_by_the_reference_over_all_small_memberships()
    {
        int caseCount = 0;
        foreach ((int voters, int outgoing) in Memberships())
        {
            Membership membership = MembershipOf(voters, outgoing);
            for (int granted = 0; granted < SetCount; granted++)
            {
                for (int refused = 0; refused < SetCount; refused++)
                {
                    if ((granted & refused) != 0)
                    {
                        continue;
                    }

                    var votes = Nodes(granted).ToDictionary(node => node, _ => true);
                    Nodes(refused).ToList().ForEach(node => votes.Add(node, false));
                    Assert.Equal(Reference(voters, outgoing, granted, refused), Quorum.Count(membership, votes));
                    caseCount++;
                }
            }
        }

        // 15 single and 15 * 15 joint memberships, each node says yes, no or nothing.
        Assert.Equal((15 + (15 * 15)) * 81, caseCount);
    }

    [Fact]
    public void The_index_that_a_quorum_reached_is_that_of_the_reference_over_all_small_memberships()
    {
        foreach ((int voters, int outgoing) in Memberships())
        {
            Membership membership = MembershipOf(voters, outgoing);
            for (int code = 0; code < 256; code++)
            {
                // Each node has reached 0, 1, 2 or 3.
                var reached = new Reached(node => (code >> (2 * node)) & 3);
                long expected = Enumerable.Range(0, 4).Last(index => IsQuorum(voters, outgoing, SetThatReached(reached, index)));
                Assert.Equal(expected, Quorum.HighestReached(membership, reached));
            }
        }
    }

    [Fact]
    public void A_learner_never_counts()
    {
        var membership = new Membership([N(1), N(2), N(3)], learners: [N(4), N(5)]);
        var votes = new Dictionary<NodeId, bool> { [N(1)] = true, [N(4)] = true, [N(5)] = true };

        Assert.Equal(VoteResult.Pending, Quorum.Count(membership, votes));
        Assert.Equal(0, Quorum.HighestReached(membership, new Reached(node => node is 0 or 3 or 4 ? 9 : 0)));
    }

    [Fact]
    public void Seventeen_voters_are_counted_like_few()
    {
        var membership = new Membership(Enumerable.Range(1, 17).Select(N));

        Assert.Equal(9, Quorum.HighestReached(membership, new Reached(node => node + 1)));
    }

    [Fact]
    public void A_membership_without_voters_is_rejected() =>
        Assert.Throws<InvariantViolationException>(() => new Membership([]));

    private static IEnumerable<(int Voters, int Outgoing)> Memberships()
    {
        for (int voters = 1; voters < SetCount; voters++)
        {
            for (int outgoing = 0; outgoing < SetCount; outgoing++)
            {
                yield return (voters, outgoing);
            }
        }
    }

    /// <summary>Won when the yes-sayers are a quorum; lost when even all that did not say no are none.</summary>
    private static VoteResult Reference(int voters, int outgoing, int granted, int refused) =>
        IsQuorum(voters, outgoing, granted) ? VoteResult.Won
        : IsQuorum(voters, outgoing, ~refused) ? VoteResult.Pending
        : VoteResult.Lost;

    private static bool IsQuorum(int voters, int outgoing, int nodes) =>
        IsMajority(voters, nodes) && (outgoing == 0 || IsMajority(outgoing, nodes));

    private static bool IsMajority(int voters, int nodes) =>
        BitOperations.PopCount((uint)(voters & nodes)) * 2 > BitOperations.PopCount((uint)voters);

    private static int SetThatReached(Reached reached, int index) =>
        Enumerable.Range(0, NodeCount).Where(node => reached.ReachedBy(N(node + 1)) >= index).Sum(node => 1 << node);

    private static Membership MembershipOf(int voters, int outgoing) => new(Nodes(voters), Nodes(outgoing));

    private static IEnumerable<NodeId> Nodes(int set) =>
        Enumerable.Range(0, NodeCount).Where(node => (set & (1 << node)) != 0).Select(node => N(node + 1));

    private sealed class Reached(Func<int, long> byNode) : IReachedSource
    {
        public long ReachedBy(NodeId voter) => byNode((int)voter.Value - 1);
    }
}
