using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Nemeses;
using RaftKv.JepsenStyle.Runs;
using RaftKv.JepsenStyle.Workloads;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// A backup of revision 50 from 100 to 110 ms, the cluster lost at 200 ms, a restored one from revision 1000 on: what clients may
/// have seen around that, and what they must not.
/// </summary>
public sealed class RestoreCheckerTests
{
    private const long Ms = 1_000_000;

    private static readonly Restoration _restored =
        new(100 * Ms, 110 * Ms, 50, 200 * Ms, 300 * Ms, 1000, KeepsLeases: false, IsFoundedByAll: true);

    private static readonly Restoration _kept = _restored with { KeepsLeases = true };

    [Fact]
    public void What_the_backup_held_is_there_and_what_came_after_it_is_gone() => Accept(
        _restored, Write(10, 1, 40), Write(150, 2, 60), List(160, 60, (1, 40), (2, 60)), List(400, 1000, (1, 40)), Write(410, 3, 1001),
        List(420, 1001, (1, 40), (3, 1001)), End((1, 40), (3, 1001)));

    [Fact]
    public void A_history_without_a_restore_is_judged_too()
    {
        Accept(Write(10, 1, 40), List(20, 40, (1, 40)), End((1, 40)));
        Reject("lost", Write(10, 1, 40), List(20, 41), End((1, 40)));
    }

    [Fact]
    public void A_pair_of_the_backup_that_is_missing_is_found()
    {
        Reject("lost", _restored, Write(10, 1, 40), List(400, 1000), End((1, 40)));
        Reject("lost", _restored, Write(10, 1, 40), End());
        Reject("lost", _restored, Write(10, 1, 40), Write(410, 3, 1001), List(420, 1001, (1, 40)), End((1, 40), (3, 1001)));
    }

    [Fact]
    public void An_unknown_write_that_was_seen_is_held_to_it_by_the_restore()
    {
        RestoreOperation unknown = Write(10, 1, 0) with { Outcome = Outcome.Info, Revision = null };
        Accept(_restored, unknown, List(20, 45, (1, 40)), List(400, 1000, (1, 40)), End((1, 40)));
        Accept(_restored, unknown, List(400, 1000), End());
        Reject("lost", _restored, unknown, List(20, 45, (1, 40)), List(400, 1000), End((1, 40)));
        Reject("moved", _restored, unknown, List(20, 45, (1, 40)), List(400, 1000, (1, 41)), End((1, 41)));
    }

    [Fact]
    public void A_pair_of_after_the_backup_that_comes_back_is_found()
    {
        Reject("came back", _restored, Write(150, 2, 60), List(400, 1000, (2, 60)), End());
        Reject("came back", _restored, Write(150, 2, 60), End((2, 60)));
        Reject("came back", _restored, Write(150, 2, 0) with { Outcome = Outcome.Info, Revision = null }, End((2, 60)));
    }

    [Fact]
    public void Half_a_pair_and_one_that_nobody_wrote_are_found()
    {
        RestoreOperation list = List(400, 1000, (1, 40));
        Reject("half", _restored, Write(10, 1, 40), list with { Items = [list.Items![0]] }, End((1, 40)));
        Reject("invented", _restored, Write(10, 1, 40) with { Outcome = Outcome.Fail, Revision = null }, End((1, 40)));
        Reject("invented", _restored, End((7, 40)));
        Reject("invented", Write(10, 1, 40), List(20, 39, (1, 40)), End((1, 40)));
    }

    [Fact]
    public void Revisions_that_fall_or_come_again_are_found()
    {
        Reject("older data", _restored, Write(10, 1, 40), List(400, 45, (1, 40)), End((1, 40)));
        Reject("older data", _restored, Write(400, 1, 51), End((1, 51)));
        Reject("again", _restored, List(150, 1000), End());
        Reject("again", _restored, Acquire(150, 1000), End());
        Reject("backup", _restored, Write(50, 1, 51), End());
        Accept(_restored, Write(105, 1, 51), End());
    }

    [Fact]
    public void A_token_that_does_not_grow_breaks_K2()
    {
        Reject("K2", _kept, Acquire(150, 70), Acquire(400, 70), End());
        Reject("K2", _restored, Acquire(150, 70), Acquire(400, 60), End());
        Accept(_restored, Acquire(150, 70), Acquire(400, 1001), End());
    }

