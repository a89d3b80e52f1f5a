using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Runs;
using static RaftKv.JepsenStyle.Tests.HistoryBuilder;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>A history read from its file is judged as it was, and the exit code says it.</summary>
public sealed class HistoryCheckTests
{
    [Fact]
    public async Task A_violation_in_a_file_ends_with_exit_code_1()
    {
        Assert.Equal(1, await CheckFileAsync([.. Register(), Write(5000, 5001, -1), Read(5002, 5003, -7)]));
    }

    [Fact]
    public async Task A_good_file_ends_with_exit_code_0() => Assert.Equal(0, await CheckFileAsync(Register()));

    [Fact]
    public async Task A_file_without_work_ends_with_exit_code_2() =>
        Assert.Equal(2, await CheckFileAsync([new RunHeader("register", "none", 1, 1, 1)]));

    [Fact]
    public async Task A_call_that_makes_no_sense_ends_with_exit_code_2()
    {
        Assert.Equal(2, await JepsenCli.RunAsync([]));
        Assert.Equal(2, await JepsenCli.RunAsync(["run", "--workload", "nonsense"]));
        Assert.Equal(2, await JepsenCli.RunAsync(["run", "--seed"]));
        Assert.Equal(2, await JepsenCli.RunAsync(["check", "/does/not/exist"]));
    }

    [Fact]
    public void A_history_survives_its_file()
    {
        HistoryLine[] lines =
        [
            new RunHeader("set", "none", 3, 60, 42),
            Cas(1, 2, null, 3, isMatched: false),
            Read(3, 4, null),
            new FaultEvent("kill-leader", "n1", 5, 6),
            Pair("n1", "k", 3, 2),
            new FinalNode("n1", 1, 1, 1),
        ];
        string file = Path.GetTempFileName();
        try
        {
            HistoryFile.Write(file, lines);
            Assert.Equal(lines, HistoryFile.Read(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_gap_after_a_kill_is_measured_to_the_long_side()
    {
        HistoryLine[] history =
        [
            Write(0, 1_000_000, 1),
            new FaultEvent("kill-leader", "n1", 2_000_000, 9_000_000),
            Write(1_000_000, 3_000_000, 2),
            Read(3_000_000, 4_000_000, 2),
            Write(4_000_000, 1_503_000_000, 3),
            Write(1_600_000_000, 1_601_000_000, 3),
        ];

        Assert.Equal(1500, Availability.LongestGapMsAfter(history, "kill"));
        Assert.Null(Availability.LongestGapMsAfter(history, "pause"));

        // What the machine itself stood still in it is nobody's, and what it did before and after is not counted twice.
        history = [.. history, new MachineStall(0, 103_000_000), new MachineStall(1_403_000_000, 1_550_000_000)];
        Assert.Equal(1300, Availability.LongestGapMsAfter(history, "kill"));
    }

    [Fact]
    public void A_gap_ends_with_the_next_fault()
    {
        HistoryLine[] history =
        [
            new FaultEvent("kill-all", "all", 1_000_000_000, 2_000_000_000),
            Write(1_000_000, 2_500_000_000, 1),
            new FaultEvent("kill-all", "all", 3_000_000_000, 20_000_000_000),
            Write(4_000_000, 20_700_000_000, 2),
        ];

        Assert.Equal(700, Availability.LongestGapMsAfter(history, "kill"));
    }

    private static IReadOnlyList<HistoryLine> Register()
    {
        List<HistoryLine> lines = [new RunHeader("register", "none", 1, 1, 1)];
        for (int i = 0; i < 100; i++)
        {
            lines.Add(Write(i * 10, (i * 10) + 5, i));
            lines.Add(Read((i * 10) + 6, (i * 10) + 8, i));
        }

        return lines;
    }

    private static async Task<int> CheckFileAsync(IReadOnlyList<HistoryLine> lines)
    {
        string file = Path.GetTempFileName();
        try
        {
            HistoryFile.Write(file, lines);
            return await JepsenCli.RunAsync(["check", file]);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
