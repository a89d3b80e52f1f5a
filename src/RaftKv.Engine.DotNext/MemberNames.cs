using System.Net;
using DotNext.Net.Cluster;
using Microsoft.AspNetCore.Connections;
using RaftKv.Core;

namespace RaftKv.Engine.DotNext;

/// <summary>DotNext names a member by its address, we by its data directory: both ways. Immutable.</summary>
internal sealed class MemberNames
{
    private readonly List<(DotNextMember Member, ClusterMemberId Id, UriEndPoint EndPoint)> _members;

    public MemberNames(IReadOnlyList<DotNextMember> members) => _members =
    [
        .. members.Select(static member =>
        {
            var endPoint = new UriEndPoint(member.Url);
            return (member, ClusterMemberId.FromEndPoint(endPoint), endPoint);
        }),
    ];

    /// <summary>How many there are.</summary>
    public int Count => _members.Count;

    /// <summary>The addresses by which DotNext knows the members.</summary>
    public IEnumerable<UriEndPoint> EndPoints => _members.Select(static known => known.EndPoint);

    /// <summary>The member of that id; none for a stranger.</summary>
    public NodeId Find(in ClusterMemberId id)
    {
        foreach ((DotNextMember member, ClusterMemberId known, _) in _members)
        {
            if (known.Equals(id))
            {
                return member.Id;
            }
        }

        return NodeId.None;
    }

    /// <summary>The member at that address; none for a stranger's.</summary>
    public NodeId Find(EndPoint endPoint) => endPoint is UriEndPoint { Uri: { } url } ? Find(url)?.Id ?? NodeId.None : NodeId.None;

    /// <summary>The member that a request goes to; null for a stranger.</summary>
    public DotNextMember? Find(Uri url)
    {
        foreach ((DotNextMember member, _, _) in _members)
        {
            if (member.Url.Host == url.Host && member.Url.Port == url.Port)
            {
                return member;
            }
        }

        return null;
    }
}
