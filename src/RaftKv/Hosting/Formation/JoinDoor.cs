using RaftKv.Core;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Protocol.Peer;
using RaftKv.Transport;

namespace RaftKv.Hosting.Formation;

/// <summary>
/// The leader's answer to a new data directory that asks for a place: a learner, which becomes a voter by itself when it has
/// caught up, and takes another's place then where it says so.
/// </summary>
internal sealed class JoinDoor(RaftNode node, NodeStorage storage)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Takes it in, or says why not. Any thread.</summary>
    public async Task<JoinReply> AnswerAsync(JoinRequest request)
    {
        var id = new NodeId(request.Instance);
        if (id.IsNone || request.Name.Length is 0 or > Member.MaxNameBytes || request.PeerUrl.Length is 0 or > Member.MaxUrlBytes)
        {
            return Refuse("The question to join names no directory.");
        }

        if (node.Status.Role != Role.Leader)
        {
            return Retry($"{node.Identity.Name} does not lead.");
        }

        Membership now = node.Membership;
        if (now.IsMember(id) || now.Details.FirstOrDefault(member => member.BoundTo == id) is not null)
        {
            return Welcome(now.Details.FirstOrDefault(member => member.BoundTo == id)?.Id ?? id);
        }

        if (now.WasRemoved(id))
        {
            return Refuse($"This data directory of {request.Name} ({id}) was removed from the cluster. To bring it back, join with an"
                + " empty one.");
        }

        string refusal = "";
        Member? place = request.Heals == 0 ? PlaceFor(now, request) : null;
        if (place is not null && request.Replace.Length > 0 && now.DetailOf(place.Replaces).Name != request.Replace)
        {
            return Refuse($"The place of {request.Name} is not made to replace {request.Replace}; start it without --replace, or remove the"
                + " place first.");
        }

        MembershipChange? change = place is not null ? Take(place, request, id)
            : request.Heals == 0 ? Plan(now, request, id, out refusal) : Heal(now, request, id, out refusal);
        if (change is null)
        {
            return Refuse(refusal);
        }

        ChangeAnswer answer = await node.ChangeMembersHereAsync(change, Patience).ConfigureAwait(false);
        return answer.Outcome switch
        {
            ChangeOutcome.Begun => Welcome(place?.Id ?? id),
            ChangeOutcome.Refused when answer.Problem != ChangeProblem.Unreachable =>
                Refuse($"The cluster does not take {request.Name} in: {TextOf(answer.Problem)}."),
            _ => Retry("The change of the members is not committed yet."),
        };
    }

    // A place of that name; or one without a name, as etcd's clients make them, at that address.
    private static Member? PlaceFor(Membership now, JoinRequest request) =>
        now.Details.FirstOrDefault(member => member.IsPending && member.Name == request.Name)
        ?? now.Details.FirstOrDefault(member => member is { IsPending: true, Name: "" } && IsSame(member.PeerUrl, request.PeerUrl));

    private static bool IsSame(string url, string other) => url.TrimEnd('/') == other.TrimEnd('/');

    private static MembershipChange Take(Member place, JoinRequest request, NodeId id) => new()
    {
        Update = [place with { Name = request.Name, PeerUrl = request.PeerUrl, IsPending = false, BoundTo = id }],
    };

    // A joint membership is left soon: who is in it is asked for again then.
    private static MembershipChange? Heal(Membership now, JoinRequest request, NodeId id, out string refusal)
    {
        MembershipChange? change = MemberHealing.Plan(now, new NodeId(request.Heals), id, request.PeerUrl);
        refusal = change is not null ? ""
            : $"The damaged data directory of {request.Name} ({new NodeId(request.Heals)}) is no member of the cluster any more; its"
                + $" members are {Names(now)}.";
        return change;
    }

    private MembershipChange? Plan(Membership now, JoinRequest request, NodeId id, out string refusal)
    {
        refusal = "";
        Member? replaced = null;
        if (request.Replace.Length > 0)
        {
            replaced = now.Details.FirstOrDefault(member => member.Name == request.Replace && now.IsVoter(member.Id))
                ?? now.Details.FirstOrDefault(member => member.Name == request.Replace);
            if (replaced is null)
            {
                refusal = $"The cluster has no member {request.Replace} to replace; its members are {Names(now)}.";
                return null;
            }

            if (!now.IsVoter(replaced.Id))
            {
                // A learner is missed by nobody: it goes as the new one comes.
                return new MembershipChange
                {
                    Add = [replaced with
                    {
                        Id = id, Name = request.Name, PeerUrl = request.PeerUrl, IsPending = false, BoundTo = NodeId.None,
                    }],
                    Remove = [replaced.Id],
                };
            }
        }

        // What came in its place before, and was lost before it was a voter, goes now.
        Member[] lost = [.. now.Details.Where(
            member => !now.IsVoter(member.Id) && member.Name == request.Name && member.BoundTo.IsNone && !Answers(member.Id))];
        if (now.Details.Any(member => member.Name == request.Name && member != replaced && !lost.Contains(member)))
        {
            refusal = $"The cluster has a member {request.Name} already, with another data directory. If that one is lost, start this one"
                + $" with --replace {request.Name} as well; otherwise give it another --name.";
            return null;
        }

        return new MembershipChange
        {
            Add = [new Member(id, request.Name, request.PeerUrl) { IsJoining = true, Replaces = replaced?.Id ?? NodeId.None }],
            Remove = [.. lost.Select(static member => member.Id)],
        };
    }

    private bool Answers(NodeId id) => node.Status.Followers.Any(
        follower => follower.Node == id && follower.State != FollowerStatus.Unreachable);

    private JoinReply Welcome(NodeId place)
    {
        var reply = new JoinReply { ClusterId = node.Identity.ClusterId, MemberId = place.Value };
        reply.Roll.Add(FoundingWire.ToWire(storage.Roll));

        // A cluster of one may have been founded without a list: its only address is what it tells.
        reply.List.Add(storage.Cluster.Count > 0
            ? storage.Cluster.Select(static member => $"{member.Name}={member.Url}")
            : node.Members.Where(static member => member.IsSelf).Select(static member => $"{member.Name}={member.PeerUrl}"));
        foreach (MemberInfo member in node.Members.Where(static member => !member.IsPending))
        {
            reply.Members.Add(new MemberAddress { Name = member.Name, Id = member.Id.Value, PeerUrl = member.PeerUrl });
        }

        return reply;
    }

    private static JoinReply Refuse(string sentence) => new() { Refusal = sentence };

    private static JoinReply Retry(string sentence) => new() { Refusal = sentence, IsRetry = true };

    private static string Names(Membership now) => string.Join(", ", now.Details.Select(static member => member.Name));

    private static string TextOf(ChangeProblem problem) => problem switch
    {
        ChangeProblem.Exists => "a member has its name or its peer address",
        ChangeProblem.Removed => "its data directory was removed before",
        ChangeProblem.Bound => "another directory has just taken its place",
        ChangeProblem.TooMany => $"it has {Membership.MaxMembers} members, and takes no more",
        _ => problem.ToString(),
    };
}
