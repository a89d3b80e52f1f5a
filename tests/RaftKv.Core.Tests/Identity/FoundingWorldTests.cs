using RaftKv.Core.Identity;

namespace RaftKv.Core.Tests.Identity;

/// <summary>
/// Foundings of three directories with words that come in any order, or never, and disks that are emptied at any moment:
/// as long as one is left, one list founds one cluster. A rule that promises names is caught.
/// </summary>
public sealed class FoundingWorldTests
{
    [Fact]
    public void Whatever_is_emptied_one_list_founds_at_most_one_cluster()
    {
        int foundedCount = 0;
        int refusedCount = 0;
        for (ulong seed = 1; seed <= 20_000; seed++)
        {
            var world = new World(seed, FoundingRules.Next);
            world.Run(80);
            Assert.True(world.Rolls.Count <= 1, $"seed {seed}: two clusters of one list: {world.Story}");
            foundedCount += world.Rolls.Count;
            refusedCount += world.RefusedCount > 0 ? 1 : 0;
        }

        Assert.True(foundedCount > 5_000 && refusedCount > 5_000, $"{foundedCount} founded, {refusedCount} refused");
    }

    [Fact]
    public void Without_emptied_disks_every_founding_succeeds_and_nobody_is_refused()
    {
        for (ulong seed = 1; seed <= 2_000; seed++)
        {
            var world = new World(seed, FoundingRules.Next) { MayEmpty = false };
            world.Run(600);
            Assert.True(world.RefusedCount == 0 && world.FoundedCount == 3, $"seed {seed}: {world.Story}");
        }
    }

    [Fact]
    public void A_rule_that_counts_names_instead_of_directories_founds_twice()
    {
        for (ulong seed = 1; seed <= 20_000; seed++)
        {
            var world = new World(seed, ByName);
            world.Run(80);
            if (world.Rolls.Count > 1)
            {
                return;
            }
        }

        Assert.Fail("no seed founded twice: this test can't tell a bad rule from a good one");
    }

    // Founds with whoever is heard under the names, without their promise.
    private static FoundingStep ByName(FoundingWord own, IReadOnlyList<string> names, IReadOnlyList<FoundingWord> heard) =>
        FoundingRules.Next(own, names, heard) is FoundingStep.Promise promise
            ? new FoundingStep.Found(promise.Roll)
            : new FoundingStep.Wait("");

    private delegate FoundingStep Rule(FoundingWord own, IReadOnlyList<string> names, IReadOnlyList<FoundingWord> heard);

    private sealed class World
    {
        private static readonly string[] Names = ["n1", "n2", "n3"];
        private readonly DeterministicRandom _random;
        private readonly Rule _rule;
        private readonly FoundingWord[] _own = new FoundingWord[3];
        private readonly FoundingWord?[,] _heard = new FoundingWord?[3, 3];
        private readonly bool[] _isRefused = new bool[3];
        private readonly List<string> _story = [];
        private readonly int _kept;
        private ulong _drawn = 10;

        public World(ulong seed, Rule rule)
        {
            _random = new DeterministicRandom(seed);
            _rule = rule;

            // One disk is never lost: with all of them gone the list is a new one again, and may be founded anew.
            _kept = _random.Next(3);
            for (int i = 0; i < 3; i++)
            {
                Empty(i);
            }
        }

        public bool MayEmpty { get; init; } = true;

        /// <summary>What was founded, whoever lives still.</summary>
        public List<FoundingRoll> Rolls { get; } = [];

        public int RefusedCount { get; private set; }

        public int FoundedCount => _own.Count(word => word.Stage == FoundingStage.Founded);

        public string Story => string.Join("; ", _story);

        public void Run(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                int node = _random.Next(3);
                if (MayEmpty && node != _kept && _random.Chance(40))
                {
                    Empty(node);
                }
                else if (_random.Chance(500))
                {
                    int other = (node + 1 + _random.Next(2)) % 3;
                    _heard[node, other] = _own[other];
                }
                else
                {
                    Step(node);
                }
            }
        }

        private void Empty(int node)
        {
            _own[node] = new FoundingWord(Names[node], new NodeId(_drawn++), 1, FoundingStage.Open, null);
            _isRefused[node] = false;
            for (int other = 0; other < 3; other++)
            {
                _heard[node, other] = null;
            }

            _story.Add($"{Names[node]} is {_own[node].Instance.Value}");
        }

        private void Step(int node)
        {
            if (_isRefused[node] || _own[node].Stage == FoundingStage.Founded)
            {
                return;
            }

            FoundingWord[] heard = [.. Enumerable.Range(0, 3).Select(other => _heard[node, other]).OfType<FoundingWord>()];
            switch (_rule(_own[node], Names, heard))
            {
                case FoundingStep.Promise promise:
                    _own[node] = _own[node] with { Stage = FoundingStage.Promised, Roll = promise.Roll };
                    _story.Add($"{Names[node]} promises");
                    break;
                case FoundingStep.Found found:
                    _own[node] = _own[node] with { Stage = FoundingStage.Founded, Roll = found.Roll };
                    _story.Add($"{Names[node]} founds {string.Join(',', found.Roll.Seats.Select(seat => seat.Instance.Value))}");
                    if (!Rolls.Contains(found.Roll))
                    {
                        Rolls.Add(found.Roll);
                    }

                    break;
                case FoundingStep.Refuse:
                    _isRefused[node] = true;
                    RefusedCount++;
                    break;
                default:
                    break;
            }
        }
    }
}
