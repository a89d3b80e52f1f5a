namespace RaftKv.Core;

/// <summary>
/// What a node may use of memory, and the share of everything that can grow. The one place where a bound in bytes
/// comes from: docs/operations.md has the same table.
/// </summary>
/// <remarks>
/// A share is a bound and not a reservation: what one part does not use, the collector and the others have. The shares
/// never add up to more than the budget, so that all parts may be full at once. Pure and equal on every machine; only
/// the default of the setting looks at the machine.
/// </remarks>
public sealed record MemoryBudget
{
    /// <summary>Smallest budget: below it the largest request and the runtime itself leave no room for a state.</summary>
    public const long MinBytes = 128L << 20;

    /// <summary>Largest budget, far above any machine: sums of shares stay far from overflow.</summary>
    public const long MaxBytes = 1L << 46;

    /// <summary>What the runtime, its code and its threads take before the first key is stored.</summary>
    public const long RuntimeBytes = 64L << 20;

    /// <summary>Makes the shares of a budget.</summary>
    /// <param name="totalBytes">From <see cref="MinBytes"/> to <see cref="MaxBytes"/>.</param>
    public MemoryBudget(long totalBytes)
    {
        Check.That(totalBytes >= MinBytes, "a budget is not below the smallest", totalBytes, MinBytes);
        Check.That(totalBytes <= MaxBytes, "a budget is not above the largest", totalBytes, MaxBytes);
        TotalBytes = totalBytes;
        Shares =
        [
            new("store", Part(180)),
            new("incoming-store", Part(180)),
            new("log", Part(200)),
            new("mailbox", Part(20, mostMiB: 64)),
            new("peer-mailbox", Part(30, mostMiB: 128)),
            new("disk-queue", Part(50, mostMiB: 192)),
            new("peer-queues", Part(50, mostMiB: 256)),
            new("proposals", Part(20, mostMiB: 64)),
            new("snapshot-pieces", Part(10, mostMiB: 16)),
            new("watches", Part(20, mostMiB: 256)),
            new("answers", Part(60, mostMiB: 1024)),
            new("kept-answers", Part(80)),
        ];
    }

    /// <summary>The whole, in bytes.</summary>
    public long TotalBytes { get; }

    /// <summary>Every share by its name, in the order of the documentation.</summary>
    public IReadOnlyList<MemoryShare> Shares { get; }

    /// <summary>The state: keys, values, versions, leases, with what they cost in memory.</summary>
    public long StoreBytes => Shares[0].Bytes;

    /// <summary>Entries in memory, all of them: committed or not, on disk or not.</summary>
    public long LogBytes => Shares[2].Bytes;

    /// <summary>
    /// Where entries begin to be turned away until a snapshot has made room. The rest of the share is for a follower that
    /// must take what commits the uncommitted entries of leaders before, see RaftCore.MostLogBytes.
    /// </summary>
    public long LogLimitBytes => LogBytes / 10 * 4;

    /// <summary>Applied entries that make a snapshot due, so that there is room while it is written.</summary>
    public long SnapshotTriggerBytes => LogLimitBytes / 4;

    /// <summary>Applied entries that make a snapshot due once they are a part of the store: what large ones keep in memory.</summary>
    public long SnapshotWorthBytes => Math.Min(SnapshotTriggerBytes, 32L << 20);

    /// <summary>Applied entries that make a snapshot due when a burst is over.</summary>
    public long QuietSnapshotBytes => Math.Min(SnapshotTriggerBytes / 4, 4L << 20);

    /// <summary>
    /// Entries kept behind a snapshot for followers that are a little behind: some seconds of writes, whatever the budget.
    /// </summary>
    public long TrailingLogBytes => Math.Min(LogLimitBytes / 4, 8L << 20);

    /// <summary>Entries that a leader holds uncommitted.</summary>
    public long UncommittedBytes => Math.Min(LogLimitBytes / 4, 64L << 20);

    /// <summary>Proposals of clients on their way into the replica.</summary>
    public long MailboxBytes => Shares[3].Bytes;

    /// <summary>Messages of peers on their way into the replica.</summary>
    public long PeerMailboxBytes => Shares[4].Bytes;

    /// <summary>Entries on their way to the disk, and records that are encoded for one write of the log.</summary>
    public long DiskQueueBytes => Shares[5].Bytes;

    /// <summary>
    /// Where entries begin to be turned away until some are durable; the rest of the share is for one round more, encoded.
    /// </summary>
    public long UnsyncedBytes => DiskQueueBytes / 2;

    /// <summary>Frames that wait for peers, all peers together.</summary>
    public long PeerQueuesBytes => Shares[6].Bytes;

    /// <summary>Proposals of this node's clients that are undecided, wherever they are.</summary>
    public long ProposalBytes => Shares[7].Bytes;

    /// <summary>Pieces of snapshot files on their way from or to the disk.</summary>
    public long SnapshotPiecesBytes => Shares[8].Bytes;

    /// <summary>Changes that are being told to watchers.</summary>
    public long WatchBytes => Shares[9].Bytes;

    /// <summary>Answers that are being built or sent.</summary>
    public long AnswerBytes => Shares[10].Bytes;

    /// <summary>
    /// First answers that are kept for repeats: half of the share, for the state that comes in by a snapshot has them too.
    /// See <see cref="Store.Commands.OnceLimits.Within"/>.
    /// </summary>
    public long KeptAnswerBytes => Shares[11].Bytes / 2;

    /// <summary>A peer's part of <see cref="PeerQueuesBytes"/>.</summary>
    /// <param name="peerCount">Other members; 0 counts as 1.</param>
    public long PeerQueueBytes(int peerCount) => Math.Min(PeerQueuesBytes / Math.Max(1, peerCount), 64L << 20);

    /// <summary>Length of one piece of a snapshot file: one is on its way to each peer, and one comes in.</summary>
    public int SnapshotPieceBytes(int peerCount) => (int)Math.Min(SnapshotPiecesBytes / (2 * (peerCount + 1)), 1L << 20);

    /// <summary>Length of a segment of the log on disk, a multiple of 4 KiB: one is read whole at a start.</summary>
    public long SegmentBytes => Math.Clamp(LogLimitBytes / 4 / 4096 * 4096, 256L << 10, 16L << 20);

    /// <summary>
    /// Most bytes of files in the data directory of a store that is at its limit. Of the log: what is in memory, with at most
    /// twice as much for its records' headers and for hard states; the oldest segment, the current and the spare one; a
    /// group of records that needs a segment of its own. Of snapshots: the newest, one that is written and one that comes in.
    /// </summary>
    public long DirectoryBytes =>
        (3 * LogBytes) + (3 * SegmentBytes) + DiskQueueBytes + (3 * (StoreBytes + KeptAnswerBytes));

    // Of what the runtime leaves. The rest of the thousand is for the collector: garbage that it has not come to yet.
    private long Part(int perMille, long mostMiB = MaxBytes >> 20) =>
        Math.Min((TotalBytes - RuntimeBytes) / 1000 * perMille, mostMiB << 20);
}

/// <summary>One share of a <see cref="MemoryBudget"/>.</summary>
/// <param name="Name">As the documentation and <c>/status</c> call it.</param>
public readonly record struct MemoryShare(string Name, long Bytes);
