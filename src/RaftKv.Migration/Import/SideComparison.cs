using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using RaftKv.Migration.Keys;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Migration.Import;

/// <summary>What a comparison of the two sides found.</summary>
/// <param name="KeyCount">Keys of the source.</param>
/// <param name="DifferenceCount">Keys that are not the same on both sides.</param>
/// <param name="Named">The first of them, each with what is different.</param>
/// <param name="SourceDigest">SHA-256 of all keys, values and leases of the source, in the order of keys.</param>
/// <param name="TargetDigest">The same of the target.</param>
/// <param name="LostLeasedCount">Of the differences: keys with a lease that the source has and the target lacks.</param>
internal sealed record ComparisonResult(
    long KeyCount, long DifferenceCount, IReadOnlyList<string> Named, string SourceDigest, string TargetDigest, long LostLeasedCount)
{
    /// <summary>True when both sides are the same.</summary>
    public bool IsEqual => DifferenceCount == 0 && SourceDigest == TargetDigest;
}

/// <summary>
/// Reads both sides in the order of keys, side by side, and says what differs, in bounded memory. Keys, values and leases are
/// compared; revisions and versions are each side's own.
/// </summary>
internal sealed class SideComparison(KeyPages sourcePages, KeyPages targetPages, IReadOnlyList<KeyRange> ranges, LeaseKeeper leases)
{
    private const int MaxNamed = 20;

    private readonly List<string> _named = [];
    private long _keyCount;
    private long _differenceCount;
    private long _lostLeasedCount;

    /// <summary>Compares the source at a revision with the target as it is now. Throws as <see cref="KeyPages.ReadAsync"/>.</summary>
    public async Task<ComparisonResult> RunAsync(long sourceRevision, bool keysOnly, CancellationToken cancellationToken)
    {
        using var sourceDigest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var targetDigest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (KeyRange range in ranges)
        {
            await using IAsyncEnumerator<KeyValue> source =
                sourcePages.AllAsync(range, sourceRevision, keysOnly, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using IAsyncEnumerator<KeyValue> target =
                targetPages.AllAsync(range, revision: 0, keysOnly, cancellationToken).GetAsyncEnumerator(cancellationToken);
            bool hasSource = await source.MoveNextAsync().ConfigureAwait(false);
            bool hasTarget = await target.MoveNextAsync().ConfigureAwait(false);
            while (hasSource || hasTarget)
            {
                int order = !hasSource ? 1 : !hasTarget ? -1 : KeyRange.Order.Compare(source.Current.Key, target.Current.Key);
                bool isLeaseOver = order == 0
                    && await IsLeaseOverAsync(source.Current, target.Current, cancellationToken).ConfigureAwait(false);
                if (order <= 0)
                {
                    _keyCount++;
                    Add(sourceDigest, source.Current, isLeaseOver ? 0 : source.Current.Lease);
                }

                if (order >= 0)
                {
                    Add(targetDigest, target.Current, target.Current.Lease);
                }

                Judge(order, order <= 0 ? source.Current : null, order >= 0 ? target.Current : null, isLeaseOver);
                hasSource = order <= 0 ? await source.MoveNextAsync().ConfigureAwait(false) : hasSource;
                hasTarget = order >= 0 ? await target.MoveNextAsync().ConfigureAwait(false) : hasTarget;
            }
        }

        return new ComparisonResult(_keyCount, _differenceCount, _named, Text(sourceDigest), Text(targetDigest), _lostLeasedCount);
    }

    // A lease of the source that has ended since that revision can't be made here; its keys are about to be deleted.
    private async Task<bool> IsLeaseOverAsync(KeyValue source, KeyValue target, CancellationToken cancellationToken) =>
        source.Lease != 0 && target.Lease == 0 && await leases.IsOverAsync(source.Lease, cancellationToken).ConfigureAwait(false);

    private void Judge(int order, KeyValue? source, KeyValue? target, bool isLeaseOver)
    {
        string? what = order < 0 ? "only in the source"
            : order > 0 ? "only in the target"
            : source!.Value != target!.Value ? "another value"
            : source.Lease != target.Lease && !isLeaseOver ? "another lease"
            : null;
        if (what is null)
        {
            return;
        }

        _differenceCount++;
        _lostLeasedCount += order < 0 && source!.Lease != 0 ? 1 : 0;
        if (_named.Count < MaxNamed)
        {
            _named.Add($"{KeyText.Of((source ?? target)!.Key)}: {what}");
        }
    }

    private static void Add(IncrementalHash digest, KeyValue pair, long lease)
    {
        Span<byte> head = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(head, pair.Key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], pair.Value.Length);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], lease);
        digest.AppendData(head);
        digest.AppendData(pair.Key.Span);
        digest.AppendData(pair.Value.Span);
    }

    private static string Text(IncrementalHash digest) => Convert.ToHexStringLower(digest.GetHashAndReset());
}
