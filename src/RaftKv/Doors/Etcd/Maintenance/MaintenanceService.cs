using RaftKv.Core;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Service.Vocabulary;
using Pb = RaftKv.Protocol.Etcd;

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
        new UnaryMethod<Pb.AlarmRequest, Pb.AlarmResponse>(Service, "Alarm", AlarmAsync),
        new UnaryMethod<Pb.StatusRequest, Pb.StatusResponse>(Service, "Status", StatusAsync),
        new UnaryMethod<Pb.DefragmentRequest, Pb.DefragmentResponse>(Service, "Defragment", DefragmentAsync),
        new UnaryMethod<Pb.HashRequest, Pb.HashResponse>(Service, "Hash", HashAsync),
        new UnaryMethod<Pb.HashKVRequest, Pb.HashKVResponse>(Service, "HashKV", HashKvAsync),
        new StreamMethod<Pb.SnapshotRequest, Pb.SnapshotResponse>(Service, "Snapshot", SnapshotAsync, hasRequestStream: false),
        new UnaryMethod<Pb.MoveLeaderRequest, Pb.MoveLeaderResponse>(Service, "MoveLeader", MoveLeaderAsync),
        new UnaryMethod<Pb.DowngradeRequest, Pb.DowngradeResponse>(Service, "Downgrade", DowngradeAsync),
    ];

    // As etcd: raising what is raised answers it again, clearing what is not answers nothing, and GET looks at the kind only.
    private async ValueTask<Pb.AlarmResponse> AlarmAsync(RpcContext context, Pb.AlarmRequest request)
    {
        if (request.Action == Pb.AlarmRequest.Types.AlarmAction.Get)
        {
            StoreView view = await _gate.ReadAsync(context, isSerializable: false);
            bool isAny = request.Alarm == Pb.AlarmType.None;
            return Answer(view.Revision, view.ListAlarms().Where(a => isAny || a.Kind == KindOf(request.Alarm)));
        }

        // etcd 3.4 falls over an alarm without a kind.
        var alarm = new Alarm(KindOf(request.Alarm), new NodeId(request.MemberID), AlarmCause.Hand);
        if (alarm.Kind is not (AlarmKind.NoSpace or AlarmKind.Corrupt))
        {
            throw EtcdErrors.UnknownAlarm();
        }

        bool isRaise = request.Action == Pb.AlarmRequest.Types.AlarmAction.Activate;
        CommandResult result = await _gate.TryProposeAsync(
            context, isRaise ? new RaiseAlarmCommand(alarm.Kind, alarm.Node, alarm.Cause) : new ClearAlarmCommand(alarm.Kind, alarm.Node));
        return result.Status switch
        {
            CommandStatus.Ok or CommandStatus.AlreadySet => Answer(result.Revision, [alarm]),
            CommandStatus.AlarmNotFound => Answer(result.Revision, []),
            _ => throw EtcdErrors.FromStore(result.Status),
        };
    }

    private static AlarmKind KindOf(Pb.AlarmType type) => (AlarmKind)(byte)type;

    private Pb.AlarmResponse Answer(Revision revision, IEnumerable<Alarm> alarms)
    {
        var answer = new Pb.AlarmResponse { Header = _gate.Header(revision) };
        answer.Alarms.AddRange(alarms.Select(
            static a => new Pb.AlarmMember { MemberID = a.Node.Value, Alarm = (Pb.AlarmType)(int)a.Kind }));
        return answer;
    }

    private ValueTask<Pb.StatusResponse> StatusAsync(RpcContext context, Pb.StatusRequest request)
    {
        ReplicaStatus status = _gate.Node.Status;
        StoreView view = _gate.Node.View;
        var answer = new Pb.StatusResponse
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

    // Space is given back as it becomes free; there is nothing to defragment, and so nothing to wait for.
    private ValueTask<Pb.DefragmentResponse> DefragmentAsync(RpcContext context, Pb.DefragmentRequest request) =>
        new(new Pb.DefragmentResponse());

    private ValueTask<Pb.HashResponse> HashAsync(RpcContext context, Pb.HashRequest request)
    {
        StoreView view = _gate.Node.View;
        return new(new Pb.HashResponse { Header = _gate.Header(view.Revision), Hash = Fold(view.StateHash) });
    }

    private async ValueTask<Pb.HashKVResponse> HashKvAsync(RpcContext context, Pb.HashKVRequest request)
    {
        StoreView view = _gate.Node.View;

        // A walk over all versions: not on the thread that serves others.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        ReadStatus read = view.HashAt(new Revision(Math.Max(request.Revision, 0)), out ulong hash);
        return read switch
        {
            ReadStatus.Compacted => throw EtcdErrors.Compacted(),
            ReadStatus.FutureRevision => throw EtcdErrors.FutureRevision(),
            _ => new Pb.HashKVResponse
            {
                Header = _gate.Header(view.Revision),
                Hash = Fold(hash),
                CompactRevision = view.CompactedRevision == Revision.Zero ? -1 : view.CompactedRevision.Value,
            },
        };
    }

    private async Task SnapshotAsync(
        RpcContext context, IMessageSource<Pb.SnapshotRequest> requests, IMessageSink<Pb.SnapshotResponse> answers)
    {
        await requests.ReadAsync(context.Cancelled);

        // Two walks over all versions: not on the thread that serves others.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await SnapshotStream.SendAsync(_gate.Node.View, answers, context.Cancelled);
    }

    private async ValueTask<Pb.MoveLeaderResponse> MoveLeaderAsync(RpcContext context, Pb.MoveLeaderRequest request)
    {
        ReplicaStatus status = _gate.Node.Status;
        if (status.Role != Role.Leader)
        {
            throw EtcdErrors.NotLeader();
        }

        var target = new NodeId(request.TargetID);
        if (!status.Membership.IsVoter(target))
        {
            throw EtcdErrors.BadTransferee();
        }

        bool hasMoved = await _gate.Node.TransferLeadershipAsync(target, context.TimeoutWithin(_transferPatience), context.Cancelled);
        return hasMoved ? new Pb.MoveLeaderResponse { Header = _gate.HeaderWithoutRevision() } : throw EtcdErrors.TransferTimedOut();
    }

    private ValueTask<Pb.DowngradeResponse> DowngradeAsync(RpcContext context, Pb.DowngradeRequest request) =>
        throw EtcdErrors.NotYet("there is no older version of the store to downgrade to; nothing was changed");

    private static uint Fold(ulong hash) => (uint)(hash ^ (hash >> 32));
}
