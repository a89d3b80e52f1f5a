using Google.Protobuf;
using Grpc.Core;
using RaftKv.Migration.Etcd;
using RaftKv.Migration.Keys;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Migration.Import;

/// <summary>
/// The side that is written to, by transactions that also move the progress key, on the condition that it is as this run left it.
/// An answer that is lost is asked for by sending the same transaction again: either it is applied now, or the condition fails and
/// the key has this run's newest value, and it was.
/// </summary>
internal sealed class ImportTarget(EtcdPeer peer, ByteString progressKey, string run)
{
    // etcd's, and RaftKv's: 128 operations; one of them moves the progress.
    private const int MaxChanges = 100;

    // Below the 1.5 MiB that a request may have, unless one value alone is larger.
    private const int MaxBytes = 1024 * 1024;

    private long _modRevision;
    private long _number;

    /// <summary>Changes that were written.</summary>
    public long ChangeCount { get; private set; }

    /// <summary>The cluster.</summary>
    public EtcdPeer Peer => peer;

    /// <summary>How far an import came, and from here on it is this run's; null for none.</summary>
    public async Task<ImportProgress?> OpenAsync(CancellationToken cancellationToken)
    {
        RangeResponse answer = await peer.CallAsync(
            EtcdMethods.Range, new RangeRequest { Key = progressKey }, cancellationToken).ConfigureAwait(false);
        if (answer.Kvs.Count == 0)
        {
            return null;
        }

        ImportProgress progress = ImportProgress.Decode(answer.Kvs[0].Value);
        _modRevision = answer.Kvs[0].ModRevision;
        if (progress.Phase != ImportPhase.Done)
        {
            await WriteAsync([], progress, leases: null, cancellationToken).ConfigureAwait(false);
        }

        return progress;
    }

    /// <summary>How many of these changes fit into one transaction; at least one.</summary>
    public static int Fitting(IReadOnlyList<Change> changes, int from)
    {
        int count = 0;
        for (long bytes = 0; from + count < changes.Count && count < MaxChanges; count++)
        {
            bytes += changes[from + count].Bytes;
            if (bytes > MaxBytes && count > 0)
            {
                break;
            }
        }

        return count;
    }

    /// <summary>
    /// Writes some changes and the progress, all or nothing, once. Throws <see cref="ImportException"/> when another run has the
    /// progress, and for a key or a value that the target doesn't take.
    /// </summary>
    /// <param name="leases">Makes the leases that the keys hang on; null when none does.</param>
    public async Task WriteAsync(
        IReadOnlyList<Change> changes, ImportProgress progress, LeaseKeeper? leases, CancellationToken cancellationToken)
    {
        ByteString value = (progress with { Run = run, Number = ++_number }).Encode();
        while (true)
        {
            TxnRequest request = Guarded(value);
            foreach (Change change in changes)
            {
                bool isLeased = change.Lease != 0 && leases is not null
                    && await leases.EnsureAsync(change.Lease, cancellationToken).ConfigureAwait(false);
                request.Success.Add(OperationOf(change, isLeased ? change.Lease : 0));
            }

            try
            {
                TxnResponse answer = await peer.CallAsync(EtcdMethods.Txn, request, cancellationToken).ConfigureAwait(false);
                Note(answer, value);
                leases?.Note(changes);
                ChangeCount += changes.Count;
                return;
            }
            catch (RpcException refusal) when (refusal.StatusCode == StatusCode.NotFound && leases is not null)
            {
                // A lease ended here between its grant and this write: it is made anew, if the source still has it.
                leases.Forget(changes);
            }
            catch (RpcException refusal)
            {
                string keys = changes.Count == 1 ? KeyText.Of(changes[0].Key) : $"{changes.Count} changes";
                throw new ImportException($"{peer.Name} does not take {keys}: {EtcdPeer.TextOf(refusal)}.") { IsRefusal = true };
            }
        }
    }

    private TxnRequest Guarded(ByteString value)
    {
        var request = new TxnRequest();
        request.Compare.Add(new Compare
        {
            Key = progressKey,
            Target = Compare.Types.CompareTarget.Mod,
            Result = Compare.Types.CompareResult.Equal,
            ModRevision = _modRevision,
        });
        request.Success.Add(new RequestOp { RequestPut = new PutRequest { Key = progressKey, Value = value } });
        request.Failure.Add(new RequestOp { RequestRange = new RangeRequest { Key = progressKey } });
        return request;
    }

    private static RequestOp OperationOf(Change change, long lease) => change.Value is null
        ? new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = change.Key } }
        : new RequestOp { RequestPut = new PutRequest { Key = change.Key, Value = change.Value, Lease = lease } };

    private void Note(TxnResponse answer, ByteString value)
    {
        if (answer.Succeeded)
        {
            _modRevision = answer.Header.Revision;
            return;
        }

        KeyValue? found = answer.Responses[0].ResponseRange.Kvs.FirstOrDefault();
        if (found is null || found.Value != value)
        {
            throw new ImportException(found is null
                ? "The progress key was deleted while the import ran; it stops here."
                : "Another import has taken over this progress key; this one stops here. Only one may run.");
        }

        _modRevision = found.ModRevision;
    }
}
