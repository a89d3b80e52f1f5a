using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using RaftKv.Client;
using RaftKv.Hosts.Tests.Support;
using RaftKv.Orleans;

namespace RaftKv.Hosts.Tests.Orleans;

/// <summary>Membership, reminders and the grain directory, on three real nodes, also while their leader is killed.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class OrleansTableTests(ThreeNodesFixture nodes)
{
    private static readonly Dictionary<string, Func<MembershipContract, Task>> _membership = new(StringComparer.Ordinal)
    {
        [nameof(MembershipContract.ReadAll_EmptyTable)] = static contract => contract.ReadAll_EmptyTable(),
        [nameof(MembershipContract.InsertRow)] = static contract => contract.InsertRow(),
        [nameof(MembershipContract.ReadRow_Insert_Read)] = static contract => contract.ReadRow_Insert_Read(),
        [nameof(MembershipContract.ReadAll_Insert_ReadAll)] = static contract => contract.ReadAll_Insert_ReadAll(),
        [nameof(MembershipContract.UpdateRow)] = static contract => contract.UpdateRow(),
        [nameof(MembershipContract.UpdateRowInParallel)] = static contract => contract.UpdateRowInParallel(),
        [nameof(MembershipContract.UpdateIAmAlive)] = static contract => contract.UpdateIAmAlive(),
        [nameof(MembershipContract.CleanupDefunctSiloEntries)] = static contract => contract.CleanupDefunctSiloEntries(),
        [nameof(MembershipContract.GetGateways)] = static contract => contract.GetGateways(),
    };

    public static TheoryData<string> MembershipCases => [.. _membership.Keys];

    [Theory]
    [MemberData(nameof(MembershipCases))]
    public async Task Membership_keeps_the_contract(string name) => await _membership[name](await NewMembershipAsync());

    [Fact]
    public Task Membership_reminders_and_directory_keep_their_contracts_while_the_leader_is_killed() => nodes.WithoutLeaderAsync(async () =>
    {
        IEnumerable<Task> membership = _membership.Values.Select(async test => await test(await NewMembershipAsync()));
        await Task.WhenAll([.. membership, RemindersAsync(NewReminders()), RegisterManyAsync(NewDirectory())]);
    });

    [Fact]
    public async Task A_table_that_was_never_initialized_takes_a_first_row_and_another_cluster_sees_nothing_of_it()
    {
        string clusterId = ThreeNodesFixture.NewName("bare\tone/");
        RaftKvMembershipTable table = new(nodes.Client, "orleans/", clusterId);
        await new MembershipContract(table, NewGateways(table)).InsertRow();
        RaftKvMembershipTable other = new(nodes.Client, "orleans/", clusterId[..^1]);
        Assert.Empty((await other.ReadAllAsync()).Members);

        await table.DeleteMembershipTableEntriesAsync(clusterId);
        Assert.Empty((await table.ReadAllAsync()).Members);
    }

    [Fact]
    public Task Reminders_keep_the_contract() => RemindersAsync(NewReminders());

    [Fact]
    public async Task Reminders_are_read_by_ranges_of_hashes_on_a_ring()
    {
        RaftKvReminderTable table = NewReminders();
        GrainId[] grains = [.. Enumerable.Range(0, 40).Select(static _ => NewGrain())];
        await Task.WhenAll(grains.Select(grain => table.UpsertRow(NewReminder(grain, "a/b"))));
        uint[] hashes = [.. grains.Select(static grain => grain.GetUniformHashCode())];

        // Borders that are hashes themselves: begin is excluded, end is included.
        foreach ((uint begin, uint end) in ((uint, uint)[])
                 [(0, uint.MaxValue), (0, 0), (7, 7), (hashes[0], hashes[1]), (hashes[1], hashes[0]), (hashes[2], hashes[2]),
                     (uint.MaxValue, 0)])
        {
            IEnumerable<uint> expected = hashes.Where(hash => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end);
            ReminderTableData rows = await table.ReadRows(begin, end);
            Assert.Equal(expected.Order(), rows.Reminders.Select(static row => row.GrainId.GetUniformHashCode()).Order());
        }
    }

    [Fact]
    public async Task The_directory_registers_looks_up_and_unregisters()
    {
        RaftKvGrainDirectory directory = NewDirectory();
        GrainAddress first = NewAddress(NewGrain(), "10.0.23.12:1000@5678");
        Assert.Null(await directory.Lookup(first.GrainId));
        Assert.Equal(first, await directory.Register(first));
        Assert.Equal(first, await directory.Lookup(first.GrainId));

        GrainAddress otherActivation = NewAddress(first.GrainId, "10.0.23.12:1000@5678");
        GrainAddress otherSilo = NewAddress(first.GrainId, "10.0.23.14:1000@4583", first.ActivationId);
        Assert.Equal(first, await directory.Register(otherActivation));
        Assert.Equal(first, await directory.Register(otherSilo));
        await directory.Unregister(otherActivation);
        Assert.Equal(first, await directory.Lookup(first.GrainId));

        Assert.Equal(first, await directory.Register(otherSilo, previousAddress: otherActivation));
        Assert.Equal(otherSilo, await directory.Register(otherSilo, previousAddress: first));
        await directory.Unregister(first);
        Assert.Equal(otherSilo, await directory.Lookup(first.GrainId));
        await directory.Unregister(otherSilo);
        Assert.Null(await directory.Lookup(first.GrainId));
    }

    [Fact]
    public async Task What_a_dead_silo_had_is_forgotten_but_not_what_has_moved()
    {
        RaftKvGrainDirectory directory = NewDirectory();
        GrainAddress[] there = [.. Enumerable.Range(0, 70).Select(static _ => NewAddress(NewGrain(), "10.0.0.1:1000@1"))];
        await Task.WhenAll(there.Select(address => directory.Register(address)));
        GrainAddress moved = NewAddress(there[0].GrainId, "10.0.0.2:1000@1");
        Assert.Equal(moved, await directory.Register(moved, previousAddress: there[0]));

        await directory.UnregisterSilos([SiloAddress.FromParsableString("10.0.0.1:1000@1")]);

        Assert.Equal(moved, await directory.Lookup(moved.GrainId));
        foreach (GrainAddress gone in there[1..])
        {
            Assert.Null(await directory.Lookup(gone.GrainId));
        }
    }

    private static async Task RemindersAsync(RaftKvReminderTable table)
    {
        GrainId grain = NewGrain();
        ReminderEntry reminder = NewReminder(grain, "wake up");
        Assert.Null(await table.ReadRow(grain, "wake up"));
        string? first = await table.UpsertRow(reminder);
        ReminderEntry read = (await table.ReadRow(grain, "wake up"))!;
        Assert.Equal((first, reminder.StartAt, reminder.Period), (read.ETag, read.StartAt, read.Period));

        string second = (await table.UpsertRow(reminder))!;
        Assert.Single((await table.ReadRows(grain)).Reminders);
        Assert.False(await table.RemoveRow(grain, "wake up", first!), "Removed under an old ETag.");
        Assert.False(await table.RemoveRow(grain, "bla", second), "Removed under another name.");
        Assert.False(await table.RemoveRow(grain, "wake up", "no etag"), "Removed under no ETag.");
        Assert.True(await table.RemoveRow(grain, "wake up", second));
        Assert.False(await table.RemoveRow(grain, "wake up", second), "Removed twice.");

        string?[] etags = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => table.UpsertRow(reminder)));
        Assert.Equal(5, etags.Distinct().Count());
    }

    /// <summary>Of those who register a grain at once, one wins, and all are told the same.</summary>
    private static async Task RegisterManyAsync(RaftKvGrainDirectory directory)
    {
        for (int round = 0; round < 5; round++)
        {
            GrainId grain = NewGrain();
            GrainAddress?[] told = await Task.WhenAll(
                Enumerable.Range(1, 8).Select(silo => directory.Register(NewAddress(grain, $"10.0.0.{silo}:1000@1"))));
            Assert.Equal(await directory.Lookup(grain), Assert.Single(told.Distinct()));
        }
    }

    private async Task<MembershipContract> NewMembershipAsync()
    {
        RaftKvMembershipTable table = new(nodes.Client, "orleans/", ThreeNodesFixture.NewName("members"));
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        return new MembershipContract(table, NewGateways(table));
    }

    private static RaftKvGatewayListProvider NewGateways(RaftKvMembershipTable table) => new(table, Options.Create(new GatewayOptions()));

    private RaftKvReminderTable NewReminders() =>
        new(nodes.Client, TableKeys.Reminders("orleans/", ThreeNodesFixture.NewName("service")));

    private RaftKvGrainDirectory NewDirectory() =>
        new(nodes.Client, TableKeys.Directory("orleans/", ThreeNodesFixture.NewName("cluster"), "Default"));

    private static GrainId NewGrain() => GrainId.Parse("user/" + Guid.NewGuid().ToString("N"));

    private static GrainAddress NewAddress(GrainId grain, string silo, ActivationId? activation = null) => new()
    {
        GrainId = grain,
        SiloAddress = SiloAddress.FromParsableString(silo),
        ActivationId = activation ?? ActivationId.NewId(),
        MembershipVersion = new MembershipVersion(51),
    };

    private static ReminderEntry NewReminder(GrainId grain, string name) => new()
    {
        GrainId = grain,
        ReminderName = name,
        StartAt = TimeProvider.System.GetUtcNow().UtcDateTime,
        Period = TimeSpan.FromMinutes(1),
    };
}
