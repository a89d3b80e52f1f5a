namespace RaftKv.Contract;

/// <summary>What one request may ask for at most. Beyond a limit the answer is a 4xx and nothing is applied.</summary>
public static class ApiLimits
{
    /// <summary>Longest key in bytes; the store's own limit.</summary>
    public const int MaxKeyBytes = 65_535;

    /// <summary>Longest value in bytes: 1.5 MiB, as in etcd.</summary>
    public const int MaxValueBytes = 1_572_864;

    /// <summary>Largest JSON body: a value of the longest size in base64 (4/3) and room for the rest.</summary>
    public const int MaxJsonBodyBytes = 3 * 1024 * 1024;

    /// <summary>
    /// Largest command after encoding: the longest value, the longest key and some room; what the log must carry as one
    /// entry.
    /// </summary>
    public const int MaxCommandBytes = MaxValueBytes + (128 * 1024);

    /// <summary>Pairs on a page when the request names no limit.</summary>
    public const int DefaultPageLimit = 1_000;

    /// <summary>Most pairs on a page.</summary>
    public const int MaxPageLimit = 10_000;

    /// <summary>
    /// A page ends early once its keys and values have this many bytes, so that one answer can't exhaust the node.
    /// </summary>
    public const int MaxPageBytes = 4 * 1024 * 1024;

    /// <summary>
    /// A message of a snapshot ends once its keys and values have this many bytes. A revision's message never ends early.
    /// </summary>
    public const int SnapshotMessageBytes = 256 * 1024;

    /// <summary>Versions in a history when the request names no limit.</summary>
    public const int DefaultHistoryLimit = 100;

    /// <summary>
    /// Most ranges in one range request; most operations and compares in one list of a transaction, as in etcd.
    /// </summary>
    public const int MaxListLength = 128;

    /// <summary>Transactions inside transactions, the outermost counted. JSON itself is bounded at 64 levels.</summary>
    public const int MaxTxnDepth = 8;

    /// <summary>
    /// Entity tags in one If-Match or If-None-Match; each becomes a txn inside the one before, of which the store takes
    /// 16.
    /// </summary>
    public const int MaxEntityTags = 8;

    /// <summary>Shortest life of a lease.</summary>
    public const long MinTtlMs = 100;

    /// <summary>Longest life of a lease; etcd's bound.</summary>
    public const long MaxTtlMs = 9_000_000_000_000;

    /// <summary>How long a request waits when it doesn't say.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a long poll on /watch waits when it doesn't say.</summary>
    public static TimeSpan DefaultWatchPoll { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time that a watch may ask for; a stream without one never ends by itself.</summary>
    public static TimeSpan MaxWatchTimeout { get; } = TimeSpan.FromHours(1);

    /// <summary>How long a stream is silent when it doesn't say.</summary>
    public static TimeSpan DefaultBookmarkInterval { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Shortest interval of bookmarks.</summary>
    public static TimeSpan MinBookmarkInterval { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait that a request may ask for.</summary>
    public static TimeSpan MaxTimeout { get; } = TimeSpan.FromSeconds(60);
}
