using RaftKv.Bench.Soak;

namespace RaftKv.Tests.Bench;

/// <summary>The judge of a soak: what is flat passes, and everything else that a run can be does not.</summary>
public sealed class FlatnessTests
{
    private const double BudgetMiB = 512;

    private static readonly TimeSpan _duration = TimeSpan.FromMinutes(30);

    [Fact]
    public void A_run_that_swings_and_does_not_grow_is_flat() =>
        Assert.Empty(Flatness.Judge(Run(static (s, i) => s), _duration, BudgetMiB));

    [Fact]
    public void A_table_that_fills_in_the_first_third_is_flat() =>
        Assert.Empty(Flatness.Judge(Run(static (s, i) => s with { KeptAnswers = Math.Min(s.Seconds, 600) * 200 }), _duration, BudgetMiB));

    [Fact]
    public void A_single_peak_is_no_growth() =>
        Assert.Empty(Flatness.Judge(Run(static (s, i) => i == 300 ? s with { ResidentMiB = 450 } : s), _duration, BudgetMiB));

    public static TheoryData<string> Measures => [.. SoakMeasure.All.Select(static m => m.Name)];

    [Theory]
    [MemberData(nameof(Measures))]
    public void Whatever_grows_all_along_is_found(string name)
    {
        // By half in half an hour, and from the start on: the least that an operator would have to care about.
        IReadOnlyList<string> wrong = Flatness.Judge(Run((s, i) => Grow(s, name, 1 + (s.Seconds / 1_800))), _duration, BudgetMiB);

        Assert.Contains(wrong, sentence => sentence.Contains(name + " grew", StringComparison.Ordinal));
        Assert.Equal(3, wrong.Count);
    }

    [Fact]
    public void One_node_that_grows_is_found_among_three()
    {
        IReadOnlyList<string> wrong = Flatness.Judge(
            Run(static (s, i) => s.Node == "n2" ? s with { Versions = s.Versions + (20 * s.Seconds) } : s), _duration, BudgetMiB);

        Assert.StartsWith("n2: versions grew", Assert.Single(wrong), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cluster_that_does_nothing_is_not_flat_but_dead()
    {
        IReadOnlyList<string> wrong = Flatness.Judge(
            Run(static (s, i) => s.Seconds > 1_200 ? s with { WritesPerSecond = 0 } : s), _duration, BudgetMiB);

        Assert.Contains("proves nothing", Assert.Single(wrong), StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_the_budget_is_found_even_when_it_is_flat()
    {
        IReadOnlyList<string> wrong = Flatness.Judge(Run(static (s, i) => s with { ResidentMiB = 600 }), _duration, BudgetMiB);

        Assert.Equal(3, wrong.Count);
        Assert.All(wrong, sentence => Assert.Contains("above its budget", sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void A_node_that_stopped_answering_proves_nothing()
    {
        IReadOnlyList<string> wrong = Flatness.Judge(
            [.. Run(static (s, i) => s).Where(static s => s.Node != "n3" || s.Seconds < 1_000)], _duration, BudgetMiB);

        Assert.Contains("n3 has", Assert.Single(wrong), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_table_may_refuse_and_one_with_room_may_not()
    {
        IReadOnlyList<SoakSample> full = Run(static (s, i) => s with { KeptAnswers = Math.Min(15_100, s.Seconds * 100) });
        IReadOnlyList<SoakSample> emptied = [.. full.Select(static s => s.Seconds > 1_500 ? s with { KeptAnswers = 9_000 } : s)];

        Assert.Null(Flatness.JudgeRefusals(100, full, _duration));
        Assert.Null(Flatness.JudgeRefusals(0, emptied, _duration));
        Assert.Contains("were refused", Flatness.JudgeRefusals(100, emptied, _duration), StringComparison.Ordinal);
        Assert.Contains("were refused", Flatness.JudgeRefusals(100, [], _duration), StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_run_does_not_judge_answers_that_live_for_ten_minutes()
    {
        SoakMeasure answers = SoakMeasure.All.Single(static m => m.Column == "kept_answers");

        Assert.False(Flatness.CanJudge(answers, TimeSpan.FromMinutes(10)));
        Assert.True(Flatness.CanJudge(answers, _duration));
    }

    // A sample every five seconds for half an hour; memory and disk swing by a fifth, as collections and snapshots make them.
    private static List<SoakSample> Run(Func<SoakSample, int, SoakSample> change)
    {
        List<SoakSample> samples = [];
        for (int i = 1; i <= 360; i++)
        {
            double swing = 1 + (0.1 * Math.Sin(i));
            foreach (string node in (string[])["n1", "n2", "n3"])
            {
                samples.Add(change(
                    new SoakSample(
                        i * 5, node, ResidentMiB: 300 * swing, HeapMiB: 200 * swing, DataMiB: 300 * swing, StoreMiB: 60, LogMiB: 30 * swing,
                        Versions: 20_000 * swing, KeptAnswers: 130_000, Sessions: 4_096, SessionAnswers: 5_000, Leases: 500 * swing,
                        Watches: 22, WritesPerSecond: 2_000 * swing, ProblemsPerSecond: 0),
                    i));
            }
        }

        return samples;
    }

    private static SoakSample Grow(SoakSample sample, string measure, double by) => measure switch
    {
        "resident MiB" => sample with { ResidentMiB = sample.ResidentMiB * by / 1.5 },
        "heap MiB" => sample with { HeapMiB = sample.HeapMiB * by * by * by },
        "data directory MiB" => sample with { DataMiB = sample.DataMiB * by },
        "store MiB" => sample with { StoreMiB = sample.StoreMiB * by },
        "log in memory MiB" => sample with { LogMiB = sample.LogMiB * by * by },
        "versions" => sample with { Versions = sample.Versions * by },
        "kept answers" => sample with { KeptAnswers = sample.KeptAnswers * by },
        "client sessions" => sample with { Sessions = sample.Sessions * by },
        "session answers" => sample with { SessionAnswers = sample.SessionAnswers * by },
        "leases" => sample with { Leases = sample.Leases * by * by * by },
        "watches" => sample with { Watches = sample.Watches * by * by },
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, "A measure that no test makes grow."),
    };
}
