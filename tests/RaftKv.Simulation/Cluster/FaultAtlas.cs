using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// Which nodes' disks may lose or change what they had synced: at most a minority of the voters, the same ones for the
/// whole life of a world, so that every datum stays whole on a majority. Learners don't count and may be among them.
/// </summary>
internal sealed class FaultAtlas
{
    private readonly bool[] _isCursed;

    /// <param name="isBlank">No disk may be damaged.</param>
    public FaultAtlas(DeterministicRandom random, int voterCount, int nodeCount, bool isBlank = false)
    {
        _isCursed = new bool[nodeCount];
        if (isBlank)
        {
            return;
        }

        int most = (voterCount - 1) / 2;
        for (int i = random.Next(most + 1) + (most > 0 ? 1 : 0); i > 0 && CountOfVoters(voterCount) < most; i--)
        {
            _isCursed[random.Next(voterCount)] = true;
        }

        for (int i = voterCount; i < nodeCount; i++)
        {
            _isCursed[i] = random.Chance(500);
        }

        for (int i = 0; i < nodeCount; i++)
        {
            if (_isCursed[i])
            {
                Cursed.Add(i);
            }
        }

        Check.That(CountOfVoters(voterCount) <= most, "a majority of the voters is never damaged", CountOfVoters(voterCount), most);
    }

    /// <summary>Positions of the nodes that may be damaged, ascending.</summary>
    public List<int> Cursed { get; } = [];

    public bool IsCursed(int position) => _isCursed[position];

    private int CountOfVoters(int voterCount) => _isCursed.AsSpan(0, voterCount).Count(true);
}
