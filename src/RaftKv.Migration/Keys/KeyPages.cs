using Google.Protobuf;
using RaftKv.Migration.Etcd;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Migration.Keys;

/// <summary>Some keys in order, and where the next ones begin; null when these were the last.</summary>
/// <param name="Revision">The cluster's newest revision when it answered.</param>
internal readonly record struct KeyPage(IReadOnlyList<KeyValue> Pairs, ByteString? Next, long Revision);

/// <summary>
/// Reads a range of one cluster in pages, all of one revision. A page that is larger than what is taken in at once is asked for
/// anew, as a smaller one; pages grow again behind it. Bounded in bytes by <see cref="EtcdPeer"/>.
/// </summary>
internal sealed class KeyPages(EtcdPeer peer, int pageKeys, Func<ByteString, bool> isLeftOut)
{
    // 0 before the first page.
    private int _keys;

    /// <summary>The keys of a range from one on. Throws <see cref="Grpc.Core.RpcException"/> when the revision is compacted.</summary>
    /// <param name="revision">0 for the newest.</param>
    public async Task<KeyPage> ReadAsync(
        ByteString from, KeyRange range, long revision, bool keysOnly, CancellationToken cancellationToken)
    {
        _keys = _keys == 0 ? pageKeys : _keys;
        while (true)
        {
            var request = new RangeRequest
            {
                Key = from,
                RangeEnd = range.ToExclusive,
                Limit = _keys,
                Revision = revision,
                KeysOnly = keysOnly,
            };
            try
            {
                RangeResponse answer = await peer.CallAsync(EtcdMethods.Range, request, cancellationToken).ConfigureAwait(false);
                _keys = Math.Min(pageKeys, _keys * 2);
                ByteString? next = answer.More && answer.Kvs.Count > 0 ? KeyRange.Behind(answer.Kvs[^1].Key) : null;
                return new KeyPage([.. answer.Kvs.Where(pair => !isLeftOut(pair.Key))], next, answer.Header.Revision);
            }
            catch (AnswerTooLargeException) when (_keys > 1)
            {
                _keys = Math.Max(1, _keys / 4);
            }
            catch (AnswerTooLargeException)
            {
                throw new ImportException($"{peer.Name} has a value behind {KeyText.Of(from)} that is too large for an import.")
                {
                    IsRefusal = true,
                };
            }
        }
    }

    /// <summary>All keys of a range, page by page.</summary>
    public async IAsyncEnumerable<KeyValue> AllAsync(
        KeyRange range,
        long revision,
        bool keysOnly,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (ByteString? from = range.From; from is not null;)
        {
            KeyPage page = await ReadAsync(from, range, revision, keysOnly, cancellationToken).ConfigureAwait(false);
            foreach (KeyValue pair in page.Pairs)
            {
                yield return pair;
            }

            // What was the newest at the first page is read to the end.
            revision = revision == 0 ? page.Revision : revision;
            from = page.Next;
        }
    }
}
