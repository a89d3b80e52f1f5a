using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Engine;
using RaftKv.Service.Members;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Maintenance;

/// <summary>etcdserverpb.Maintenance: what operators ask of one node.</summary>
internal sealed class MaintenanceService
{
    private const string Service = "etcdserverpb.Maintenance";
    private static readonly TimeSpan _transferPatience = TimeSpan.FromSeconds(5);

    private readonly EtcdGate _gate;

    public MaintenanceService(EtcdGate gate) => _gate = gate;

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new UnaryMethod<Proto.AlarmRequest, Proto.AlarmResponse>(Service, "Alarm", AlarmAsync),
        new UnaryMethod<Proto.StatusRequest, Proto.StatusResponse>(Service, "Status", StatusAsync),
        new UnaryMethod<Proto.DefragmentRequest, Proto.DefragmentResponse>(Service, "Defragment", DefragmentAsync),
        new UnaryMethod<Proto.HashRequest, Proto.HashResponse>(Service, "Hash", HashAsync),
        new UnaryMethod<Proto.HashKVRequest, Proto.HashKVResponse>(Service, "HashKV", HashKvAsync),
        new StreamMethod<Proto.SnapshotRequest, Proto.SnapshotResponse>(Service, "Snapshot", SnapshotAsync, hasRequestStream: false),
        new UnaryMethod<Proto.MoveLeaderRequest, Proto.MoveLeaderResponse>(Service, "MoveLeader", MoveLeaderAsync),
        new UnaryMethod<Proto.DowngradeRequest, Proto.DowngradeResponse>(Service, "Downgrade", DowngradeCall.RunAsync),
    ];

    // As etcd: raising what is raised answers it again, clearing what is not answers nothing, and GET looks at the kind only.
    private async ValueTask<Proto.AlarmResponse> AlarmAsync(RpcContext context, Proto.AlarmRequest request)
    {
        if (request.Action == Proto.AlarmRequest.Types.AlarmAction.Get)
        {
            StoreView view = await _gate.ReadAsync(context, isSerializable: false);
            bool isAny = request.Alarm == Proto.AlarmType.None;
            return Answer(view.Revision, view.ListAlarms().Where(a => isAny || a.Kind == KindOf(request.Alarm)));
        }

        // etcd 3.4 falls over an alarm without a kind.
        var alarm = new Alarm(KindOf(request.Alarm), new NodeId(request.MemberID), AlarmCause.Hand);
        if (alarm.Kind is not (AlarmKind.NoSpace or AlarmKind.Corrupt))
        {
            throw EtcdErrors.UnknownAlarm();
        }

        bool isRaise = request.Action == Proto.AlarmRequest.Types.AlarmAction.Activate;
        CommandResult result = await _gate.TryProposeAsync(
            context, isRaise ? new RaiseAlarmCommand(alarm.Kind, alarm.Node, alarm.Cause) : new ClearAlarmCommand(alarm.Kind, alarm.Node));
        return result.Status switch
        {
            CommandStatus.Ok or CommandStatus.AlreadySet => Answer(result.Revision, [alarm]),
            CommandStatus.AlarmNotFound => Answer(result.Revision, []),
            _ => throw EtcdErrors.FromStore(result.Status),
        };
    }

    private static AlarmKind KindOf(Proto.AlarmType type) => (AlarmKind)(byte)type;

    private Proto.AlarmResponse Answer(Revision revision, IEnumerable<Alarm> alarms)
    {
        var answer = new Proto.AlarmResponse { Header = _gate.Header(revision) };
        answer.Alarms.AddRange(alarms.Select(
            static a => new Proto.AlarmMember { MemberID = a.Node.Value, Alarm = (Proto.AlarmType)(int)a.Kind }));
        return answer;
    }

    private ValueTask<Proto.StatusResponse> StatusAsync(RpcContext context, Proto.StatusRequest request)
    {
        EngineStatus status = _gate.Node.Status;
        StoreView view = _gate.Node.View;
        var answer = new Proto.StatusResponse
        {
            Header = _gate.Header(view.Revision),
            Version = EtcdVersion.Server,
            DbSize = view.UsedBytes,
            DbSizeInUse = view.UsedBytes,
            Leader = status.Leader.Value,
            RaftIndex = (ulong)status.CommitIndex.Value,
            RaftTerm = (ulong)status.Term.Value,
            RaftAppliedIndex = (ulong)view.AppliedIndex.Value,
            IsLearner = !status.Membership.IsVoter(status.Self),
            StorageVersion = EtcdVersion.Storage,
            DbSizeQuota = EtcdGauges.QuotaOf(view),
            DowngradeInfo = new Proto.DowngradeInfo(),
        };
        if (status.Leader.IsNone)
        {
            answer.Errors.Add("etcdserver: no leader");
        }

        foreach (Alarm alarm in view.ListAlarms())
        {
            answer.Errors.Add(TextOf(alarm));
        }

        return new(answer);
    }

    // The text form of the message, as etcd writes it: fields that are 0 are left out.
    private static string TextOf(Alarm alarm) =>
        (alarm.Node.IsNone ? "" : $"memberID:{alarm.Node.Value} ")
        + (alarm.Kind == AlarmKind.NoSpace ? "alarm:NOSPACE " : "alarm:CORRUPT ");

    // Space is given back as it becomes free; there is nothing to defragment, and so nothing to wait for. etcd's answer has no
    // field that could say so.
    private ValueTask<Proto.DefragmentResponse> DefragmentAsync(RpcContext context, Proto.DefragmentRequest request)
    {
        context.Http.Response.Headers[HeaderNames.Note] = "nothing to defragment: space is reused as it becomes free";
        return new(new Proto.DefragmentResponse());
    }

    private ValueTask<Proto.HashResponse> HashAsync(RpcContext context, Proto.HashRequest request)
    {
        StoreView view = _gate.Node.View;
        return new(new Proto.HashResponse { Header = _gate.Header(view.Revision), Hash = Fold(view.StateHash) });
    }

    private async ValueTask<Proto.HashKVResponse> HashKvAsync(RpcContext context, Proto.HashKVRequest request)
    {
        StoreView view = _gate.Node.View;

        // A walk over all versions: not on the thread that serves others.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        EtcdErrors.ThrowUnlessOk(view.HashAt(new Revision(Math.Max(request.Revision, 0)), out ulong hash));
        return new Proto.HashKVResponse
        {
            Header = _gate.Header(view.Revision),
            Hash = Fold(hash),
            CompactRevision = view.CompactedRevision == Revision.Zero ? -1 : view.CompactedRevision.Value,
            HashRevision = request.Revision > 0 ? request.Revision : view.Revision.Value,
        };
    }

    private async Task SnapshotAsync(
        RpcContext context, IMessageSource<Proto.SnapshotRequest> requests, IMessageSink<Proto.SnapshotResponse> answers)
    {
        await requests.ReadAsync(context.Cancelled);

        // Two walks over all versions: not on the thread that serves others.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        StoreView view = _gate.Node.View;
        await SnapshotStream.SendAsync(view, _gate.Header(view.Revision), answers, context.Cancelled);
    }

    private async ValueTask<Proto.MoveLeaderResponse> MoveLeaderAsync(RpcContext context, Proto.MoveLeaderRequest request)
    {
        EtcdCall call = _gate.BeginCall(context);
        var target = new NodeId(request.TargetID);
        EngineStatus status = _gate.Node.Status;
        if (status.Role != Role.Leader)
        {
            call.MemberAsked(HandOverDesk.LeadershipTo, target, ErrorMapper.FromRefusedBarrier(isShuttingDown: false, _gate.Node.Phase));
            throw EtcdErrors.NotLeader();
        }

        if (!status.Membership.IsVoter(target))
        {
            call.MemberAsked(HandOverDesk.LeadershipTo, target, MemberErrors.NoVoter());
            throw EtcdErrors.BadTransferee();
        }

        bool hasMoved = await _gate.Node.TransferLeadershipAsync(target, context.TimeoutWithin(_transferPatience), context.Cancelled);
        call.MemberAsked(HandOverDesk.LeadershipTo, target, hasMoved ? null : MemberErrors.NotLeadingYet());
        return hasMoved ? new Proto.MoveLeaderResponse { Header = _gate.HeaderWithoutRevision() } : throw EtcdErrors.TransferTimedOut();
    }

    private static uint Fold(ulong hash) => (uint)(hash ^ (hash >> 32));
}
