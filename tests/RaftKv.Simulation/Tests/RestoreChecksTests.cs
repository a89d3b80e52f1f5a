using RaftKv.Core.Identity;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Snapshot;
using RaftKv.Core.Store.Tree;
using RaftKv.Service.Sessions;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>
/// The checks of a restore midway: a right one passes, and each is rejected that has one thing as it must not be. The backup has a
/// key, a lock on a lease, a client session with an answer, an answer under a key, and the budget of a member.
/// </summary>
public sealed class RestoreChecksTests
{
    private static readonly ClientSessionId _session = new(5);
    private readonly MvccStore _store = new();
    private readonly NaiveStore _naive = new();

    public RestoreChecksTests()
    {
        var keyed = new CommandKey("once"u8.ToArray(), new byte[KvLimits.PayloadHashBytes]);
        var stamp = new SessionStamp(_session, 1, 0, new byte[KvLimits.PayloadHashBytes]);
        Apply(new SetClusterVersionCommand(new ClusterVersion(5)));
        Apply(Put("r0"));
        Apply(Put("r1") with { Idempotency = keyed });
        Apply(new OpenSessionCommand(_session));
        Apply(Put("r2") with { Session = stamp });
        byte[] name = "a"u8.ToArray();
        Apply(new MutateCommand(new AcquireOp(LockKind.Lock, name, LockMode.Exclusive, new LeaseId(9), "x"u8.ToArray(), TtlMs: 500)));
        Apply(new ReportBudgetCommand(new NodeId(3), 40_000_000));
        Apply(Put("r3"));
        _store.Publish();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_store_makes_of_a_backup_is_what_the_plain_model_makes_of_it(bool keepsLeases)
    {
        StoreView backup = _store.View;
        StoreView state = Restored(keepsLeases);
        RestoreModel(keepsLeases);
        RestoreChecks.CheckBegin(_naive, state, backup, backup.Revision);
    }

    [Fact]
    public void A_backup_that_is_gone_on_from_as_it_is_is_seen()
    {
        RestoreModel(keepsLeases: false);
        Fails("T16", () => RestoreChecks.CheckBegin(_naive, _store.View, _store.View, _store.View.Revision));
    }

    [Fact]
    public void A_beginning_that_is_not_beyond_what_was_handed_out_is_seen()
    {
        StoreView backup = _store.View;
        StoreView state = Restored(keepsLeases: false);
        RestoreModel(keepsLeases: false);
        Fails("T16", () => RestoreChecks.CheckBegin(_naive, state, backup, state.Revision));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Leases_that_live_on_and_must_not_or_end_and_must_not_are_seen(bool keepsLeases)
    {
        StoreView backup = _store.View;
        StoreView state = Restored(keepsLeases);
        RestoreModel(!keepsLeases);
        Fails("T16", () => RestoreChecks.CheckBegin(_naive, state, backup, backup.Revision));
    }

    [Fact]
    public void What_is_lost_of_the_backup_is_seen()
    {
        StoreView backup = _store.View;
        StoreView state = Restored(keepsLeases: false);
        Apply(Put("r4"));
        RestoreModel(keepsLeases: false);
        Fails("T16", () => RestoreChecks.CheckBegin(_naive, state, backup, backup.Revision));
    }

    [Fact]
    public void A_client_session_and_an_answer_under_a_key_are_judged_by_what_must_become_of_them()
    {
        StoreView state = Restored(keepsLeases: false);
        Assert.NotNull(_naive.CheckWhole(state));
        RestoreModel(keepsLeases: false);
        Assert.Equal((0, 1), (_naive.Once.SessionCount, _naive.Once.KeyCount));
        Assert.Null(_naive.CheckWhole(state));
    }

    [Fact]
    public void A_session_of_before_that_is_known_is_seen()
    {
        RestoreModel(keepsLeases: false);
        var stamp = new SessionStamp(_session, 2, 1, new byte[KvLimits.PayloadHashBytes]);
        var taken = new CommandResult(CommandStatus.Ok, new Revision(_naive.Revision + 1));
        Assert.NotNull(_naive.Run(Put("r2") with { Session = stamp }, taken));
    }

    [Fact]
    public void Answers_and_tokens_of_revisions_that_were_handed_out_are_seen()
    {
        const long Newest = 150;
        var terms = new RestoreTerms(new Revision(2_000_000_000));
        ClientOperation right = Answered(2_000_000_001, token: 2_000_000_001);
        RestoreChecks.CheckAnswer(right, terms, Newest);
        Fails("T16", () => RestoreChecks.CheckAnswer(Answered(101, token: null), terms, Newest));
        Fails("T16", () => RestoreChecks.CheckAnswer(Answered(2_000_000_001, token: 140), terms, Newest));

        // The place of a lease that lives on keeps its token.
        RestoreChecks.CheckAnswer(Answered(2_000_000_001, token: 140), terms with { KeepsLeases = true }, Newest);
    }

    [Fact]
    public void A_token_of_before_that_is_taken_is_seen()
    {
        SimulatedCluster cluster = NewCluster();
        SessionSeal seal = FormerTokens.SealOf(cluster, cluster.Observer.CommittedView);
        SealVerdict genuine = seal.Open(seal.Encode(new SessionMark(new Revision(3), new Revision(2))), out SessionToken token);
        Assert.Equal(new Revision(3), token.Seen.Read);
        Fails("T16", () => FormerTokens.Demand(genuine));

        SessionSeal restored = FormerTokens.SealOf(cluster, Restored(keepsLeases: false));
        FormerTokens.Demand(restored.Open(seal.Encode(default), out _));
    }

    [Fact]
    public void R15_who_is_let_in_from_another_cluster_is_seen()
    {
        SimulatedCluster cluster = NewCluster();
        SimulatedNode node = cluster.Nodes[0];
        NodeId other = cluster.Nodes[1].Id;
        Stragglers.Judge(cluster, node, new DialClaim(cluster.ClusterId + 1, other, node.Id), wasRemoved: false);
        Fails("R15", () => Stragglers.Judge(cluster, node, new DialClaim(cluster.ClusterId, other, node.Id), wasRemoved: false));
    }

    [Fact]
    public void A_world_without_a_restore_is_what_it_was_before_any_could_be_drawn()
    {
        ulong seed = 1;
        while (SeedRunnerProfile(seed) is not { Beginning: null, HasRollbacks: false })
        {
            seed++;
        }

        var options = new Running.SeedOptions { Seconds = 3 };
        ulong with = Running.SeedRunner.Run(seed, options).TraceHash;
        Running.SeedOptions none = options with { Restores = 0, LoneRestores = 0, Recoveries = 0, Rollbacks = 0 };
        Assert.Equal(with, Running.SeedRunner.Run(seed, none).TraceHash);
    }

    [Theory]
    [InlineData("--restores", (int)NewBeginning.RestoredByAll)]
    [InlineData("--lone-restores", (int)NewBeginning.RestoredByOne)]
    [InlineData("--recoveries", (int)NewBeginning.Recovered)]
    public void A_world_that_begins_anew_runs_twice_alike_and_is_another_than_without(string option, int beginning)
    {
        Running.SeedOptions options = Running.Arguments.Parse(["--time", "10", option], out _)!.ToOptions();
        Assert.Contains(option, options.ToText(), StringComparison.Ordinal);
        ulong seed = 1;
        while (Running.SeedRunner.ProfileOf(seed, options).Beginning != (NewBeginning)beginning)
        {
            seed++;
        }

        Running.SeedResult first = Running.SeedRunner.Run(seed, options);
        Assert.True(first.IsOk, first.Failure);
        Assert.Equal(1, first.Counters.Faults.BeganAnew[beginning]);
        Assert.Equal(first.TraceHash, Running.SeedRunner.Run(seed, options).TraceHash);
        Running.SeedOptions none = options with { Restores = 0, LoneRestores = 0, Recoveries = 0 };
        Assert.NotEqual(first.TraceHash, Running.SeedRunner.Run(seed, none).TraceHash);
    }

    private static SwarmProfile SeedRunnerProfile(ulong seed) => Running.SeedRunner.ProfileOf(seed, new Running.SeedOptions());

    private static SimulatedCluster NewCluster()
    {
        var profile = new SwarmProfile(new DeterministicRandom(1), voterCount: 3);
        profile.MakeCalm();
        return new SimulatedCluster(1, profile, new DeterministicRandom(1));
    }

    private static ClientOperation Answered(long revision, long? token)
    {
        KeyValue place = KeyValue.Of(
            VersionBytes.Copy("_raftkv/locks/a"u8, "x"u8), new Revision(token ?? 1), new Revision(revision), 0, version: 1, new LeaseId(9));
        OpResult? result = token is null ? null : new AcquireResult(place, IsHolder: true, Position: 0, HolderCount: 1);
        return new ClientOperation
        {
            Id = 1,
            Client = 0,
            Node = 0,
            Life = 0,
            Origin = new NodeId(1),
            Incarnation = 1,
            InvokedAt = 1,
            Command = Put("r0"),
            Outcome = OperationOutcome.Ok,
            Result = new CommandResult(CommandStatus.Ok, new Revision(revision)) { Result = result },
        };
    }

    private StoreView Restored(bool keepsLeases)
    {
        StoreView backup = _store.View;
        MvccStore copy = StoreSnapshot.Decode(StoreSnapshot.Encode(backup, 4_096));
        StoreView restored = copy.RestoreAs(new RestoreTerms(RestoreTerms.BeginAt(backup.Revision, 0), keepsLeases));

        // What a node begins with is what was written down.
        return StoreSnapshot.Decode(StoreSnapshot.Encode(restored, 4_096)).View;
    }

    private void RestoreModel(bool keepsLeases) => _naive.Restore(
        RestoreTerms.BeginAt(_store.View.Revision, 0).Value, keepsLeases, _store.View.AppliedIndex.Value + 1);

    private void Apply(KvCommand command)
    {
        CommandResult result = _store.Apply(_store.AppliedIndex.Next, KvCommandCodec.Encode(command));
        Assert.Null(_naive.Run(command, result, index: _store.AppliedIndex.Value));
    }

    private static MutateCommand Put(string key) => new(new PutOp(System.Text.Encoding.ASCII.GetBytes(key), "1"u8.ToArray()));

    private static void Fails(string rule, Action check) => Assert.Equal(rule, Assert.Throws<SimulationViolationException>(check).Rule);
}
