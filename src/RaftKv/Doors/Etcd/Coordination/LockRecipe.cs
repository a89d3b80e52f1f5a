using Google.Protobuf;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Coordination;
using RaftKv.Service.Refusals;
using RaftKv.Service.Writes;

namespace RaftKv.Doors.Etcd.Coordination;

/// <summary>
/// etcd's recipe behind its lock and election services: the same keys as those of clients that play it themselves.
/// </summary>
internal sealed class LockRecipe(EtcdGate gate, RpcContext context, ByteString name)
{
    // What etcd gives a session whose client brought no lease.
    private const long DefaultTtlSeconds = 60;

    private readonly RecipeLine _line = new(name.Span);
    private Acquisition? _acquisition;
    private EtcdCall? _call;
    private bool _ownsLease;

    /// <summary>The caller's lease, or the one that was made for it.</summary>
    public LeaseId Lease { get; private set; }

    /// <summary>Key of the caller's place.</summary>
    public byte[] Key { get; private set; } = [];

    /// <summary>The caller's place as far as it is known; set by <see cref="EnterAsync"/>.</summary>
    public Acquisition Acquisition => _acquisition!;

    /// <summary>The lease that a caller names, or none.</summary>
    /// <exception cref="GrpcException">No lease has such an id.</exception>
    public static LeaseId LeaseOf(long lease) => lease >= 0 ? new LeaseId(lease) : throw EtcdErrors.AsUnknown(EtcdErrors.LeaseNotFound());

    /// <summary>Takes a place under the caller's lease (0: a new one), or finds the one that the lease has already.</summary>
    public async ValueTask EnterAsync(long lease, ByteString value)
    {
        _ownsLease = lease == 0;
        Lease = _ownsLease ? (await LeaseService.GrantAsync(gate, context, id: 0, DefaultTtlSeconds)).Lease.Id : LeaseOf(lease);
        Key = _line.KeyOf(Lease);
        EtcdCall call = gate.BeginWrite(context);
        call.WillRead(KeyRange.Prefix(_line.Prefix));
        try
        {
            WriteOutcome entered = await gate.TryWriteAsync(call, context, _line.Enter(Key, Lease, value.Memory));
            if (entered.Result!.Status != CommandStatus.Ok)
            {
                throw EtcdErrors.AsUnknown(EtcdErrors.FromStore(entered.Result.Status));
            }

            _call = call;
            _acquisition = new Acquisition(call, _line, context.Cancelled);
            _acquisition.Take(RecipeLine.PlaceOf(entered.Result), entered.Proposed!.Value.View!);
        }
        catch (GrpcException)
        {
            // A place of unknown outcome goes with its lease.
            await EndOwnLeaseAsync(call);
            throw;
        }
    }

    /// <summary>
    /// Waits until the place is the first one. When the caller goes away first, or its time is over, the place is given
    /// up before this throws.
    /// </summary>
    public async ValueTask HoldAsync()
    {
        AcquireEnd end = await Acquisition.HoldAsync(Timeout.InfiniteTimeSpan);

        // Whoever lost the right while waiting holds nothing: the place is given back, or ends with its lease.
        ApiError? denied = end == AcquireEnd.Held ? _call!.RefusalFor(Acquisition.View!) : null;
        if (denied is not null)
        {
            await Acquisition.LeaveAsync();
        }

        if (denied is not null || end != AcquireEnd.Held)
        {
            await EndOwnLeaseAsync(_call!);
        }

        switch (end)
        {
            case AcquireEnd.Held when denied is not null:
                throw EtcdErrors.FromAccess(denied);
            case AcquireEnd.Held:
                return;
            case AcquireEnd.Gone:
                throw EtcdErrors.SessionExpired();
            case AcquireEnd.Stopping:
                throw EtcdErrors.Stopped();
            case AcquireEnd.TooMany:
                throw EtcdErrors.TooManyRequests();
            default:
                throw new OperationCanceledException(context.Cancelled);
        }
    }

    // Who gets no place never hears of the lease that was made for it, which would stay for as long as it lives.
    private async ValueTask EndOwnLeaseAsync(EtcdCall call)
    {
        if (_ownsLease)
        {
            var nobody = new Acquisition(call, _line, context.Cancelled) { OwnLease = Lease, OwnTtlMs = DefaultTtlSeconds * 1000 };
            await nobody.LeaveAsync();
        }
    }
}