    [Fact]
    public void A_resource_that_takes_a_smaller_token_breaks_K3() => Reject(
        "K3", _kept, Acquire(10, 40), Step(RestoreStep.FencedWrite, 400, 1005, 1001), Step(RestoreStep.FencedWrite, 410, 1006, 40), End());

    [Fact]
    public void A_session_token_of_before_must_be_refused_and_one_of_now_must_not()
    {
        RestoreOperation old = List(400, 1000) with { SessionRevision = 40 };
        Reject("session", _restored, old, End());
        Accept(_restored, Refused(old, "400 session-mismatch"), End());
        Reject("session", _restored, Refused(old with { SessionRevision = 1000 }, "400 session-mismatch"), End());
        Reject("session", _restored, Refused(List(150, 0) with { SessionRevision = 40 }, "400 session-mismatch"), End());
        Accept(_restored, List(400, 1000) with { SessionRevision = 1000 }, End());
    }

    [Theory]
    [InlineData("KeepLock")]
    [InlineData("FencedWrite")]
    [InlineData("Release")]
    public void A_lock_of_before_has_ended_unless_it_was_kept(string step)
    {
        RestoreOperation asked = Step(Enum.Parse<RestoreStep>(step), 400, 1001, 40);
        Reject("ended", _restored, Acquire(10, 40), asked, End());
        Accept(_kept, Acquire(10, 40), asked, End());
        Accept(_restored, Acquire(10, 40), Refused(asked, "412 not-holder"), End());
        Reject("kept", _kept, Acquire(10, 40), Refused(asked, "412 not-holder"), End());
        Accept(_kept, Acquire(10, 40), Step(RestoreStep.Release, 20, 41, 40), Refused(asked, "412 not-holder"), End());
        Reject("kept", Acquire(10, 40), Refused(asked, "412 fence-lost"), End());
    }

    [Fact]
    public void A_lock_that_came_after_the_backup_has_ended_even_where_locks_are_kept() =>
        Reject("ended", _kept, Acquire(150, 60), Step(RestoreStep.KeepLock, 400, 1001, 60), End());

    [Fact]
    public void A_lease_and_its_key_have_ended_unless_they_were_kept()
    {
        RestoreOperation grant = Lease(RestoreStep.Grant, 10, 40);
        RestoreOperation renew = Lease(RestoreStep.Renew, 400, 1000);
        RestoreOperation look = Lease(RestoreStep.Look, 410, 1000) with { IsThere = true };
        Accept(_kept, grant, renew, look, End());
        Reject("ended", _restored, grant, renew, End());
        Reject("ended", _restored, grant, look, End());
        Reject("kept", _kept, grant, Refused(renew, "404 lease-not-found"), End());
        Reject("kept", _kept, grant, look with { IsThere = false }, End());
        Reject("ended", _kept, Lease(RestoreStep.Grant, 150, 60), look, End());
    }

    [Fact]
    public void A_client_session_of_before_is_unknown_even_where_leases_are_kept_and_adds_nothing()
    {
        RestoreOperation open = Session(RestoreStep.Open, 10, 0, 0);
        RestoreOperation add = Session(RestoreStep.Add, 20, 1, 1);
        RestoreOperation late = Session(RestoreStep.Add, 400, 1, 1);
        const string unknown = "409 client-session-unknown";
        Accept(_kept, open, add, End());
        Reject("ended", _kept, open, late, End());
        Accept(_kept, open, Refused(late, unknown), End());
        Reject("kept", open, Refused(add, unknown), End());
        Reject("A3", open, add with { Result = 2 }, End());
    }

    [Fact]
    public void What_is_not_known_of_either_cluster_is_not_judged() => Accept(
        _restored, Acquire(10, 40), Step(RestoreStep.KeepLock, 199, 45, 40) with { EndNs = 201 * Ms }, End());

    [Fact]
    public void A_node_whose_end_was_not_read_leaves_a_doubt() =>
        Assert.Equal(Validity.Unknown, RestoreChecker.Check([_restored, Write(10, 1, 40)], nodeCount: 1).Validity);

