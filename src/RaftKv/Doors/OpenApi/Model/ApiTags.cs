namespace RaftKv.Doors.OpenApi.Model;

/// <summary>Groups of operations, in the order in which the page shows them.</summary>
internal static class ApiTags
{
    public const string Kv = "KV";
    public const string Watches = "Watches";
    public const string Leases = "Leases";
    public const string Locks = "Locks";
    public const string Elections = "Elections";
    public const string Transactions = "Transactions";
    public const string Consistency = "Consistency";
    public const string Cluster = "Cluster";
    public const string Maintenance = "Maintenance";
    public const string Auth = "Access";
    public const string Health = "Health";

    public static IReadOnlyList<(string Name, string Description)> All { get; } =
    [
        (Kv, "Keys and values: read at the level you choose, write with compare-and-set by ETag, list, look back in time."),
        (Watches, "Changes as they happen: exactly once, in order, resumable."),
        (Leases, "Keys that go when nobody keeps their lease alive."),
        (Locks, "Locks and semaphores in fair queues, with fencing tokens that the server itself enforces."),
        (Elections, "One leader at a time, whom others can observe."),
        (Transactions, "Several keys in one atomic step, and counters."),
        (Consistency, "Which level to read at, and proof of what was served."),
        (Cluster, "Who is in the cluster, and what became of accepted writes."),
        (Maintenance, "State of this node, and forgetting of old revisions."),
        (Auth, "Users, roles, rights and tokens."),
        (Health, "For probes and load balancers."),
    ];
}
