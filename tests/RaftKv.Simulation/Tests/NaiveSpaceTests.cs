using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>The naive store agrees with the real one on a story of quotas and alarms, and rejects what is bent; Q4 is checked.</summary>
public sealed class NaiveSpaceTests
{
    private readonly MvccStore _store = new();
    private readonly NaiveStore _naive = new();

    [Fact]
    public void A_story_of_a_store_that_fills_up_is_right()
    {
        int refused = 0;
        foreach (KvCommand command in Story())
        {
            CommandResult result = Apply(command);
            refused += result.Status == CommandStatus.QuotaExceeded ? 1 : 0;
            Assert.Null(_naive.Run(command, result));
        }

        Assert.True(refused >= 4, $"only {refused} were refused");
        Assert.Null(_naive.CheckWhole(_store.Publish()));
    }

    [Fact]
    public void Every_answer_of_the_story_is_rejected_when_its_status_is_bent()
    {
        List<KvCommand> story = [.. Story()];
        for (int bent = 0; bent < story.Count; bent++)
        {
            Assert.NotNull(Bend(story, bent, static r => r.Status switch
            {
                CommandStatus.QuotaExceeded or CommandStatus.Corrupt => new CommandResult(CommandStatus.Ok, r.Revision),
                CommandStatus.Ok => new CommandResult(CommandStatus.Corrupt, r.Revision),
                _ => r with { Status = CommandStatus.Ok },
            }));
        }
    }

    [Fact]
    public void A_refusal_without_need_or_with_a_wrong_use_is_rejected()
    {
        List<KvCommand> story = [.. Story()];
        int accepted = story.FindIndex(static c => c is MutateCommand { Op: PutOp });
        QuotaExceededResult none = new(default, new QuotaTerms(KvLimits.NoQuota, 6_000), new QuotaUse(0, 0));
        Func<CommandResult, CommandResult> refuse = r => new CommandResult(
            CommandStatus.QuotaExceeded, new Revision(r.Revision.Value - 1), none);
        Assert.Contains("fit", Bend(story, accepted, refuse));
        int refused = story.FindIndex(c => c is MutateCommand { Op: PutOp put } && Encoding.ASCII.GetString(put.Key.Span) == "late");
        Assert.Contains("expected", Bend(story, refused, static r => Used(r, new QuotaUse(1, 5_990))));
        Assert.Contains("expected", Bend(story, refused, static r => Used(r, new QuotaUse(8, 10))));
        Assert.Contains("limit", Bend(story, refused, static r => r with
        {
            Result = (QuotaExceededResult)r.Result! with { Terms = new QuotaTerms(KvLimits.NoQuota, 5) },
        }));
    }

    [Fact]
    public void A_store_over_its_limit_or_with_a_wrong_count_is_rejected()
    {
        Apply(new SetStoreQuotaCommand(1_000));
        StoreView before = _store.Publish();
        Apply(Put("a", 10));
        StoreView after = _store.Publish();
        SpaceChecker.Check(before, after, mustRecount: true);
        after.Root.Cost += 7;
        Assert.Throws<SimulationViolationException>(() => SpaceChecker.Check(before, after, mustRecount: true));
        after.Root.Cost += 1_000;
        Assert.Throws<SimulationViolationException>(() => SpaceChecker.Check(before, after, mustRecount: false));
        Assert.Throws<SimulationViolationException>(() => SpaceChecker.Check(after, after, mustRecount: false));
    }

    private static CommandResult Used(CommandResult result, QuotaUse use) =>
        result with { Result = (QuotaExceededResult)result.Result! with { Use = use } };

    private string? Bend(List<KvCommand> story, int bent, Func<CommandResult, CommandResult> bend)
    {
        var store = new MvccStore();
        var naive = new NaiveStore();
        for (int i = 0; i < story.Count; i++)
        {
            CommandResult result = store.Apply(store.AppliedIndex.Next, KvCommandCodec.Encode(story[i]));
            if (naive.Run(story[i], i == bent ? bend(result) : result) is { } problem)
            {
                return i == bent ? problem : $"too late: {problem}";
            }
        }

        return null;
    }

    private CommandResult Apply(KvCommand command) => _store.Apply(_store.AppliedIndex.Next, KvCommandCodec.Encode(command));

    private static IEnumerable<KvCommand> Story()
    {
        yield return new SetStoreQuotaCommand(6_000, IsSeed: true);
        yield return new SetStoreQuotaCommand(9_000, IsSeed: true);
        yield return new SetQuotaCommand("p"u8.ToArray(), new QuotaTerms(1, KvLimits.NoQuota));
        yield return Put("p1", 10);
        yield return Put("p2", 10);
        yield return new RemoveQuotaCommand("q"u8.ToArray());
        for (int i = 0; i < 8; i++)
        {
            yield return Put("k" + i, 320);
        }

        yield return Put("late", 400);
        yield return new GrantLeaseCommand(new LeaseId(5), 1_000);
        yield return new MutateCommand(new DeleteRangeOp(KeyRange.Prefix("k"u8.ToArray())));
        yield return Put("x", 0);
        yield return new ClearAlarmCommand(AlarmKind.Corrupt, NodeId.None);
        yield return new RaiseAlarmCommand(AlarmKind.Corrupt, new NodeId(2), AlarmCause.Hand);
        yield return new CompactCommand(new Revision(3));
        yield return new ClearAlarmCommand(AlarmKind.Corrupt, new NodeId(2));
        yield return new ReportBudgetCommand(new NodeId(1), 100_000);
        yield return new SetStoreQuotaCommand(50_000);
        yield return Put("roomy", 3_000);
    }

    private static MutateCommand Put(string key, int valueLength) => new(new PutOp(Encoding.ASCII.GetBytes(key), new byte[valueLength]));
}
