using Google.Protobuf;
using RaftKv.Migration.Etcd;
using RaftKv.Migration.Keys;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Migration.Import;

/// <summary>What the source says of itself.</summary>
internal sealed class SourceState(EtcdPeer peer, IReadOnlyList<KeyRange> ranges)
{
    /// <summary>Its id and newest revision, linearizable.</summary>
    public async Task<ResponseHeader> NowAsync(CancellationToken cancellationToken)
    {
        var request = new RangeRequest { Key = ranges[0].From, CountOnly = true };
        return (await peer.CallAsync(EtcdMethods.Range, request, cancellationToken).ConfigureAwait(false)).Header;
    }

    /// <summary>Throws <see cref="Grpc.Core.RpcException"/> when changes behind this revision may be compacted.</summary>
    public async Task CheckKeptAsync(long revision, CancellationToken cancellationToken)
    {
        var request = new RangeRequest { Key = ranges[0].From, CountOnly = true, Revision = revision };
        await peer.CallAsync(EtcdMethods.Range, request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// True when the ranges are at its newest revision as they were at this one: no key has a newer revision, and none is gone.
    /// </summary>
    public async Task<bool> IsQuietSinceAsync(long revision, CancellationToken cancellationToken)
    {
        long now = (await NowAsync(cancellationToken).ConfigureAwait(false)).Revision;
        if (now == revision)
        {
            return true;
        }

        foreach (KeyRange range in ranges)
        {
            RangeResponse newest = await peer.CallAsync(EtcdMethods.Range, Newest(range, now), cancellationToken).ConfigureAwait(false);
            RangeResponse before = await peer.CallAsync(
                EtcdMethods.Range,
                new RangeRequest { Key = range.From, RangeEnd = range.ToExclusive, CountOnly = true, Revision = revision },
                cancellationToken).ConfigureAwait(false);
            if (newest.Count != before.Count || newest.Kvs.Any(pair => pair.ModRevision > revision))
            {
                return false;
            }
        }

        return true;
    }

    private static RangeRequest Newest(KeyRange range, long revision) => new()
    {
        Key = range.From,
        RangeEnd = range.ToExclusive,
        Revision = revision,
        Limit = 1,
        KeysOnly = true,
        SortOrder = RangeRequest.Types.SortOrder.Descend,
        SortTarget = RangeRequest.Types.SortTarget.Mod,
    };
}
