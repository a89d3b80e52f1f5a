using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>R16: builds that differ by a rule reach one hash at one index, because the rule stands behind a gate.</summary>
public sealed class GateTests
{
    private static readonly GateTable New = GateTable.ThisBuild;
    private static readonly GateTable Old = New.UpTo(ClusterVersion.Base);

    // A build in which the rule of the gate is in force whatever the log says.
    private static readonly GateTable Ungated = new(
        New.Newest, [.. New.Gates.Select(gate => gate with { Since = ClusterVersion.Base })]);

    public static TheoryData<FeatureGate, ulong> GatesAndSeeds()
    {
        TheoryData<FeatureGate, ulong> data = [];
        foreach (GateInfo gate in New.Gates)
        {
            data.Add(gate.Gate, 1UL);
            data.Add(gate.Gate, 2UL);
            data.Add(gate.Gate, 3UL);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(GatesAndSeeds))]
    public void Two_builds_whose_snapshots_are_cut_at_different_indexes_end_at_equal_hashes(FeatureGate gate, ulong seed)
    {
        ClusterVersion since = New.SinceOf(gate);
        Assert.Null(FirstDifference(seed, New.UpTo(since), New.UpTo(new ClusterVersion(since.Value - 1))));
    }

    [Fact]
    public void The_comparison_notices_a_rule_that_is_not_behind_its_gate() =>
        Assert.NotNull(FirstDifference(seed: 1, New, Ungated));

    [Fact]
    public void A_command_of_a_gate_stops_the_build_that_lacks_it_and_applies_nothing()
    {
        foreach ((FeatureGate gate, KvCommand command) in Gated())
        {
            ClusterVersion before = new(New.SinceOf(gate).Value - 1);
            Assert.Equal(New.SinceOf(gate), CommandNeeds.ToPropose(KvCommandCodec.Encode(command)));
            StoreHarness store = Founded(New.UpTo(before), before);
            (ulong hash, LogIndex index) = (store.Store.StateHash, store.Store.AppliedIndex);
            Assert.Throws<UnsupportedVersionException>(() => store.Apply(command));
            Assert.Equal((hash, index), (store.Store.StateHash, store.Store.AppliedIndex));
        }

        Assert.Equal(New.Gates.Select(gate => gate.Gate), Gated().Select(pair => pair.Gate).Distinct().Order());
    }

