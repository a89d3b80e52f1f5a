namespace RaftKv.Dashboard.Cluster;

/// <summary>How the cluster does, as one word.</summary>
public enum ClusterHealth : byte
{
    /// <summary>Nothing is known yet.</summary>
    Unknown = 0,

    /// <summary>Every member answers and one leads.</summary>
    Good = 1,

    /// <summary>It works, but something wants attention.</summary>
    Strained = 2,

    /// <summary>Writes and linearizable reads are refused at present.</summary>
    Halted = 3,
}

/// <summary>
/// The cluster at one moment, put together from what each member says. A value: whoever shows it needs no lock.
/// </summary>
public sealed record ClusterPicture(IReadOnlyList<NodeSight> Nodes, DateTimeOffset At)
{
    public static readonly ClusterPicture Empty = new([], default);

    /// <summary>The members as the membership has them, with places that no node has taken yet.</summary>
    public IReadOnlyList<MemberBody> Members { get; init; } = [];

    /// <summary>The node that serves this page.</summary>
    public NodeSight? Self => Nodes.FirstOrDefault(static node => node.IsSelf);

    /// <summary>Who leads: of those who say so, the one with the newest term. An old leader may not know yet.</summary>
    public NodeSight? Leader => Nodes.Where(static node => node.IsLeader).MaxBy(static node => node.Status!.Term);

    /// <summary>The newest term that anybody knows.</summary>
    public long Term => Nodes.Max(static node => node.Status?.Term) ?? 0;

    /// <summary>The newest revision that anybody has applied.</summary>
    public long Revision => Nodes.Max(static node => node.Status?.Revision) ?? 0;

    public int VoterCount => Nodes.Count(static node => node.IsVoter);

    public int UpCount => Nodes.Count(static node => node is { IsVoter: true, IsUp: true });

    /// <summary>True when more than half of the voters answer this node. The page's view, not the cluster's proof.</summary>
    public bool HasMajority => UpCount > VoterCount / 2;

    /// <summary>Every alarm, once.</summary>
    public IReadOnlyList<AlarmBody> Alarms =>
        [.. Nodes.Where(static node => node.IsUp).SelectMany(static node => node.Status!.Alarms).Distinct()];

    /// <summary>The state in one word.</summary>
    public ClusterHealth Health =>
        Nodes.Count == 0 ? ClusterHealth.Unknown
        : !HasMajority || Leader is null ? ClusterHealth.Halted
        : UpCount < VoterCount || Alarms.Count > 0 ? ClusterHealth.Strained
        : ClusterHealth.Good;

    /// <summary>The state in a sentence, for somebody who has just been called.</summary>
    public string Headline
    {
        get
        {
            if (Nodes.Count == 0)
            {
                return "Looking at the cluster…";
            }

            if (!HasMajority)
            {
                return $"{Counted(UpCount)} of {VoterCount} {(UpCount == 1 ? "answers" : "answer")}: no majority.";
            }

            if (Leader is not { } leader)
            {
                return "No leader right now: an election is on.";
            }

            return UpCount == VoterCount
                ? VoterCount == 1 ? $"{leader.Name} is up and leads." : $"All {VoterCount} nodes are up. {leader.Name} leads."
                : $"{Counted(UpCount)} of {VoterCount} nodes are up. {leader.Name} leads.";
        }
    }

    /// <summary>What that means for those who use it.</summary>
    public string Meaning => Health switch
    {
        ClusterHealth.Unknown => "",
        ClusterHealth.Good => VoterCount < 3
            ? "Reads and writes go on. With fewer than three voters no failure can be borne."
            : $"Reads and writes go on, and would go on without {Counted((VoterCount - 1) / 2).ToLowerInvariant()} of them.",
        ClusterHealth.Halted => HasMajority
            ? "Writes and strong reads wait for the new leader; eventual reads are answered."
            : "Writes and strong reads are refused; eventual reads are still answered, and say how old they may be.",
        _ when UpCount < VoterCount => UpCount - 1 > VoterCount / 2
            ? "Reads and writes go on."
            : "Reads and writes go on, but the loss of one more node would stop them.",
        _ => "Reads and writes go on, but there is an alarm.",
    };

    private static string Counted(int count) => count switch
    {
        0 => "None",
        1 => "One",
        2 => "Two",
        3 => "Three",
        4 => "Four",
        _ => count.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
