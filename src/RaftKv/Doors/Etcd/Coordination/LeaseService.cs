using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Engine;
using RaftKv.Service.Leases;
using RaftKv.Service.Refusals;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Coordination;

/// <summary>etcdserverpb.Lease. Times are whole seconds here, and milliseconds beneath.</summary>
internal sealed class LeaseService
{
    private const string Service = "etcdserverpb.Lease";
    private const long MaxTtlSeconds = 9_000_000_000;

    // etcd's floor with its default election timeout.
    private const long MinTtlSeconds = 2;

    private readonly EtcdGate _gate;

    public LeaseService(EtcdGate gate) => _gate = gate;

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new UnaryMethod<Proto.LeaseGrantRequest, Proto.LeaseGrantResponse>(Service, "LeaseGrant", GrantAsync),
        new UnaryMethod<Proto.LeaseRevokeRequest, Proto.LeaseRevokeResponse>(Service, "LeaseRevoke", RevokeAsync),
        new StreamMethod<Proto.LeaseKeepAliveRequest, Proto.LeaseKeepAliveResponse>(Service, "LeaseKeepAlive", KeepAliveAsync),
        new UnaryMethod<Proto.LeaseTimeToLiveRequest, Proto.LeaseTimeToLiveResponse>(Service, "LeaseTimeToLive", TimeToLiveAsync),
        new UnaryMethod<Proto.LeaseLeasesRequest, Proto.LeaseLeasesResponse>(Service, "LeaseLeases", LeasesAsync),
    ];

    /// <summary>Grants a lease under an id, or under one of the server's choice for 0.</summary>
    public static async ValueTask<(LeaseGrantedResult Lease, Revision Revision)> GrantAsync(
        EtcdGate gate, RpcContext context, long id, long ttlSeconds)
    {
        while (true)
        {
            var lease = new LeaseId(id != 0 ? id : gate.LeaseIds.Next());
            CommandResult result = await gate.TryProposeAsync(context, new GrantLeaseCommand(lease, ttlSeconds * 1000));
            if (result.Status == CommandStatus.Ok)
            {
                return ((LeaseGrantedResult)result.Result!, result.Revision);
            }

            if (result.Status != CommandStatus.LeaseExists || id != 0)
            {
                throw EtcdErrors.FromStore(result.Status);
            }
        }
    }

    // A lease of 1.5 s lives for less than 2 and more than 1: shown as 2, since 0 means that it is dead.
    private static long SecondsUp(long ms) => (ms + 999) / 1000;

    private async ValueTask<Proto.LeaseGrantResponse> GrantAsync(RpcContext context, Proto.LeaseGrantRequest request)
    {
        if (request.TTL > MaxTtlSeconds)
        {
            throw EtcdErrors.LeaseTtlTooLarge();
        }

        if (request.ID < 0)
        {
            throw EtcdErrors.NegativeLeaseId();
        }

        (LeaseGrantedResult lease, Revision revision) =
            await GrantAsync(_gate, context, request.ID, Math.Max(request.TTL, MinTtlSeconds));
        return new Proto.LeaseGrantResponse { Header = _gate.Header(revision), ID = lease.Id.Value, TTL = SecondsUp(lease.TtlMs) };
    }

    private async ValueTask<Proto.LeaseRevokeResponse> RevokeAsync(RpcContext context, Proto.LeaseRevokeRequest request)
    {
        if (request.ID <= 0)
        {
            throw EtcdErrors.LeaseNotFound();
        }

        CommandResult result = await _gate.ProposeAsync(context, new RevokeLeaseCommand(new LeaseId(request.ID)));
        return new Proto.LeaseRevokeResponse { Header = _gate.Header(result.Revision) };
    }

    private async Task KeepAliveAsync(
        RpcContext context, IMessageSource<Proto.LeaseKeepAliveRequest> requests, IMessageSink<Proto.LeaseKeepAliveResponse> answers)
    {
        while (await requests.ReadAsync(context.Cancelled) is { } request)
        {
            LeaseTime? time = request.ID <= 0 ? null : await RenewAsync(context, new LeaseId(request.ID));
            var answer = new Proto.LeaseKeepAliveResponse { Header = _gate.Header(_gate.Node.View.Revision), ID = request.ID };
            if (time is { Lives: true } alive)
            {
                answer.TTL = SecondsUp(alive.TtlMs);
            }

            await answers.WriteAsync(answer, context.Cancelled);
        }
    }

    private async ValueTask<LeaseTime?> RenewAsync(RpcContext context, LeaseId lease) =>
        TimeOrThrow(await LeaseDesk.RenewAsync(_gate.BeginLease(context), lease));

    // A lease that is gone is an answer here.
    private static LeaseTime TimeOrThrow(LeaseOutcome outcome)
    {
        EtcdErrors.ThrowForAccess(outcome.Refusal);
        return outcome.Refusal is null or { Code: ErrorCode.LeaseNotFound }
            ? outcome.Time
            : throw EtcdErrors.FromRefusedBarrier(outcome.Refusal.Code == ErrorCode.ShuttingDown);
    }

    private async ValueTask<Proto.LeaseTimeToLiveResponse> TimeToLiveAsync(RpcContext context, Proto.LeaseTimeToLiveRequest request)
    {
        LeaseTime time = default;
        if (request.ID > 0)
        {
            time = TimeOrThrow(await LeaseDesk.TimeOfAsync(_gate.BeginLease(context), new LeaseId(request.ID)));
        }

        if (!time.Lives)
        {
            return new Proto.LeaseTimeToLiveResponse { Header = _gate.Header(_gate.Node.View.Revision), ID = request.ID, TTL = -1 };
        }

        var answer = new Proto.LeaseTimeToLiveResponse
        {
            ID = request.ID,
            TTL = time.RemainingMs / 1000,
            GrantedTTL = SecondsUp(time.TtlMs),
        };
        StoreView view = await _gate.ReadAsync(context, isSerializable: !request.Keys);
        answer.Header = _gate.Header(view.Revision);
        if (request.Keys)
        {
            IReadOnlyList<ReadOnlyMemory<byte>> keys = view.GetLeaseKeys(new LeaseId(request.ID), int.MaxValue);
            EtcdCall call = _gate.BeginCall(context);
            EtcdErrors.ThrowForAccess(call.Refused(call.Access.RefusalOfKeys(view, keys)));
            foreach (ReadOnlyMemory<byte> key in keys)
            {
                answer.Keys.Add(UnsafeByteOperations.UnsafeWrap(key));
            }
        }

        return answer;
    }

    // The next to end comes first, as in etcd, when the leader can be asked in one go; else, and among those that end at
    // once, by id.
    private async ValueTask<Proto.LeaseLeasesResponse> LeasesAsync(RpcContext context, Proto.LeaseLeasesRequest request)
    {
        StoreView view = await _gate.ReadAsync(context, isSerializable: false);
        List<LeaseId> leases = [.. view.ListLeases(LeaseId.None, int.MaxValue).Select(static lease => lease.Id)];
        if (leases.Count is > 1 and <= IEngine.MaxLeasesPerAsk)
        {
            IReadOnlyList<LeaseTime> times = await LeaseDesk.GlanceAsync(
                _gate.BeginLease(context), leases, EtcdGate.PatienceOf(context));
            if (times.Count > 0)
            {
                leases = [.. times.OrderBy(static time => time.RemainingMs).Select(static time => time.Lease)];
            }
        }

        var answer = new Proto.LeaseLeasesResponse { Header = _gate.Header(view.Revision) };
        answer.Leases.Add(leases.Select(static lease => new Proto.LeaseStatus { ID = lease.Value }));
        return answer;
    }
}
