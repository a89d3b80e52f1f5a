using System.Text.Json;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Coordination;

/// <summary>Everything that somebody holds or waits for, read through the public API. One flow of calls.</summary>
internal sealed class CoordinationReader(NodeClient client)
{
    /// <summary>Details are asked of so many; the rest is listed without queue and time.</summary>
    internal const int MaxDetails = 50;

    private const int MaxLeases = 50;
    private const string ElectionKeys = "_raftkv/elections/";

    /// <summary>Locks, semaphores and elections, by kind and name.</summary>
    public async Task<IReadOnlyList<QueueSight>> QueuesAsync(CancellationToken cancellationToken = default)
    {
        Task<List<QueueSight>> locks = OfKindAsync("lock", "locks", static body => body.Locks, cancellationToken);
        Task<List<QueueSight>> semaphores = OfKindAsync("semaphore", "semaphores", static body => body.Semaphores, cancellationToken);
        Task<List<QueueSight>> elections = ElectionsAsync(cancellationToken);
        return [.. await locks, .. await semaphores, .. await elections];
    }

    /// <summary>Leases with the time that is left and the keys that hang on them.</summary>
    public async Task<IReadOnlyList<LeaseSight>> LeasesAsync(CancellationToken cancellationToken = default)
    {
        LeaseList? list = await client.GetAsync("/api/v1/leases", AnswerJson.Default.LeaseList, cancellationToken);
        if (list is null)
        {
            return [];
        }

        LeaseAnswer?[] details = await Task.WhenAll(list.Leases.Take(MaxLeases).Select(
            lease => client.GetAsync("/api/v1/leases/" + lease.Id, AnswerJson.Default.LeaseAnswer, cancellationToken)));

        // Without a leader nobody knows how long a lease still lives; that it lives is known.
        return
        [
            .. list.Leases.Select((lease, index) => index < details.Length && details[index] is { } detail
                ? new LeaseSight(lease.Id, lease.TtlMs, detail.RemainingMs, detail.Keys ?? [])
                : new LeaseSight(lease.Id, lease.TtlMs, RemainingMs: null, [])),
        ];
    }

    /// <summary>
    /// The names of elections, out of the keys of their places: <c>_raftkv/elections/NAME\0…</c>. The API lists locks and
    /// semaphores, but no elections.
    /// </summary>
    internal static IReadOnlyList<string> ElectionNames(IEnumerable<KeyVersion> places) =>
    [
        .. places.Where(static place => place.KeyEncoding is null && place.Key.StartsWith(ElectionKeys, StringComparison.Ordinal))
            .Select(static place => place.Key[ElectionKeys.Length..].Split('\0')[0])
            .Distinct(StringComparer.Ordinal),
    ];

    private async Task<List<QueueSight>> OfKindAsync(
        string kind, string path, Func<QueueList, IReadOnlyList<QueueEntry>?> listOf, CancellationToken cancellationToken)
    {
        QueueList? list = await client.GetAsync($"/api/v1/{path}?limit=500", AnswerJson.Default.QueueList, cancellationToken);
        IReadOnlyList<QueueEntry> held = list is null ? [] : listOf(list) ?? [];
        QueueAnswer?[] details = await Task.WhenAll(held.Take(MaxDetails).Select(
            queue => client.GetAsync(
                $"/api/v1/{path}/{Uri.EscapeDataString(queue.Name)}", AnswerJson.Default.QueueAnswer, cancellationToken)));
        return
        [
            .. held.Select((queue, index) => index < details.Length && details[index] is { } detail
                ? new QueueSight(kind, queue.Name, LimitOf(detail), detail.Holders, detail.Queue, detail.Queue.Count)
                : new QueueSight(kind, queue.Name, Limit: null, queue.Holders, [], queue.QueueLength)),
        ];
    }

    private static long? LimitOf(QueueAnswer queue) =>
        queue.Limit is { ValueKind: JsonValueKind.Number } limit ? limit.GetInt64() : null;

    private async Task<List<QueueSight>> ElectionsAsync(CancellationToken cancellationToken)
    {
        KeyPage? places = await client.GetAsync(
            $"/api/v1/kv?prefix={Uri.EscapeDataString(ElectionKeys)}&keysOnly=true&limit=500", PageJson.Default.KeyPage, cancellationToken);
        ElectionAnswer?[] elections = await Task.WhenAll(ElectionNames(places?.Items ?? []).Take(MaxDetails).Select(
            name => client.GetAsync(
                "/api/v1/elections/" + Uri.EscapeDataString(name), AnswerJson.Default.ElectionAnswer, cancellationToken)));
        return [.. elections.OfType<ElectionAnswer>().Select(Sight)];
    }

    private static QueueSight Sight(ElectionAnswer election)
    {
        List<HolderBody> holders = election.Leader is not { } leader
            ? []
            : [new HolderBody { FencingToken = leader.Token, Owner = TextOf(leader), Lease = leader.Lease, Mode = "leader" }];
        return new QueueSight("election", election.Name, Limit: null, holders, [], Math.Max(0, election.CandidateCount - holders.Count));
    }

    private static string TextOf(LeaderBody leader) =>
        leader.Encoding == "base64"
            ? "0x" + Convert.ToHexStringLower(Convert.FromBase64String(leader.Value ?? ""))
            : leader.Value is { Length: > 80 } text ? text[..80] + "…" : leader.Value ?? "";
}
