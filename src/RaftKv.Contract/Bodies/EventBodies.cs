using System.ComponentModel;

namespace RaftKv.Contract.Bodies;

/// <summary>The data of one event of the cluster; its kind stands beside it, and says which of these it has.</summary>
public sealed record ClusterEventBody
{
    [Description("The whole, of `state`")]
    public ClusterAnswer? Cluster { get; set; }

    [Description("The alarms, of `state`")]
    public IReadOnlyList<AlarmBody>? Alarms { get; set; }

    [Description("The term, of `leader`")]
    public long? Term { get; set; }

    [Description("Who leads, of `leader`; absent when nobody does")]
    public NodeRef? Leader { get; set; }

    [Description("The member, of `member` and `removed`")]
    public MemberBody? Member { get; set; }

    [Description("The alarm, of `alarm` and `cleared`")]
    public AlarmBody? Alarm { get; set; }
}

/// <summary>Kinds of events of the cluster.</summary>
public static class ClusterEvents
{
    public const string State = "state";
    public const string Leader = "leader";
    public const string Member = "member";
    public const string Removed = "removed";
    public const string Alarm = "alarm";
    public const string Cleared = "cleared";
    public const string Cancel = "cancel";
}
