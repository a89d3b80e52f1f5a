using RaftKv.Core.Identity;

namespace RaftKv.Core.Tests.Identity;

/// <summary>
/// Foundings of three directories that find each other, with words that come in any order, or never, disks that are emptied,
/// and a fourth node that somebody started by mistake: one cluster at most. A rule that promises on its own view is caught.
/// </summary>
public sealed class GatheringWorldTests
{
    private const int Expected = 3;

    [Fact]
    public void Whatever_is_emptied_three_machines_found_at_most_one_cluster()
    {
        (int founded, int refused) = Run(20_000, machines: 3, steps: 120, mayEmpty: true, GatheringRules.Next);

        Assert.True(founded > 5_000 && refused > 2_000, $"{founded} founded, {refused} refused");
    }

    [Fact]
    public void A_fourth_node_makes_no_second_cluster()
    {
        (int founded, int refused) = Run(20_000, machines: 4, steps: 200, mayEmpty: false, GatheringRules.Next);

        Assert.True(founded > 1_000 && refused > 15_000, $"{founded} founded, {refused} refused");
    }

    [Fact]
    public void Without_mistakes_every_founding_succeeds_and_nobody_is_refused()
    {
        (int founded, int refused) = Run(2_000, machines: 3, steps: 800, mayEmpty: false, GatheringRules.Next);

        Assert.Equal((2_000, 0), (founded, refused));
    }

    [Fact]
    public void A_rule_that_founds_with_whom_it_knows_founds_twice()
    {
        Assert.ThrowsAny<Exception>(() => Run(20_000, machines: 4, steps: 200, mayEmpty: false, (own, expected, heard) =>
            GatheringRules.Say(own, expected, heard).Offer is { } offer ? new FoundingStep.Found(offer) : new FoundingStep.Wait("")));
    }

    private static (int Founded, int Refused) Run(
        ulong seeds, int machines, int steps, bool mayEmpty, Func<FoundingWord, int, IReadOnlyList<FoundingWord>, FoundingStep> rule)
    {
        int founded = 0;
        int refused = 0;
        for (ulong seed = 1; seed <= seeds; seed++)
        {
            var world = new World(seed, machines, mayEmpty, rule);
            world.Run(steps);
            Assert.True(world.Rolls.Count <= 1, $"seed {seed}: {world.Rolls.Count} clusters");
            founded += world.Rolls.Count;
            refused += world.HasRefused ? 1 : 0;
        }

        return (founded, refused);
    }

    private sealed class World
    {
        private readonly DeterministicRandom _random;
        private readonly Func<FoundingWord, int, IReadOnlyList<FoundingWord>, FoundingStep> _rule;
        private readonly FoundingWord[] _own;
        private readonly FoundingWord?[][] _heard;
        private readonly bool[] _isRefused;
        private readonly bool _mayEmpty;
        private readonly int _kept;
        private ulong _drawn = 10;

        public World(
            ulong seed, int machines, bool mayEmpty, Func<FoundingWord, int, IReadOnlyList<FoundingWord>, FoundingStep> rule)
        {
            _random = new DeterministicRandom(seed);
            _rule = rule;
            _mayEmpty = mayEmpty;
            _own = new FoundingWord[machines];
            _heard = new FoundingWord?[machines][];
            _isRefused = new bool[machines];

            // One disk is never lost: with all of them gone the machines are new ones again, and may found anew.
            _kept = _random.Next(machines);
            for (int i = 0; i < machines; i++)
            {
                Empty(i);
            }
        }

        /// <summary>What was founded, whoever lives still.</summary>
        public List<FoundingRoll> Rolls { get; } = [];

        public bool HasRefused { get; private set; }

        public void Run(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                int node = _random.Next(_own.Length);
                if (_mayEmpty && node != _kept && _random.Chance(30))
                {
                    Empty(node);
                }
                else if (_random.Chance(600))
                {
                    Ask(node, (node + 1 + _random.Next(_own.Length - 1)) % _own.Length);
                }
                else
                {
                    Step(node);
                }
            }
        }

        private void Empty(int node)
        {
            _own[node] = new FoundingWord($"n{node + 1}", new NodeId(_drawn++), 1, FoundingStage.Open, null) { Url = $"http://n{node}:1" };
            _isRefused[node] = false;
            _heard[node] = new FoundingWord?[_own.Length];
        }

        // Who was refused has ended, and answers nobody; a word that is no promise is forgotten with it.
        private void Ask(int node, int other)
        {
            if (!_isRefused[other])
            {
                _heard[node][other] = GatheringRules.Say(_own[other], Expected, Heard(other));
            }
            else if (_heard[node][other]?.Stage == FoundingStage.Open)
            {
                _heard[node][other] = null;
            }
        }

        private FoundingWord[] Heard(int node) => [.. _heard[node].OfType<FoundingWord>()];

        private void Step(int node)
        {
            if (_isRefused[node] || _own[node].Stage == FoundingStage.Founded)
            {
                return;
            }

            FoundingStep step = _rule(_own[node], Expected, Heard(node));
            _own[node] = FoundingRules.After(_own[node], step);
            if (step is FoundingStep.Found found && !Rolls.Contains(found.Roll))
            {
                Rolls.Add(found.Roll);
            }
            else if (step is FoundingStep.Refuse)
            {
                _isRefused[node] = true;
                HasRefused = true;
            }
        }
    }
}
