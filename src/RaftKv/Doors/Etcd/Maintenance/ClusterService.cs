using RaftKv.Core;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Engine;
using RaftKv.Service.Members;
using RaftKv.Service.Refusals;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Maintenance;

/// <summary>etcdserverpb.Cluster: the members, and changes of them.</summary>
internal sealed class ClusterService
{
    private const string Service = "etcdserverpb.Cluster";

    private readonly EtcdGate _gate;

    public ClusterService(EtcdGate gate) => _gate = gate;

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new UnaryMethod<Proto.MemberListRequest, Proto.MemberListResponse>(Service, "MemberList", ListAsync),
        new UnaryMethod<Proto.MemberAddRequest, Proto.MemberAddResponse>(Service, "MemberAdd", AddAsync),
        new UnaryMethod<Proto.MemberRemoveRequest, Proto.MemberRemoveResponse>(Service, "MemberRemove", RemoveAsync),
        new UnaryMethod<Proto.MemberUpdateRequest, Proto.MemberUpdateResponse>(Service, "MemberUpdate", UpdateAsync),
        new UnaryMethod<Proto.MemberPromoteRequest, Proto.MemberPromoteResponse>(Service, "MemberPromote", PromoteAsync),
    ];

    private async ValueTask<Proto.MemberListResponse> ListAsync(RpcContext context, Proto.MemberListRequest request)
    {
        if (request.Linearizable)
        {
            await _gate.ReadAsync(context, isSerializable: false);
        }

        var answer = new Proto.MemberListResponse { Header = _gate.HeaderWithoutRevision() };
        answer.Members.Add(Members());
        return answer;
    }

    private async ValueTask<Proto.MemberAddResponse> AddAsync(RpcContext context, Proto.MemberAddRequest request)
    {
        CheckUrls(request.PeerURLs);
        var added = new NewMember(Name: "", Normal(request.PeerURLs[0]), request.IsLearner);
        MemberEnd end = await RunAsync(context, new MemberWish { Add = [added] });
        var answer = new Proto.MemberAddResponse { Header = _gate.HeaderWithoutRevision(), Member = ToMember(end.Added[0]) };
        answer.Members.Add(Members());
        return answer;
    }

    private async ValueTask<Proto.MemberRemoveResponse> RemoveAsync(RpcContext context, Proto.MemberRemoveRequest request)
    {
        await RunAsync(context, new MemberWish { Remove = [new NodeId(request.ID)], WaitsForEnd = true });
        var answer = new Proto.MemberRemoveResponse { Header = _gate.HeaderWithoutRevision() };

        // One that takes its time to close its doors is a member to nobody any more.
        answer.Members.Add(Members().Where(member => member.ID != request.ID));
        return answer;
    }

    private async ValueTask<Proto.MemberUpdateResponse> UpdateAsync(RpcContext context, Proto.MemberUpdateRequest request)
    {
        CheckUrls(request.PeerURLs);
        MemberInfo? member = _gate.Node.Members.FirstOrDefault(known => known.Id.Value == request.ID);

        // An update to what is already so is what some tools do at their start; it changes nothing and may pass.
        if (member is null || Normal(request.PeerURLs[0]) != Normal(member.PeerUrl))
        {
            var edit = new MemberEdit(new NodeId(request.ID), Name: null, Normal(request.PeerURLs[0]));
            await RunAsync(context, new MemberWish { Update = [edit] });
        }

        var answer = new Proto.MemberUpdateResponse { Header = _gate.HeaderWithoutRevision() };
        answer.Members.Add(Members());
        return answer;
    }

    private async ValueTask<Proto.MemberPromoteResponse> PromoteAsync(RpcContext context, Proto.MemberPromoteRequest request)
    {
        await RunAsync(context, new MemberWish { Promote = [new NodeId(request.ID)] });
        var answer = new Proto.MemberPromoteResponse { Header = _gate.HeaderWithoutRevision() };
        answer.Members.Add(Members());
        return answer;
    }

    private async ValueTask<MemberEnd> RunAsync(RpcContext context, MemberWish wish)
    {
        EtcdCall call = _gate.BeginWrite(context);
        MemberEnd end;
        try
        {
            end = await _gate.Service.Members.RunAsync(call, wish);
        }
        catch (ApiException refusal)
        {
            throw EtcdErrors.FromRefusal(refusal.Error);
        }

        if (end.Error is { } error)
        {
            throw EtcdErrors.FromMembers(end.Problem, error);
        }

        call.End();
        return end;
    }

    private static string Normal(string url) => url.TrimEnd('/');

    private static void CheckUrls(IReadOnlyList<string> urls)
    {
        // A member has one address here.
        if (urls.Count != 1 || !MemberRules.IsPeerUrl(urls[0]))
        {
            throw EtcdErrors.MemberBadUrls();
        }
    }

    // By id, as etcd lists them.
    private IEnumerable<Proto.Member> Members() => _gate.Node.Members.OrderBy(static member => member.Id.Value).Select(ToMember);

    private Proto.Member ToMember(MemberInfo info)
    {
        var member = new Proto.Member
        {
            ID = info.Id.Value,
            Name = info.Name,

            // One that joins is a voter to be, as etcd has those that it adds and that have not started.
            IsLearner = !info.IsJoining && !_gate.Node.Status.Membership.IsVoter(info.Id),
        };
        member.PeerURLs.Add(Normal(info.PeerUrl));
        if (!string.IsNullOrEmpty(info.ClientUrl))
        {
            member.ClientURLs.Add(Normal(info.ClientUrl));
        }

        return member;
    }
}
