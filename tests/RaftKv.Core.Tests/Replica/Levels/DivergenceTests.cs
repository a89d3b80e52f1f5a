using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Replica.Messages;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica.Levels;

/// <summary>A node whose state is not a majority's ends, and nobody else does.</summary>
public sealed class DivergenceTests
{
    [Fact]
    public void A_node_that_differs_from_leader_and_another_is_told_and_ends()
    {
        LevelScript script = Written(out LogIndex applied, out ulong hash);
        script.Cluster.Deliver(script.Ack(from: 2, default, applied, hash));
        script.Cluster.Deliver(script.Ack(from: 3, default, applied, hash + 1));

        StateDiffers told = Assert.Single(script.Cluster[1].Drain().OfType<StateDiffers>());

        Assert.Equal(new StateDiffers(N(1), N(3), script.Cluster[1].Raft.CurrentTerm, applied, hash, hash + 1), told);

        // What it really has decides: here it is the leader's state that is not its own.
        var own = new StateDiffers(N(1), N(3), told.Term, applied, hash + 1, hash);
        StateDivergedException end = Assert.Throws<StateDivergedException>(() => script.Cluster[3].Replica.Receive(own));
        Assert.Contains($"After entry {applied}", end.Message);
    }

    [Fact]
    public void A_word_that_does_not_fit_ends_nobody()
    {
        LevelScript script = Written(out LogIndex applied, out ulong hash);
        Term term = script.Cluster[1].Raft.CurrentTerm;
        foreach (StateDiffers word in (StateDiffers[])
        [
            new(N(1), N(3), term, applied, hash, hash + 1),
            new(N(1), N(3), term, applied + 50, hash + 1, hash),
            new(N(2), N(3), term, applied, hash + 1, hash),
            new(N(1), N(3), T(term.Value - 1), applied, hash + 1, hash),
        ])
        {
            script.Cluster[3].Replica.Receive(word);
        }
    }

    [Fact]
    public void A_leader_that_differs_from_two_others_ends()
    {
        LevelScript script = Written(out LogIndex applied, out ulong hash);
        script.Cluster.Deliver(script.Ack(from: 2, default, applied, hash + 1));

        Assert.Throws<StateDivergedException>(() => script.Cluster.Deliver(script.Ack(from: 3, default, applied, hash + 1)));
    }

    [Fact]
    public void Where_it_is_switched_off_nobody_is_told()
    {
        var script = new LevelScript();
        script.Cluster.Write(1);
        LogIndex applied = script.Point(1).View.AppliedIndex;
        ulong hash = script.Point(1).View.StateHash;
        script.Cluster.Deliver(script.Ack(from: 2, default, applied, hash));
        script.Cluster.Deliver(script.Ack(from: 3, default, applied, hash + 1));

        Assert.DoesNotContain(script.Cluster[1].Drain(), static message => message is StateDiffers);
        script.Cluster[3].Replica.Receive(new StateDiffers(N(1), N(3), script.Cluster[1].Raft.CurrentTerm, applied, hash + 1, hash));
    }

    private static LevelScript Written(out LogIndex applied, out ulong hash)
    {
        var script = new LevelScript(options: static given => given with { EndsWhenDiverged = true });
        script.Cluster.Write(1);
        script.Beat();
        applied = script.Point(1).View.AppliedIndex;
        hash = script.Point(1).View.StateHash;
        return script;
    }
}
