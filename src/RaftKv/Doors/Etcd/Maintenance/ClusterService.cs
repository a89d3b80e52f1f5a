using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Engine;
using RaftKv.Node;
using Pb = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Maintenance;

/// <summary>etcdserverpb.Cluster: the members, and (not yet) changes of them.</summary>
internal sealed class ClusterService
{
    private const string Service = "etcdserverpb.Cluster";

    private readonly EtcdGate _gate;

    public ClusterService(EtcdGate gate) => _gate = gate;

    /// <summary>The service's methods.</summary>
    public IEnumerable<RpcMethod> Methods =>
    [
        new UnaryMethod<Pb.MemberListRequest, Pb.MemberListResponse>(Service, "MemberList", ListAsync),
        new UnaryMethod<Pb.MemberAddRequest, Pb.MemberAddResponse>(Service, "MemberAdd", AddAsync),
        new UnaryMethod<Pb.MemberRemoveRequest, Pb.MemberRemoveResponse>(Service, "MemberRemove", RemoveAsync),
        new UnaryMethod<Pb.MemberUpdateRequest, Pb.MemberUpdateResponse>(Service, "MemberUpdate", UpdateAsync),
        new UnaryMethod<Pb.MemberPromoteRequest, Pb.MemberPromoteResponse>(Service, "MemberPromote", PromoteAsync),
    ];

    private async ValueTask<Pb.MemberListResponse> ListAsync(RpcContext context, Pb.MemberListRequest request)
    {
        if (request.Linearizable)
        {
            await _gate.ReadAsync(context, isSerializable: false);
        }

        var answer = new Pb.MemberListResponse { Header = _gate.HeaderWithoutRevision() };
        answer.Members.Add(Members());
        return answer;
    }

    private ValueTask<Pb.MemberAddResponse> AddAsync(RpcContext context, Pb.MemberAddRequest request)
    {
        CheckUrls(request.PeerURLs);
        throw MembersAreFixed();
    }

    private ValueTask<Pb.MemberRemoveResponse> RemoveAsync(RpcContext context, Pb.MemberRemoveRequest request)
    {
        Find(request.ID);
        throw MembersAreFixed();
    }

    private ValueTask<Pb.MemberUpdateResponse> UpdateAsync(RpcContext context, Pb.MemberUpdateRequest request)
    {
        CheckUrls(request.PeerURLs);
        MemberInfo member = Find(request.ID);

        // An update to what is already so is what some tools do at their start; it changes nothing and may pass.
        if (request.PeerURLs.Count == 1 && Normal(request.PeerURLs[0]) == Normal(member.PeerUrl))
        {
            var answer = new Pb.MemberUpdateResponse { Header = _gate.HeaderWithoutRevision() };
            answer.Members.Add(Members());
            return new(answer);
        }

        throw MembersAreFixed();
    }

    private ValueTask<Pb.MemberPromoteResponse> PromoteAsync(RpcContext context, Pb.MemberPromoteRequest request)
    {
        MemberInfo member = Find(request.ID);
        throw _gate.Node.Status.Membership.IsVoter(member.Id) ? EtcdErrors.MemberNotLearner() : MembersAreFixed();
    }

    private static GrpcException MembersAreFixed() => EtcdErrors.NotYet(
        "the members of a cluster are fixed by its --cluster list in this version; nothing was changed");

    private static string Normal(string url) => url.TrimEnd('/');

    private static void CheckUrls(IReadOnlyList<string> urls)
    {
        bool areGood = urls.Count > 0;
        foreach (string url in urls)
        {
            areGood &= Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https" or "unix" or "unixs";
        }

        if (!areGood)
        {
            throw EtcdErrors.MemberBadUrls();
        }
    }

    private MemberInfo Find(ulong id) =>
        _gate.Node.Members.FirstOrDefault(member => member.Id.Value == id) ?? throw EtcdErrors.MemberNotFound();

    // By id, as etcd lists them.
    private IEnumerable<Pb.Member> Members() => _gate.Node.Members.OrderBy(static member => member.Id.Value).Select(ToMember);

    private Pb.Member ToMember(MemberInfo info)
    {
        var member = new Pb.Member
        {
            ID = info.Id.Value,
            Name = info.Name,
            IsLearner = !_gate.Node.Status.Membership.IsVoter(info.Id),
        };
        member.PeerURLs.Add(Normal(info.PeerUrl));
        if (!string.IsNullOrEmpty(info.ClientUrl))
        {
            member.ClientURLs.Add(Normal(info.ClientUrl));
        }

        return member;
    }
}
