using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Tests;

/// <summary>The command line.</summary>
public sealed class ArgumentsTests
{
    [Fact]
    public void Options_come_back_as_they_are_printed()
    {
        const string Line = "--seed 226 --time 7 --nodes 3 --without partitions,clogs --clients 2 --watchers 0";

        Arguments arguments = Arguments.Parse(Line.Split(' '), out _)!;

        Assert.Equal((226UL, 1UL), (arguments.From, arguments.Seeds));
        Assert.Equal("--time 7 --nodes 3 --without partitions,clogs --clients 2 --watchers 0", arguments.ToOptions().ToText());
    }

    [Fact]
    public void Only_switches_all_the_others_off()
    {
        Arguments arguments = Arguments.Parse(["--only", "crashes,pauses"], out _)!;

        Assert.Equal(SwarmProfile.FaultClasses.Count - 2, arguments.Reduction.Without.Count);
        Assert.DoesNotContain("crashes", arguments.Reduction.Without);
    }

    [Theory]
    [InlineData("--minimise")]
    [InlineData("--minimize")]
    public void Both_spellings_are_taken(string option) =>
        Assert.True(Arguments.Parse([option, "--seed", "1"], out _)!.IsMinimising);

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("--without", "gremlins")]
    [InlineData("--seeds", "many")]
    [InlineData("--seeds")]
    [InlineData("--minimise", "--seeds", "5")]
    public void What_is_not_understood_is_said(params string[] args)
    {
        Assert.Null(Arguments.Parse(args, out string problem));
        Assert.NotEmpty(problem);
    }
}
