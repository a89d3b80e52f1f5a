using System.ComponentModel;
using System.Text.Json.Serialization;

namespace RaftKv.Contract.Bodies;

[Schema("Cluster", "The members.")]
public sealed record ClusterAnswer
{
    [Description("Cluster id in hex")]
    public string ClusterId { get; set; } = "";

    [Description("Term")]
    public long Term { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public NodeRef? Leader { get; set; }

    [Description("A change of members is under way")]
    public bool Joint { get; set; }

    public IReadOnlyList<MemberBody> Members { get; set; } = [];
}

[Schema("Member", "A member.")]
public sealed record MemberBody
{
    [Description("Name")]
    public string Name { get; set; } = "";

    [Description("Id in hex")]
    public string Id { get; set; } = "";

    [Description("As far as this node knows")]
    [Words(NodeRoles.Leader, NodeRoles.Follower, NodeRoles.Candidate, NodeRoles.PreCandidate, NodeRoles.Learner, NodeRoles.Removed,
        NodeRoles.Pending)]
    public string Role { get; set; } = "";

    [Description("Has a vote")]
    public bool Voter { get; set; }

    [Description("Leads")]
    public bool Leader { get; set; }

    [Description("Is the node that answers")]
    public bool Self { get; set; }

    [Description("Where its peers reach it")]
    public string PeerUrl { get; set; } = "";

    [Description("Where clients reach it, when known")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ClientUrl { get; set; }

    [Description("Becomes a voter by itself, once it has caught up")]
    public bool Joining { get; set; }

    [Description("Closes its doors, and is removed then")]
    public bool Leaving { get; set; }

    [Description("Id of the voter that goes when it becomes one")]
    public string? Replaces { get; set; }

    [Description("Id of the data directory that it is; absent while none has come")]
    public string? Instance { get; set; }

    [Description("Where it stands; absent when nobody said. Clients that stand there read there")]
    public string? Zone { get; set; }

    [Description("The voter of the highest priority leads, if it is well; absent for 0")]
    public int? Priority { get; set; }

    [Description("It does not answer the leader; absent where this node does not lead")]
    public bool? Unreachable { get; set; }

    [Description("Milliseconds since the leader heard it; absent where this node does not lead")]
    public long? LastSeenMs { get; set; }
}

[Schema("EtcdHealth", "Health as etcd tells it.")]
public sealed record EtcdHealthAnswer
{
    [Description("A linearizable read worked")]
    [Words("true", "false")]
    public string Health { get; set; } = "";

    [Description("Why not")]
    public string Reason { get; set; } = "";
}

[Schema("EtcdVersion", "Versions as etcd tells them.")]
public sealed record EtcdVersionAnswer
{
    [Description("etcd API spoken")]
    public string Etcdserver { get; set; } = "";

    [Description("The same, as all members have it")]
    public string Etcdcluster { get; set; } = "";

    [Description("The form of the data, by etcd's version that has it")]
    public string Storage { get; set; } = "";

    [Description("Version of RaftKv")]
    public string Raftkv { get; set; } = "";
}
