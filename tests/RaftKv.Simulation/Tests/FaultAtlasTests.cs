using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

public sealed class FaultAtlasTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(5, 2)]
    [InlineData(7, 3)]
    public void At_most_a_minority_of_the_voters_is_cursed_and_all_of_it_sometimes(int voterCount, int most)
    {
        int highest = 0;
        for (ulong seed = 0; seed < 300; seed++)
        {
            var atlas = new FaultAtlas(new DeterministicRandom(seed), voterCount, voterCount + 2);
            int voters = atlas.Cursed.Count(position => position < voterCount);
            Assert.InRange(voters, 0, most);
            Assert.All(atlas.Cursed, position => Assert.True(atlas.IsCursed(position)));
            highest = Math.Max(highest, voters);
        }

        Assert.Equal(most, highest);
    }

    [Fact]
    public void A_seed_draws_one_three_five_or_seven_voters()
    {
        var drawn = new SortedSet<int>();
        for (ulong seed = 0; seed < 300; seed++)
        {
            drawn.Add(new SwarmProfile(new DeterministicRandom(seed), voterCount: 0).VoterCount);
        }

        Assert.Equal([1, 3, 5, 7], drawn);
    }
}