    [Fact]
    public void A_raise_to_a_version_that_the_build_does_not_support_stops_it_and_applies_nothing()
    {
        StoreHarness store = Founded(Old, ClusterVersion.Base);
        ulong before = store.Store.StateHash;
        LogIndex index = store.Store.AppliedIndex;

        UnsupportedVersionException refusal = Assert.Throws<UnsupportedVersionException>(
            () => store.Apply(new SetClusterVersionCommand(New.Newest)));

        Assert.Contains("supports versions up to 1", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((before, index), (store.Store.StateHash, store.Store.AppliedIndex));
    }

    [Fact]
    public void A_command_of_a_version_to_come_stops_the_store_and_bytes_that_no_build_means_do_not()
    {
        StoreHarness store = Founded(New, New.Newest);
        byte later = (byte)(New.Newest.Value + 1);
        Assert.Throws<UnsupportedVersionException>(() => store.ApplyBytes([later, 1, 0, 99]));
        Assert.Equal(CommandStatus.Malformed, store.ApplyBytes([1, 250]).Status);
        Assert.Equal(CommandStatus.Malformed, store.ApplyBytes([0, 1]).Status);

        // The version that a command says is the one that its contents need: one encoding for one command.
        byte[] put = KvCommandCodec.Encode(new MutateCommand(Put("a", "1")));
        put[0] = (byte)New.Newest.Value;
        Assert.Equal(CommandStatus.Malformed, store.ApplyBytes(put).Status);
    }

    [Fact]
    public void A_snapshot_of_a_version_to_come_is_told_from_a_bad_one()
    {
        byte[] snapshot = Snapshot(Founded(New, New.Newest).View);
        Assert.Throws<UnsupportedVersionException>(() => RaftKv.Core.Store.Snapshot.StoreSnapshot.Decode([snapshot], Old));
        Assert.Equal(New.Newest, Load(snapshot).ClusterVersion);
    }

    [Fact]
    public void The_version_never_falls_and_gates_open_with_it()
    {
        StoreHarness store = Founded(New, ClusterVersion.Base);
        Assert.Equal(ClusterVersion.Base, store.View.ClusterVersion);
        Assert.Equal(CommandStatus.Ok, store.Apply(new SetClusterVersionCommand(New.Newest)).Status);
        Assert.Equal(CommandStatus.AlreadySet, store.Apply(new SetClusterVersionCommand(ClusterVersion.Base)).Status);
        Assert.Equal(New.Newest, store.View.ClusterVersion);
    }

    [Fact]
    public void Every_gate_has_a_number_a_name_and_a_line_and_came_with_a_version_that_this_build_supports()
    {
        Assert.Equal(Enum.GetValues<FeatureGate>(), New.Gates.Select(gate => gate.Gate));
        Assert.All(New.Gates, gate => Assert.Matches("^[a-z]+(-[a-z]+)*$", gate.Name));
        Assert.All(New.Gates, gate => Assert.True(gate.Meaning.Length > 20 && !gate.Meaning.Contains('\n')));
        Assert.All(New.Gates, gate => Assert.InRange(gate.Since.Value, 2, New.Newest.Value));
    }

    private static StoreHarness Founded(GateTable gates, ClusterVersion version)
    {
        StoreHarness store = new(new MvccStore(gates));
        store.Store.Found(store.Store.AppliedIndex.Next, version);
        return store;
    }

    private static List<(FeatureGate Gate, KvCommand Command)> Gated()
    {
        MutateCommand put = new(Put("a", "1"));
        NodeId node = new(1);
        return
        [
            (FeatureGate.CompactionByWork, new CompactSliceCommand()),
            (FeatureGate.ClientSessions, new OpenSessionCommand(new ClientSessionId(7))),
            (FeatureGate.ClientSessions, new CloseSessionCommand(new ClientSessionId(7))),
            (FeatureGate.ClientSessions, new SetOnceLimitsCommand(OnceLimits.Default)),
            (FeatureGate.ClientSessions, put with { Session = new SessionStamp(new ClientSessionId(7), 1, 0, new byte[16]) }),
            (FeatureGate.AccessControl, new ChangeAccessCommand(new EnableAccess())),
            (FeatureGate.StoreQuota, new SetQuotaCommand(Bytes("a"), new QuotaTerms(1, 1))),
            (FeatureGate.StoreQuota, new RemoveQuotaCommand(Bytes("a"))),
            (FeatureGate.StoreQuota, new SetStoreQuotaCommand(1)),
            (FeatureGate.StoreQuota, new ReportBudgetCommand(node, 1)),
            (FeatureGate.StoreQuota, new RaiseAlarmCommand(AlarmKind.NoSpace, node, AlarmCause.Hand)),
            (FeatureGate.StoreQuota, new ClearAlarmCommand(AlarmKind.NoSpace, node)),
        ];
    }

    /// <summary>
    /// Two nodes apply one log: one of the new build, one of another until shortly before the cluster is raised. Both
    /// restart from snapshots, each at places of its own. The first index at which they differ; null when none.
    /// </summary>
    private static long? FirstDifference(ulong seed, GateTable one, GateTable other)
    {
        const int Length = 900;
        DeterministicRandom random = new(seed);
        RandomLog log = new(random);
        ClusterVersion founded = other.Newest < one.Newest ? other.Newest : ClusterVersion.Base;
        StoreHarness first = Founded(one, founded);
        StoreHarness second = Founded(other, founded);
        int raiseAt = Length / 2;
        int needed = 0;
        for (int i = 0; i < Length; i++)
        {
            if (i == raiseAt)
            {
                second = Reload(second, other.Newest < one.Newest ? one : other);
            }

            KvCommand command = i == raiseAt ? new SetClusterVersionCommand(one.Newest) : log.Next(first.View);
            needed += CommandNeeds.ToPropose(KvCommandCodec.Encode(command)) > founded ? 1 : 0;
            first.Apply(command);
            second.Apply(command);
            if (first.Store.StateHash != second.Store.StateHash)
            {
                return first.Store.AppliedIndex.Value;
            }

            first = random.Chance(20) ? Reload(first, first.Store.Gates) : first;
            second = random.Chance(30) ? Reload(second, second.Store.Gates) : second;
        }

        Assert.Equal(Snapshot(first.View), Snapshot(second.View));
        Assert.True(needed > 4, $"seed {seed}: {needed} commands needed the gate");
        return null;
    }

    private static StoreHarness Reload(StoreHarness store, GateTable gates) =>
        new(RaftKv.Core.Store.Snapshot.StoreSnapshot.Decode([Snapshot(store.View)], gates));

    /// <summary>Commands of every kind that the cluster's version allows.</summary>
    private sealed class RandomLog(DeterministicRandom random)
    {
        private readonly RandomCommands _commands = new(random, keyCount: 12);
        private readonly CoordinationCommands _coordination = new(random);

        public KvCommand Next(StoreView view)
        {
            while (true)
            {
                KvCommand command = random.Next(10) switch
                {
                    0 => SpaceCommands.Next(random, view),
                    1 or 2 => _coordination.Next(view),
                    3 when view.IsCompacting => new CompactSliceCommand(),
                    4 when random.Chance(200) => NextAccess(),
                    _ => _commands.Next(view.Revision.Value, view.CompactedRevision.Value),
                };
                if (CommandNeeds.ToPropose(KvCommandCodec.Encode(command)) <= view.ClusterVersion)
                {
                    return command;
                }
            }
        }

        // Root's, and rights are mostly out of force, so that the other commands have their effects.
        private ChangeAccessCommand NextAccess() => new(random.Next(8) switch
        {
            0 => new AddUser(Bytes("root"), default),
            1 => new GrantRole(Bytes("root"), Bytes("root")),
            2 => new AddRole(Bytes("r")),
            3 => new GrantKeys(Bytes("r"), KeyRange.Prefix(Bytes("a")), KeyRights.All),
            4 => new EnableAccess(),
            5 => new RevokeKeys(Bytes("r"), KeyRange.Prefix(Bytes("a"))),
            _ => new DisableAccess(),
        })
        {
            Principal = Principals.Root,
        };
    }
}
