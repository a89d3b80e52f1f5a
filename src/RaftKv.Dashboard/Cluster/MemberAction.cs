using System.Text.Json;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Cluster;

/// <summary>Something that can be done with a member, and what it means for who uses the cluster. Made of a picture; pure.</summary>
/// <param name="Name">On its button.</param>
/// <param name="Question">Asked before it is done.</param>
/// <param name="Meaning">What will happen, in a few sentences.</param>
/// <param name="Request">What is sent, to any node.</param>
/// <param name="Done">Said once the node has taken it.</param>
internal sealed record MemberAction(string Name, string Question, string Meaning, ApiRequest Request, string Done)
{
    /// <summary>How long a page waits: a transfer takes five seconds at most, a drain about seven.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private const string Root = "/api/v1/cluster/members";

    /// <summary>True for what takes something away.</summary>
    public bool IsGrave { get; init; }

    /// <summary>What can be done with a node now; of what can't be, nothing is offered.</summary>
    public static IReadOnlyList<MemberAction> Of(NodeSight node, ClusterPicture picture)
    {
        List<MemberAction> actions = [];
        bool isReady = node.IsUp && node.Status!.Phase == NodePhases.Ready;
        if (isReady && node is { IsVoter: true, IsLeader: false } && picture.Leader is { } leader)
        {
            actions.Add(new MemberAction(
                "Make it lead", $"Hand leadership to {node.Name}?",
                $"{leader.Name} takes no writes until {node.Name} has its whole log, and has it campaign at once. Writers wait about a "
                + "round trip. A member of higher priority takes over again by itself.",
                Post(node, "lead"), $"{node.Name} leads."));
        }

        if (isReady)
        {
            actions.Add(new MemberAction(
                "Drain", $"Make {node.Name} ready to be stopped?",
                "It hands leadership over if it has it, is not ready any more, so that load balancers leave it, ends its watches and "
                + "refuses writes. It goes on to follow, to vote and to answer reads. There is no way back but to start it anew. "
                + "Refused when nobody would be left who takes writes.",
                Post(node, "drain"), $"{node.Name} drains: it can be stopped now.")
            { IsGrave = true });
        }

        if (node.Member is not { Leaving: false } member)
        {
            return actions;
        }

        if (!member.Voter && !member.Joining)
        {
            actions.Add(new MemberAction(
                "Give it a vote", $"Make {node.Name} a voter?", "At once when it has caught up, else as soon as it has.",
                Post(node, "promote"), $"{node.Name} votes, or will once it has caught up."));
        }
        else if (member.Voter)
        {
            actions.Add(new MemberAction(
                "Take its vote", $"Make {node.Name} a learner?",
                "It goes on to receive everything, and decides nothing any more. A leader hands over first.",
                Post(node, "demote"), $"{node.Name} has no vote any more.")
            { IsGrave = true });
        }

        actions.Add(Remove(node.Id, node.Name));
        return actions;
    }

    /// <summary>True when a member can be replaced: nobody is to come in its place yet, and it does not go already.</summary>
    public static bool MayReplace(NodeSight node, ClusterPicture picture) =>
        node.Member is { Leaving: false } && picture.Members.All(member => member.Replaces != node.Id);

    /// <summary>A member, or a place, that is to go.</summary>
    public static MemberAction Remove(string id, string name, bool isPlace = false) => new(
        isPlace ? "Give the place up" : "Remove", isPlace ? $"Give up the place of {name}?" : $"Remove {name}?",
        isPlace
            ? "No node can join as it any more. What it was to replace stays."
            : "It loses its vote at once, closes its doors while it still follows, and its process ends. Its data stays where it is, and "
                + "can never come back: to return, it joins with an empty directory.",
        new ApiRequest("DELETE", $"{Root}/{id}"), isPlace ? "The place is given up." : $"{name} is leaving.")
    { IsGrave = true };

    /// <summary>A place for a new member.</summary>
    public static ApiRequest Add(string name, string peerUrl, bool isLearner) => Json(
        "", JsonSerializer.SerializeToUtf8Bytes(
            new MemberAddBody { Name = name, PeerUrl = peerUrl, Learner = isLearner ? true : null }, RequestJson.Default.MemberAddBody));

    /// <summary>A place for what comes in a member's stead; without a name it has the old one's name and address.</summary>
    public static ApiRequest Replace(string id, string? name, string? peerUrl) => name is null && peerUrl is null
        ? new ApiRequest("POST", $"{Root}/{id}/replace")
        : Json($"/{id}/replace", JsonSerializer.SerializeToUtf8Bytes(
            new MemberReplaceBody { Name = name, PeerUrl = peerUrl }, RequestJson.Default.MemberReplaceBody));

    private static ApiRequest Post(NodeSight node, string verb) =>
        new ApiRequest("POST", $"{Root}/{node.Id}/{verb}").With(HeaderNames.Timeout, "10s");

    private static ApiRequest Json(string path, byte[] body) =>
        new("POST", Root + path) { Body = body, ContentType = "application/json" };
}
