using System.Net;
using Orleans;
using Orleans.Runtime;
using RaftKv.Orleans;

namespace RaftKv.Hosts.Tests.Orleans;

/// <summary>
/// What Orleans 10.4.2 asks of a membership table. Its own suite, MembershipTableTestsBase, is in no package; these are its
/// nine cases, written anew from the interface's documentation, and named as they are.
/// </summary>
internal sealed class MembershipContract(RaftKvMembershipTable table, RaftKvGatewayListProvider gateways)
{
    private const int SiloPort = 12_345;
    private static int s_generation;

    internal async Task ReadAll_EmptyTable()
    {
        MembershipTableData all = await table.ReadAllAsync();
        Assert.Empty(all.Members);
        Assert.Equal(0, all.Version.Version);
        Assert.NotNull(all.Version.VersionEtag);
    }

    internal async Task InsertRow()
    {
        await InsertAsync(NewEntry());
        MembershipTableData all = await table.ReadAllAsync();
        Assert.Equal(1, all.Version.Version);
        Assert.Single(all.Members);
    }

    internal async Task ReadRow_Insert_Read()
    {
        TableVersion next = (await table.ReadAllAsync()).Version.Next();
        MembershipEntry entry = NewEntry();
        Assert.True(await table.InsertRowAsync(entry, next));
        Assert.False(await table.InsertRowAsync(entry, next), "The same row at an old version was taken.");
        Assert.False(await table.InsertRowAsync(NewEntry(), next), "Another row at an old version was taken.");
        TableVersion later = (await table.ReadAllAsync()).Version.Next();
        Assert.False(await table.InsertRowAsync(entry, later), "A row that is there was inserted again.");

        MembershipTableData row = await table.ReadRowAsync(entry.SiloAddress);
        Assert.Equal(next.Version, row.Version.Version);
        Assert.NotEqual(next.VersionEtag, row.Version.VersionEtag);
        Tuple<MembershipEntry, string> member = Assert.Single(row.Members);
        Assert.NotNull(member.Item2);
        Assert.Equal(entry.ToFullString(), member.Item1.ToFullString());
        Assert.Empty((await table.ReadRowAsync(NewEntry().SiloAddress)).Members);
    }

    internal async Task ReadAll_Insert_ReadAll()
    {
        TableVersion next = (await table.ReadAllAsync()).Version.Next();
        MembershipEntry entry = NewEntry();
        Assert.True(await table.InsertRowAsync(entry, next));
        MembershipTableData all = await table.ReadAllAsync();
        Assert.Equal(next.Version, all.Version.Version);
        Assert.NotEqual(next.VersionEtag, all.Version.VersionEtag);
        Assert.Equal(entry.ToFullString(), Assert.Single(all.Members).Item1.ToFullString());
    }

    internal async Task UpdateRow()
    {
        for (int i = 1; i < 10; i++)
        {
            MembershipEntry entry = NewEntry();
            entry.SuspectTimes = [Tuple.Create(NewSilo(), Now().AddSeconds(1)), Tuple.Create(NewSilo(), Now().AddSeconds(2))];
            TableVersion old = await InsertAsync(entry);
            string etag = await ETagAsync(entry);
            Assert.False(await table.UpdateRowAsync(entry, etag, old), "A row was updated at an old version of the table.");

            entry.Status = SiloStatus.Active;
            TableVersion next = (await table.ReadAllAsync()).Version.Next();
            Assert.True(await table.UpdateRowAsync(entry, etag, next));
            TableVersion afterwards = (await table.ReadAllAsync()).Version.Next();
            Assert.False(await table.UpdateRowAsync(entry, etag, afterwards), "A row was updated under an old ETag.");
            string later = await ETagAsync(entry);
            Assert.False(await table.UpdateRowAsync(entry, later, next), "A row was updated twice at one version of the table.");
            Assert.False(await table.UpdateRowAsync(NewEntry(), later, afterwards), "A row that is not there was updated.");

            MembershipTableData all = await table.ReadAllAsync();
            Assert.Equal(entry.ToFullString(), all.TryGet(entry.SiloAddress)!.Item1.ToFullString());
            Assert.Equal(later, all.TryGet(entry.SiloAddress)!.Item2);
            Assert.Equal(next.Version, all.Version.Version);
            Assert.Equal(i, all.Members.Count);
        }
    }

