using System.Globalization;
using Orleans;
using Orleans.Runtime;
using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.Orleans;

/// <summary>
/// Orleans' membership table. A row and the table's version change in one transaction, under both of their revisions, or
/// not at all. Any thread.
/// </summary>
/// <remarks>
/// A silo's sign of life has a key of its own: it changes no row, so it never makes another silo's update fail, and an
/// update that was computed from an older sign of life doesn't take it back. ETags are mod revisions.
/// </remarks>
internal sealed class RaftKvMembershipTable : IMembershipTable
{
    private const string AliveFolder = "alive/";
    private const string SiloFolder = "silo/";

    private readonly RaftKvClient _client;
    private readonly string _keyRoot;
    private readonly string _root;
    private readonly string _versionKey;

    internal RaftKvMembershipTable(RaftKvClient client, string keyRoot, string clusterId)
    {
        _client = client;
        _keyRoot = keyRoot;
        _root = TableKeys.Membership(keyRoot, clusterId);
        _versionKey = _root + "version";
    }

    /// <inheritdoc/>
    public async Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken = default)
    {
        // A table without a version reads as version 0 at revision 0, which a first insert also takes.
        if (tryInitTableVersion)
        {
            await _client.TryCompareAndSetAsync(_versionKey, Precondition.Missing, "0", options: null, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken = default) =>
        _client.DeletePrefixAsync(TableKeys.Membership(_keyRoot, clusterId), options: null, cancellationToken);

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken = default)
    {
        string silo = TableKeys.Segment(key);
        TxnResult read = await _client.Txn()
            .Then(Op.Get(_versionKey), Op.Get(SiloKey(silo)), Op.Get(AliveKey(silo)))
            .CommitAsync(cancellationToken).ConfigureAwait(false);
        KeyValueEntry?[] found = [.. read.Responses.Select(static response => ((TxnGetResult)response).Entry)];
        TableVersion version = ToVersion(found[0]);
        return found[1] is { } row
            ? new MembershipTableData(ToMember(row, found[2] is { } alive ? ToTime(alive) : null), version)
            : new MembershipTableData(version);
    }

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken = default)
    {
        KeyValueEntry? version = null;
        List<Tuple<MembershipEntry, string>> members = [];
        Dictionary<string, DateTime> alive = new(StringComparer.Ordinal);

        // Pages of a walk show one revision, and the signs of life come first, as keys are ordered.
        ReadOptions linearizable = ReadLevel.Linearizable;
        await foreach (KeyValueEntry entry in _client.RangeAsync(
            RaftKvRange.Prefix(_root), options: linearizable, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            string key = entry.Key.ToString()[_root.Length..];
            if (key.StartsWith(AliveFolder, StringComparison.Ordinal))
            {
                alive[key[AliveFolder.Length..]] = ToTime(entry);
            }
            else if (key.StartsWith(SiloFolder, StringComparison.Ordinal))
            {
                members.Add(ToMember(entry, alive.TryGetValue(key[SiloFolder.Length..], out DateTime time) ? time : null));
            }
            else
            {
                version = entry;
            }
        }

        return new MembershipTableData(members, ToVersion(version));
    }

    /// <inheritdoc/>
    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken = default) =>
        WriteAsync(entry, rowRevision: 0, tableVersion, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> UpdateRowAsync(
        MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken = default) =>
        TableKeys.Revision(etag) is { } revision and > 0
        && await WriteAsync(entry, revision, tableVersion, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken = default)
    {
        // Only beside a row: one that was cleaned up leaves nothing behind.
        string silo = TableKeys.Segment(entry.SiloAddress);
        await _client.Txn()
            .When(Key(SiloKey(silo)).Exists)
            .Then(Op.Put(AliveKey(silo), entry.IAmAliveTime.ToString("O", CultureInfo.InvariantCulture)))
            .CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken = default)
    {
        MembershipTableData all = await ReadAllAsync(cancellationToken).ConfigureAwait(false);
        foreach ((MembershipEntry entry, string etag) in all.Members)
        {
            DateTime last = entry.IAmAliveTime > entry.StartTime ? entry.IAmAliveTime : entry.StartTime;
            if (entry.Status == SiloStatus.Dead && last < beforeDate.UtcDateTime && TableKeys.Revision(etag) is { } revision)
            {
                string silo = TableKeys.Segment(entry.SiloAddress);
                await _client.Txn()
                    .When(Key(SiloKey(silo)).ModRevision == revision)
                    .Then(Op.Delete(SiloKey(silo)), Op.Delete(AliveKey(silo)))
                    .CommitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // The same without a token, as Orleans had them first.
    Task IMembershipTable.InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion);

    Task IMembershipTable.DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId);

    Task<MembershipTableData> IMembershipTable.ReadRow(SiloAddress key) => ReadRowAsync(key);

    Task<MembershipTableData> IMembershipTable.ReadAll() => ReadAllAsync();

    Task<bool> IMembershipTable.InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion);

    Task<bool> IMembershipTable.UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        UpdateRowAsync(entry, etag, tableVersion);

    Task IMembershipTable.UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry);

    Task IMembershipTable.CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate);

    private async Task<bool> WriteAsync(MembershipEntry entry, long rowRevision, TableVersion version, CancellationToken cancellationToken)
    {
        if (TableKeys.Revision(version.VersionEtag) is not { } versionRevision)
        {
            return false;
        }

        // A missing key compares as revision 0: that is what an insert asks for.
        string rowKey = SiloKey(TableKeys.Segment(entry.SiloAddress));
        TxnResult written = await _client.Txn()
            .When(Key(_versionKey).ModRevision == versionRevision, Key(rowKey).ModRevision == rowRevision)
            .Then(
                Op.Put(_versionKey, version.Version.ToString(CultureInfo.InvariantCulture)),
                Op.Put(rowKey, MemberRow.Of(entry), RowJson.Default.MemberRow))
            .CommitAsync(cancellationToken).ConfigureAwait(false);
        return written.Succeeded;
    }

    private string SiloKey(string silo) => _root + SiloFolder + silo;

    private string AliveKey(string silo) => _root + AliveFolder + silo;

    private static TableVersion ToVersion(KeyValueEntry? entry) => entry is null
        ? new TableVersion(0, "0")
        : new TableVersion(int.Parse(entry.GetString(), CultureInfo.InvariantCulture), TableKeys.ETag(entry.ModRevision));

    private static Tuple<MembershipEntry, string> ToMember(KeyValueEntry entry, DateTime? alive) =>
        Tuple.Create(entry.GetJson(RowJson.Default.MemberRow)!.ToEntry(alive), TableKeys.ETag(entry.ModRevision));

    private static DateTime ToTime(KeyValueEntry entry) =>
        DateTime.Parse(entry.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
