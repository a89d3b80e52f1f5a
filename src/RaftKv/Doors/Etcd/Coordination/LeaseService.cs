using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Node;
using Pb = RaftKv.Protocol.Etcd;

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
        new UnaryMethod<Pb.LeaseGrantRequest, Pb.LeaseGrantResponse>(Service, "LeaseGrant", GrantAsync),
        new UnaryMethod<Pb.LeaseRevokeRequest, Pb.LeaseRevokeResponse>(Service, "LeaseRevoke", RevokeAsync),
        new StreamMethod<Pb.LeaseKeepAliveRequest, Pb.LeaseKeepAliveResponse>(Service, "LeaseKeepAlive", KeepAliveAsync),
        new UnaryMethod<Pb.LeaseTimeToLiveRequest, Pb.LeaseTimeToLiveResponse>(Service, "LeaseTimeToLive", TimeToLiveAsync),
        new UnaryMethod<Pb.LeaseLeasesRequest, Pb.LeaseLeasesResponse>(Service, "LeaseLeases", LeasesAsync),
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

    private async ValueTask<Pb.LeaseGrantResponse> GrantAsync(RpcContext context, Pb.LeaseGrantRequest request)
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
        return new Pb.LeaseGrantResponse { Header = _gate.Header(revision), ID = lease.Id.Value, TTL = SecondsUp(lease.TtlMs) };
    }

    private async ValueTask<Pb.LeaseRevokeResponse> RevokeAsync(RpcContext context, Pb.LeaseRevokeRequest request)
    {
        if (request.ID <= 0)
        {
            throw EtcdErrors.LeaseNotFound();
        }

        CommandResult result = await _gate.ProposeAsync(context, new RevokeLeaseCommand(new LeaseId(request.ID)));
        return new Pb.LeaseRevokeResponse { Header = _gate.Header(result.Revision) };
    }

    private async Task KeepAliveAsync(
        RpcContext context, IMessageSource<Pb.LeaseKeepAliveRequest> requests, IMessageSink<Pb.LeaseKeepAliveResponse> answers)
    {
        while (await requests.ReadAsync(context.Cancelled) is { } request)
        {
            LeaseTime? time = request.ID <= 0 ? null : await RenewAsync(context, new LeaseId(request.ID));
            var answer = new Pb.LeaseKeepAliveResponse { Header = _gate.Header(_gate.Node.View.Revision), ID = request.ID };
            if (time is { Lives: true } alive)
            {
                answer.TTL = SecondsUp(alive.TtlMs);
            }

            await answers.WriteAsync(answer, context.Cancelled);
        }
    }

    private async ValueTask<LeaseTime?> RenewAsync(RpcContext context, LeaseId lease)
    {
        LeaseTimesResult result = await _gate.Node.KeepAliveAsync(lease, EtcdGate.PatienceOf(context), context.Cancelled);
        return result.IsGranted ? result.Times[0] : throw EtcdErrors.FromRefusedBarrier(result.IsShuttingDown);
    }

    private async ValueTask<Pb.LeaseTimeToLiveResponse> TimeToLiveAsync(RpcContext context, Pb.LeaseTimeToLiveRequest request)
    {
        LeaseTime time = default;
        if (request.ID > 0)
        {
            LeaseTimesResult result = await _gate.Node.LeaseTimesAsync(
                [new LeaseId(request.ID)], EtcdGate.PatienceOf(context), CancellationToken.None);
            time = result.IsGranted ? result.Times[0] : throw EtcdErrors.FromRefusedBarrier(result.IsShuttingDown);
        }

        if (!time.Lives)
        {
            return new Pb.LeaseTimeToLiveResponse { Header = _gate.Header(_gate.Node.View.Revision), ID = request.ID, TTL = -1 };
        }

        var answer = new Pb.LeaseTimeToLiveResponse
        {
            ID = request.ID,
            TTL = time.RemainingMs / 1000,
            GrantedTTL = SecondsUp(time.TtlMs),
        };
        StoreView view = await _gate.ReadAsync(context, isSerializable: !request.Keys);
        answer.Header = _gate.Header(view.Revision);
        if (request.Keys)
        {
            foreach (ReadOnlyMemory<byte> key in view.GetLeaseKeys(new LeaseId(request.ID), int.MaxValue))
            {
                answer.Keys.Add(UnsafeByteOperations.UnsafeWrap(key));
            }
        }

        return answer;
    }

    // The next to end comes first, as in etcd, when the leader can be asked in one go; else, and among those that end at
    // once, by id.
    private async ValueTask<Pb.LeaseLeasesResponse> LeasesAsync(RpcContext context, Pb.LeaseLeasesRequest request)
    {
        StoreView view = await _gate.ReadAsync(context, isSerializable: false);
        List<LeaseId> leases = [.. view.ListLeases(LeaseId.None, int.MaxValue).Select(static lease => lease.Id)];
        if (leases.Count is > 1 and <= ReplicaCore.MaxLeasesPerAsk)
        {
            LeaseTimesResult times = await _gate.Node.LeaseTimesAsync(leases, EtcdGate.PatienceOf(context), CancellationToken.None);
            if (times.IsGranted)
            {
                leases = [.. times.Times.OrderBy(static time => time.RemainingMs).Select(static time => time.Lease)];
            }
        }

        var answer = new Pb.LeaseLeasesResponse { Header = _gate.Header(view.Revision) };
        answer.Leases.Add(leases.Select(static lease => new Pb.LeaseStatus { ID = lease.Value }));
        return answer;
    }
}
