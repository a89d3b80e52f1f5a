using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

[Schema("MemberAddBody", "A new member.")]
public sealed record MemberAddBody
{
    [Description("Its node's name; its node is started with it, and with --join")]
    public string? Name { get; set; }

    [Description("Where its peers reach it, as http://HOST:PORT")]
    public string? PeerUrl { get; set; }

    [Description("It stays without a vote; without this it becomes a voter once it has caught up")]
    public bool? Learner { get; set; }
}

[Schema("MemberReplaceBody", "What comes in a member's place; without a body the same name and address, with a new data directory.")]
public sealed record MemberReplaceBody
{
    [Description("The new node's name")]
    public string? Name { get; set; }

    [Description("Where its peers reach it")]
    public string? PeerUrl { get; set; }
}

[Schema("MemberPatchBody", "What is to be different of a member.")]
public sealed record MemberPatchBody
{
    [Description("Its name")]
    public string? Name { get; set; }

    [Description("Where its peers reach it")]
    public string? PeerUrl { get; set; }

    [Description("Where it stands; empty for nowhere")]
    public string? Zone { get; set; }

    [Description("0 to 100: the voter of the highest priority leads, if it is well")]
    public int? Priority { get; set; }
}

[Schema("MemberChangeBody", "Several members at once, as one change; each is named once.")]
public sealed record MemberChangeBody
{
    [Description("New members")]
    public IReadOnlyList<MemberAddBody>? Add { get; set; }

    [Description("Ids or names of learners that are to have a vote")]
    public IReadOnlyList<string>? Promote { get; set; }

    [Description("Of voters that are to have none")]
    public IReadOnlyList<string>? Demote { get; set; }

    [Description("Of members that are to go")]
    public IReadOnlyList<string>? Remove { get; set; }
}

[Schema("MemberProgress", "How far a change of a member is.")]
public sealed record MemberProgressBody
{
    [Description("waiting: its node is to be started with --join. leaving: it closes its doors. not-so: it is not so, and nobody is at it")]
    [Words(
        MemberPhases.Waiting, MemberPhases.CatchingUp, MemberPhases.Changing, MemberPhases.Leaving, MemberPhases.Done, MemberPhases.NotSo)]
    public string Phase { get; set; } = "";

    [Description("How the leader serves it; absent when that is not known")]
    public string? State { get; set; }

    [Description("It has the log up to here")]
    public long? MatchIndex { get; set; }

    [Description("The leader has it up to here")]
    public long? LastIndex { get; set; }

    [Description("Bytes of a snapshot that it has, while one is sent")]
    public long? SnapshotSentBytes { get; set; }

    [Description("Bytes of that snapshot")]
    public long? SnapshotBytes { get; set; }

    [Description("Milliseconds since the leader heard it")]
    public long? LastSeenMs { get; set; }

    [Description("What it has of what there is, 0 to 100")]
    public int? Percent { get; set; }
}

[Schema("HandOver", "What a member is after it was asked to lead or to drain, and who leads.")]
public sealed record HandOverAnswer
{
    [Description("Name of the node that answers: the leader that was, or the node that drains")]
    public string Node { get; set; } = "";

    [Description("What it is now")]
    [Words(NodePhases.Starting, NodePhases.Ready, NodePhases.Draining, NodePhases.Failed)]
    public string Phase { get; set; } = "";

    [Description("Term")]
    public long Term { get; set; }

    [Description("Who leads, as that node knows; null while nobody does")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public NodeRef? Leader { get; set; }
}

[Schema("MemberChange", "What goes on.")]
public sealed record MemberChangeAnswer
{
    [Description("One of each member that is concerned; each can be looked at under its id")]
    public IReadOnlyList<OperationAnswer> Operations { get; set; } = [];
}
