using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Cli;

/// <summary>A member of a cluster, and what its node said of itself; null when it said nothing.</summary>
internal sealed record AskedMember(MemberBody Member, StatusAnswer? Status, string? Problem);

/// <summary>
/// What stands in the way of a rolling upgrade to this build, and what it would bring, by what the members say. Pure.
/// </summary>
internal sealed class UpgradeReport
{
    private readonly List<string> _blockers = [];
    private readonly List<string> _hints = [];

    /// <summary>Judges.</summary>
    /// <param name="build">What this program knows.</param>
    public UpgradeReport(GateTable build, string buildVersion, ClusterAnswer cluster, IReadOnlyList<AskedMember> members)
    {
        StatusAnswer[] answered = [.. members.Select(static member => member.Status).OfType<StatusAnswer>()];
        ClusterVersion = answered.Length == 0 ? 0 : answered.Max(static status => status.ClusterVersion);
        LowestSupported = answered.Length == members.Count && answered.Length > 0
            ? answered.Min(static status => status.SupportedVersion) : null;
        Raised = Math.Max(build.Newest.Value, ClusterVersion);
        JudgeMembers(cluster, members);
        JudgeVersions(build, buildVersion, answered);
        NewGates = [.. build.Gates.Where(gate => gate.Since.Value > ClusterVersion)];
    }

    /// <summary>Which rules are in force.</summary>
    public long ClusterVersion { get; }

    /// <summary>Up to which version the members' programs go, all of them; null while one has not said.</summary>
    public long? LowestSupported { get; }

    /// <summary>What the cluster is raised to once every member runs this build.</summary>
    public long Raised { get; }

    /// <summary>What comes with it.</summary>
    public IReadOnlyList<GateInfo> NewGates { get; }

    /// <summary>Why no node may be stopped now, or none may run this build; a sentence each.</summary>
    public IReadOnlyList<string> Blockers => _blockers;

    /// <summary>What is worth knowing, and blocks nothing.</summary>
    public IReadOnlyList<string> Hints => _hints;

    private void JudgeMembers(ClusterAnswer cluster, IReadOnlyList<AskedMember> members)
    {
        if (cluster.Leader is null)
        {
            _blockers.Add("The cluster has no leader.");
        }

        if (cluster.Joint)
        {
            _blockers.Add("A change of members is under way: wait for its end.");
        }

        foreach (AskedMember member in members)
        {
            string name = member.Member.Name;
            if (member.Status is not { } status)
            {
                _blockers.Add(
                    $"{name} does not answer: {member.Problem} Nobody raises the version while a member has not said what it supports.");
                continue;
            }

            if (status.Phase != NodePhases.Ready)
            {
                _blockers.Add($"{name} is not ready ({status.Phase}): with another node stopped there may be no majority.");
            }

            foreach (AlarmBody alarm in status.Alarms)
            {
                (alarm.Kind == AlarmKinds.StateDiffers ? _blockers : _hints).Add($"{name} has the alarm {alarm.Kind}.");
            }

            if (status.Disk.Low)
            {
                _blockers.Add($"The disk of {name} is nearly full: a start writes to it.");
            }
        }

        foreach (MemberBody member in cluster.Members.Where(static member => member.Joining || member.Leaving))
        {
            _blockers.Add($"{member.Name} is {(member.Joining ? "catching up" : "leaving")}: wait for its end.");
        }

        int voters = members.Count(static member => member.Member.Voter);
        if (voters is 1 or 2)
        {
            _hints.Add($"With {voters} voter{(voters == 1 ? "" : "s")} the cluster does not serve while one is stopped.");
        }
    }

    private void JudgeVersions(GateTable build, string buildVersion, StatusAnswer[] answered)
    {
        if (ClusterVersion > build.Newest.Value)
        {
            _blockers.Add(
                $"The cluster is at version {ClusterVersion}, and this program (raftkv {buildVersion}) supports up to {build.Newest}:"
                + " a node would stop with exit code 6. There is no way back to an older version.");
        }

        foreach (IGrouping<string, StatusAnswer> other in answered.GroupBy(static status => status.Engine).Skip(1))
        {
            _blockers.Add($"{string.Join(", ", other.Select(static status => status.Name))} runs another engine ({other.Key}).");
        }

        if (answered.Select(static status => status.Version).Distinct().Count() > 1)
        {
            _hints.Add("The members run different programs: an upgrade is under way, or was not finished.");
        }

        if (LowestSupported is { } lowest && lowest > ClusterVersion)
        {
            _hints.Add($"All members support version {lowest}: the leader raises the cluster to it by itself, now.");
        }
    }
}
