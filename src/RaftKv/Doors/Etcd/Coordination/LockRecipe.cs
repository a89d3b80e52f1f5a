using System.Globalization;
using System.Text;
using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Node;
using RaftKv.Watch;

namespace RaftKv.Doors.Etcd.Coordination;

/// <summary>
/// etcd's recipe behind its lock and election services: a key NAME/LEASE for each who waits, in the order of their
/// create revisions; the first one holds. The same keys as those of clients that play the recipe themselves.
/// </summary>
internal sealed class LockRecipe
{
    // What etcd gives a session whose client brought no lease.
    private const long DefaultTtlSeconds = 60;
    private static readonly TimeSpan _cleanUpPatience = TimeSpan.FromSeconds(5);

    private readonly EtcdGate _gate;

    public LockRecipe(EtcdGate gate) => _gate = gate;

    /// <summary>All keys of a name.</summary>
    public static byte[] PrefixOf(ByteString name) => [.. name.Span, (byte)'/'];

    /// <summary>Key of a lease's place under a name.</summary>
    public static byte[] KeyOf(ByteString name, LeaseId lease) =>
        [.. PrefixOf(name), .. Encoding.ASCII.GetBytes(lease.Value.ToString("x", CultureInfo.InvariantCulture))];

    /// <summary>The first of those who wait under a prefix, at a revision (zero means the newest); null when nobody does.</summary>
    public static KeyValue? HolderIn(StoreView view, byte[] prefix, Revision revision) => view.Range(new RangeRequest
    {
        Keys = KeyRange.Prefix(prefix),
        Revision = revision,
        Limit = 1,
        SortBy = SortTarget.CreateRevision,
    }) is { Status: ReadStatus.Ok, Pairs: [var first, ..] } ? first : null;

    /// <summary>The caller's lease, or a new one when it brought none.</summary>
    public async ValueTask<LeaseId> LeaseAsync(RpcContext context, long lease) =>
        lease == 0 ? (await LeaseService.GrantAsync(_gate, context, id: 0, DefaultTtlSeconds)).Lease.Id : LeaseOf(lease);

    /// <summary>The lease that a caller names, or none.</summary>
    /// <exception cref="GrpcException">No lease has such an id.</exception>
    public static LeaseId LeaseOf(long lease) => lease >= 0 ? new LeaseId(lease) : throw EtcdErrors.AsUnknown(EtcdErrors.LeaseNotFound());

    /// <summary>Takes a place, or finds the one that the lease has already.</summary>
    public async ValueTask<LockPlace> EnterAsync(RpcContext context, byte[] key, LeaseId lease, ByteString value)
    {
        var txn = new TxnOp(
            [new Compare(KeyRange.Single(key), CompareTarget.CreateRevision, CompareOperator.Equal, 0, default)],
            [new PutOp(key, value.Memory, lease)],
            [new RangeOp(new RangeRequest { Keys = KeyRange.Single(key) })]);
        CommandResult result = await _gate.TryProposeAsync(context, new MutateCommand(txn));
        if (result.Status != CommandStatus.Ok)
        {
            throw EtcdErrors.AsUnknown(EtcdErrors.FromStore(result.Status));
        }

        KeyValue pair = ((TxnResult)result.Result!).Results[0] switch
        {
            PutResult put => put.Written,
            RangeResult { Pairs: [var present, ..] } => present,
            var other => Check.Unreachable<KeyValue>(other),
        };
        return new LockPlace(key, pair, result.Revision);
    }

    /// <summary>
    /// Waits until the place is the first one. When the caller goes away first, or its time is over, the place is given
    /// up before this throws.
    /// </summary>
    /// <returns>The revision at which it was seen to be the first.</returns>
    public async ValueTask<Revision> WaitAsync(RpcContext context, byte[] prefix, LockPlace place)
    {
        try
        {
            return await WaitToHoldAsync(prefix, place, context.Cancelled);
        }
        catch (Exception)
        {
            await LeaveAsync(place);
            throw;
        }
    }

    private async ValueTask<Revision> WaitToHoldAsync(byte[] prefix, LockPlace place, CancellationToken cancelled)
    {
        WatchHub hub = _gate.Node.Watches;
        while (true)
        {
            // The hub's view may be one behind the one that the place was written in.
            StoreView view = hub.View;
            if (view.Revision < place.SeenAt)
            {
                view = _gate.Node.View;
            }

            if (view.Get(place.Key) is not { } own || own.CreateRevision != place.Revision)
            {
                throw EtcdErrors.SessionExpired();
            }

            KeyValue? ahead = LastBefore(view, prefix, place.Revision);
            if (ahead is null)
            {
                return view.Revision;
            }

            WatchSelector departure = WatchSelector.OfKey(ahead.Key.ToArray()).Only(puts: false, deletes: true);
            using Watcher watcher = hub.TryOpen(departure, cancelled) ?? throw EtcdErrors.TooManyRequests();
            switch (await watcher.ParkAsync(view.Revision.Next, Timeout.InfiniteTimeSpan))
            {
                case WatchWake.Cancelled:
                    throw new OperationCanceledException(cancelled);
                case WatchWake.Stopping:
                    throw EtcdErrors.Stopped();
            }
        }
    }

    private static KeyValue? LastBefore(StoreView view, byte[] prefix, Revision revision) => view.Range(new RangeRequest
    {
        Keys = KeyRange.Prefix(prefix),
        MaxCreateRevision = new Revision(revision.Value - 1),
        Limit = 1,
        SortBy = SortTarget.CreateRevision,
        IsDescending = true,
    }).Pairs is [var last, ..] ? last : null;

    // On no call's time: the caller is gone. What fails here ends with the lease.
    private async ValueTask LeaveAsync(LockPlace place)
    {
        byte[] envelope = KvCommandCodec.Encode(place.ToLeave(), Core.Replica.Proposals.CommandEnvelope.HeaderBytes);
        await _gate.Node.ProposeAsync(envelope, _cleanUpPatience, CancellationToken.None);
    }
}
