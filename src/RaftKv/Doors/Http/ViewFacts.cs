using System.Globalization;
using System.Text;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Sessions;

namespace RaftKv.Doors.Http;

/// <summary>
/// The header texts of one published view and one status. Both change far less often than requests come, so the texts
/// are made once and shared by every answer from them.
/// </summary>
internal sealed class ViewFacts
{
    private string? _session;

    public ViewFacts(INode node, StoreView view, ReplicaStatus status)
    {
        View = view;
        Status = status;
        Revision = view.Revision.ToString();
        AppliedIndex = view.AppliedIndex.Value.ToString(CultureInfo.InvariantCulture);
        Term = status.Term.ToString();
        Role = RoleName(status);
        Leader = status.Leader.IsNone ? null : NameOf(node, status.Leader);
    }

    /// <summary>The view that the texts describe.</summary>
    public StoreView View { get; }

    /// <summary>The status that the texts describe.</summary>
    public ReplicaStatus Status { get; }

    public string Revision { get; }

    public string AppliedIndex { get; }

    public string Term { get; }

    public string Role { get; }

    /// <summary>Name of the leader, its id when it has no known name, null when nobody leads.</summary>
    public string? Leader { get; }

    /// <summary>The token of one who has read this view and nothing else. Signed once, by whoever needs it first.</summary>
    public string SessionOf(SessionTokens tokens) => _session ??= tokens.Encode(new SessionMark(View.Revision, Core.Revision.Zero));

    /// <summary>The part that a node plays, as the API names it.</summary>
    public static string RoleName(ReplicaStatus status) => status.Role switch
    {
        Core.Role.Follower => status.Membership.IsVoter(status.Self) ? "follower" : "learner",
        Core.Role.PreCandidate => "pre-candidate",
        Core.Role.Candidate => "candidate",
        Core.Role.Leader => "leader",
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
