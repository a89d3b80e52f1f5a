using Google.Protobuf;
using RaftKv.Migration.Keys;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Migration.Import;

/// <summary>
/// One pass: the target's ranges become what the source's are at one revision, page by page. What differs is written, and what the
/// source lacks is deleted, so that a pass may begin over whatever an earlier one left, and go on where it was broken off.
/// </summary>
internal sealed class CopyPass(
    ImportTarget target, KeyPages sourcePages, KeyPages targetPages, IReadOnlyList<KeyRange> ranges, LeaseKeeper leases)
{
    /// <summary>Keys of the source that it saw.</summary>
    public long KeyCount { get; private set; }

    /// <summary>
    /// Goes to the end of the pass that the progress is about; the progress behind it. Throws <see cref="Grpc.Core.RpcException"/>
    /// when the source has compacted the revision meanwhile.
    /// </summary>
    /// <param name="report">Called with each page.</param>
    public async Task<ImportProgress> RunAsync(ImportProgress progress, Action report, CancellationToken cancellationToken)
    {
        while (progress.Range < ranges.Count)
        {
            KeyRange range = ranges[progress.Range];
            ByteString from = progress.Cursor ?? range.From;
            KeyPage page = await sourcePages.ReadAsync(from, range, progress.Revision, keysOnly: false, cancellationToken)
                .ConfigureAwait(false);
            KeyCount += page.Pairs.Count;
            var piece = new KeyRange(from, page.Next ?? range.ToExclusive);
            List<Change> changes = await DifferencesAsync(page.Pairs, piece, cancellationToken).ConfigureAwait(false);
            ImportProgress next = page.Next is null
                ? progress with { Range = progress.Range + 1, Cursor = null }
                : progress with { Cursor = page.Next };
            if (next.Range == ranges.Count)
            {
                next = next with { Phase = ImportPhase.Follow, ChangesBehind = 0 };
            }

            await WriteAsync(changes, progress, next, cancellationToken).ConfigureAwait(false);
            progress = next;
            report();
        }

        return progress;
    }

    private async Task<List<Change>> DifferencesAsync(
        IReadOnlyList<KeyValue> wanted, KeyRange piece, CancellationToken cancellationToken)
    {
        List<Change> changes = [];
        List<Change> same = [];
        int at = 0;
        await foreach (KeyValue found in targetPages.AllAsync(piece, revision: 0, keysOnly: false, cancellationToken).ConfigureAwait(false))
        {
            for (; at < wanted.Count && KeyRange.Order.Compare(wanted[at].Key, found.Key) < 0; at++)
            {
                changes.Add(PutOf(wanted[at]));
            }

            if (at == wanted.Count || wanted[at].Key != found.Key)
            {
                changes.Add(new Change(found.Key, Value: null, Lease: 0));
                continue;
            }

            bool isSame = wanted[at].Value == found.Value && wanted[at].Lease == found.Lease;
            (isSame ? same : changes).Add(PutOf(wanted[at]));
            at++;
        }

        changes.AddRange(wanted.Skip(at).Select(PutOf));
        await KeepLeasesAsync(same, cancellationToken).ConfigureAwait(false);
        return changes;
    }

    // What is there already hangs on leases that an earlier run made.
    private async Task KeepLeasesAsync(List<Change> same, CancellationToken cancellationToken)
    {
        foreach (Change change in same.Where(static change => change.Lease != 0))
        {
            await leases.EnsureAsync(change.Lease, cancellationToken).ConfigureAwait(false);
        }

        leases.Note(same);
    }

    // All but the last transaction of a page leave the cursor: a page that was broken off is compared anew.
    private async Task WriteAsync(
        List<Change> changes, ImportProgress before, ImportProgress behind, CancellationToken cancellationToken)
    {
        int at = 0;
        do
        {
            int count = ImportTarget.Fitting(changes, at);
            bool isLast = at + count == changes.Count;
            await target.WriteAsync(changes[at..(at + count)], isLast ? behind : before, leases, cancellationToken).ConfigureAwait(false);
            at += count;
        }
        while (at < changes.Count);
    }

    private static Change PutOf(KeyValue pair) => new(pair.Key, pair.Value, pair.Lease);
}