    [Fact]
    public void Restores_that_met_nothing_prove_nothing()
    {
        HistoryLine[] enough =
        [
            _restored, Write(10, 1, 40), Write(150, 2, 60),
            Acquire(10, 41), Refused(Step(RestoreStep.KeepLock, 400, 0, 41), "412 not-holder"),
            Lease(RestoreStep.Grant, 10, 42), Refused(Lease(RestoreStep.Renew, 400, 0), "404 lease-not-found"),
            Refused(List(400, 0) with { SessionRevision = 40 }, "400 session-mismatch"),
            Session(RestoreStep.Open, 10, 0, 0), Refused(Session(RestoreStep.Add, 400, 1, 1), "409 client-session-unknown"),
        ];
        Assert.Equal(Validity.Valid, RestoreChecker.Coverage(enough).Validity);
        Assert.Equal(Validity.Valid, RestoreChecker.Coverage([Write(10, 1, 40)]).Validity);
        foreach (int left in (int[])[1, 2, 4, 6, 7, 9])
        {
            Assert.Equal(Validity.Unknown, RestoreChecker.Coverage([.. enough.Where((_, i) => i != left)]).Validity);
        }
    }

    [Fact]
    public void Only_a_workload_that_knows_of_backups_runs_under_the_nemesis()
    {
        Catalogue.Require([new RestoreWorkload().Name], new RestoreNemesis().Name);
        Catalogue.Require([new RestoreWorkload().Name, "set"], "kill");
        Assert.Throws<ArgumentException>(() => Catalogue.Require(["restore", "set"], "restore"));
        Assert.Throws<ArgumentException>(() => JepsenCli.Parse(["--workload", "bank", "--nemesis", "restore"]));
        var plan = new MatrixPlan(30, 1, [new PlanBlock(["set"], ["restore"])]);
        Assert.Throws<ArgumentException>(() => plan.Checked());
    }

    private static RestoreOperation Op(RestoreStep step, string? name, long ms, long revision) =>
        new(1, "n1", step, name, ms * Ms, (ms + 5) * Ms, Outcome.Ok, Revision: revision);

    private static RestoreOperation Write(long ms, long number, long revision) =>
        Op(RestoreStep.Write, null, ms, revision) with { Number = number };

    private static RestoreOperation List(long ms, long revision, params (long Number, long Revision)[] pairs) =>
        Op(RestoreStep.List, RestoreWorkload.GroupOf(1), ms, revision) with { Level = "eventual", Items = Items(pairs) };

    private static RestoreOperation Step(RestoreStep step, long ms, long revision, long token) =>
        Op(step, "l", ms, revision) with { Token = token };

    private static RestoreOperation Acquire(long ms, long token) => Step(RestoreStep.Acquire, ms, token, token);

    private static RestoreOperation Lease(RestoreStep step, long ms, long revision) => Op(step, "leased/1", ms, revision);

    private static RestoreOperation Session(RestoreStep step, long ms, long number, long result) =>
        Op(step, "session", ms, 0) with { Revision = null, Number = number, Result = step == RestoreStep.Add ? result : null };

    private static RestoreOperation Refused(RestoreOperation operation, string error) =>
        operation with { Outcome = Outcome.Fail, Revision = null, Items = null, IsThere = null, Error = error };

    private static SeenPair[] Items((long Number, long Revision)[] pairs) =>
        [.. pairs.SelectMany(pair => RestoreWorkload.KeysOf(pair.Number).Select(key => new SeenPair(key, pair.Number, pair.Revision)))];

    // What a node shows at the end.
    private static HistoryLine[] End(params (long Number, long Revision)[] pairs) =>
    [
        .. Items(pairs).Select(item => new FinalPair("n1", item.Key, item.Value, 1, item.ModRevision, item.ModRevision)),
        new FinalNode("n1", 2 * pairs.Length, 1, 1),
    ];

    private static void Accept(params object[] lines)
    {
        Verdict verdict = RestoreChecker.Check(Lines(lines), nodeCount: 1);
        Assert.True(verdict.Validity == Validity.Valid, string.Join('\n', verdict.Problems));
    }

    private static void Reject(string because, params object[] lines)
    {
        Verdict verdict = RestoreChecker.Check(Lines(lines), nodeCount: 1);
        Assert.Equal(Validity.Violation, verdict.Validity);
        Assert.Contains(verdict.Problems, problem => problem.StartsWith(because, StringComparison.Ordinal));
    }

    private static HistoryLine[] Lines(object[] lines) =>
        [.. lines.SelectMany(line => line is HistoryLine one ? [one] : (HistoryLine[])line)];
}
