using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica.Levels;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica.Levels;

/// <summary>Which of two states is wrong, a majority says.</summary>
public sealed class StateCensusTests
{
    private static readonly Membership Three = Voters(1, 2, 3);

    [Fact]
    public void Alone_against_one_the_leader_is_neither_right_nor_wrong()
    {
        var census = new StateCensus();
        census.Note(T(1), N(3), I(12), isSame: false);

        Assert.False(census.IsLeaderRight(Three, N(1), I(12)));
        Assert.False(census.IsLeaderWrong(Three, N(1)));
    }

    [Fact]
    public void With_a_second_that_agrees_the_leader_is_right()
    {
        var census = new StateCensus();
        census.Note(T(1), N(3), I(12), isSame: false);
        census.Note(T(1), N(2), I(12), isSame: true);

        Assert.True(census.IsLeaderRight(Three, N(1), I(12)));
        Assert.False(census.IsLeaderWrong(Three, N(1)));
    }

    [Fact]
    public void A_word_of_before_does_not_make_the_leader_right()
    {
        var census = new StateCensus();
        census.Note(T(1), N(2), I(10), isSame: true);
        census.Note(T(1), N(3), I(12), isSame: false);
        Assert.False(census.IsLeaderRight(Three, N(1), I(12)));

        census.Note(T(1), N(2), I(12), isSame: false);
        Assert.True(census.IsLeaderWrong(Three, N(1)));
    }

    [Fact]
    public void A_learner_has_no_say_and_neither_has_a_word_of_another_term()
    {
        var four = new Membership([N(1), N(2), N(3)], learners: [N(4)]);
        var census = new StateCensus();
        census.Note(T(1), N(4), I(12), isSame: true);
        census.Note(T(1), N(3), I(12), isSame: false);
        Assert.False(census.IsLeaderRight(four, N(1), I(12)));

        census.Note(T(1), N(2), I(12), isSame: true);
        Assert.True(census.IsLeaderRight(four, N(1), I(12)));
        census.Note(T(2), N(3), I(12), isSame: false);
        Assert.False(census.IsLeaderRight(four, N(1), I(12)));
    }
}