    internal async Task UpdateRowInParallel()
    {
        MembershipEntry entry = NewEntry();
        TableVersion next = (await table.ReadAllAsync()).Version.Next();
        bool[] inserted = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => table.InsertRowAsync(entry, next)));
        Assert.Single(inserted, static won => won);

        await Task.WhenAll(Enumerable.Range(0, 19).Select(async _ =>
        {
            bool won = false;
            while (!won)
            {
                MembershipTableData all = await table.ReadAllAsync();
                (MembershipEntry row, string etag) = all.TryGet(entry.SiloAddress)!;
                won = await table.UpdateRowAsync(row, etag, all.Version.Next());
            }
        }));

        MembershipTableData end = await table.ReadAllAsync();
        Assert.Equal(20, end.Version.Version);
        Assert.Single(end.Members);
    }

    internal async Task UpdateIAmAlive()
    {
        MembershipEntry entry = NewEntry();
        await InsertAsync(entry);
        MembershipTableData before = await table.ReadAllAsync();
        DateTime alive = Now().AddSeconds(30);
        await table.UpdateIAmAliveAsync(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = alive });

        MembershipTableData after = await table.ReadAllAsync();
        Assert.Equal(alive, after.Members[0].Item1.IAmAliveTime);
        Assert.Equal(before.Version.VersionEtag, after.Version.VersionEtag);
        Assert.Equal(alive, (await table.ReadRowAsync(entry.SiloAddress)).Members[0].Item1.IAmAliveTime);

        // An update that was computed before doesn't fail for it, and doesn't take it back.
        Assert.True(await table.UpdateRowAsync(entry, before.Members[0].Item2, before.Version.Next()));
        Assert.Equal(alive, (await table.ReadAllAsync()).Members[0].Item1.IAmAliveTime);
    }

    internal async Task CleanupDefunctSiloEntries()
    {
        MembershipEntry old = NewEntry();
        old.IAmAliveTime = old.IAmAliveTime.AddDays(-10);
        old.StartTime = old.StartTime.AddDays(-10);
        old.Status = SiloStatus.Dead;
        await InsertAsync(old);
        MembershipEntry young = NewEntry();
        await InsertAsync(young);

        await table.CleanupDefunctSiloEntriesAsync(old.IAmAliveTime.AddDays(3));

        Assert.Equal(young.SiloAddress, Assert.Single((await table.ReadAllAsync()).Members).Item1.SiloAddress);
        await table.UpdateIAmAliveAsync(old);
        Assert.Single((await table.ReadAllAsync()).Members);
    }

    internal async Task GetGateways()
    {
        MembershipEntry[] entries = [.. Enumerable.Range(0, 10).Select(static _ => NewEntry())];
        entries[3].Status = SiloStatus.Active;
        entries[3].ProxyPort = 0;
        entries[5].Status = SiloStatus.Active;
        entries[9].Status = SiloStatus.Active;
        foreach (MembershipEntry entry in entries)
        {
            await InsertAsync(entry);
        }

        IEnumerable<string> found = (await gateways.GetGatewaysAsync(CancellationToken.None)).Select(static uri => uri.ToString());
        Assert.Equal(
            new[] { entries[5], entries[9] }.Select(static entry => entry.SiloAddress.ToGatewayUri().ToString()).Order(),
            found.Order());
    }

    private async Task<TableVersion> InsertAsync(MembershipEntry entry)
    {
        TableVersion next = (await table.ReadAllAsync()).Version.Next();
        Assert.True(await table.InsertRowAsync(entry, next));
        return next;
    }

    private async Task<string> ETagAsync(MembershipEntry entry) => (await table.ReadAllAsync()).TryGet(entry.SiloAddress)!.Item2;

    private static MembershipEntry NewEntry()
    {
        SiloAddress silo = NewSilo();
        return new MembershipEntry
        {
            SiloAddress = silo,
            HostName = "host",
            SiloName = "TestSiloName",
            Status = SiloStatus.Joining,
            ProxyPort = silo.Endpoint.Port,
            StartTime = Now(),
            IAmAliveTime = Now(),
        };
    }

    private static SiloAddress NewSilo() => SiloAddress.New(IPAddress.Loopback, SiloPort, Interlocked.Increment(ref s_generation));

    private static DateTime Now() => TimeProvider.System.GetUtcNow().UtcDateTime;
}
