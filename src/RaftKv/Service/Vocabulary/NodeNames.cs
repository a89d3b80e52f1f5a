using System.Text;
using RaftKv.Contract;
using RaftKv.Core;
using RaftKv.Engine;
using RaftKv.Node;

namespace RaftKv.Service.Vocabulary;

/// <summary>How nodes and their roles are named outside.</summary>
internal static class NodeNames
{
    /// <summary>The part that a node plays, as the API names it.</summary>
    public static string RoleOf(EngineStatus status) => status.Role switch
    {
        Role.Follower => status.Membership.IsVoter(status.Self) ? NodeRoles.Follower : NodeRoles.Learner,
        Role.PreCandidate => NodeRoles.PreCandidate,
        Role.Candidate => NodeRoles.Candidate,
        Role.Leader => NodeRoles.Leader,
        _ => Check.Unreachable<string>(status.Role),
    };

    /// <summary>Name of a member, or its id; always fit for a header.</summary>
    public static string NameOf(INode node, NodeId id)
    {
        foreach (MemberInfo member in node.Members)
        {
            if (member.Id == id)
            {
                return HeaderText(member.Name, id);
            }
        }

        return id.ToString();
    }

    /// <summary>The name when it is visible ASCII, else the id: a header must not carry anything else.</summary>
    public static string HeaderText(string name, NodeId id) =>
        name.Length > 0 && Ascii.IsValid(name) && !name.AsSpan().ContainsAnyInRange('\0', ' ') && !name.Contains('\x7f')
            ? name
            : id.ToString();
}
