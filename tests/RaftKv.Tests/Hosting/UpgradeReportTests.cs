using RaftKv.Cli;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Tests.Hosting;

/// <summary>What <c>raftkv upgrade check</c> makes of what members say.</summary>
public sealed class UpgradeReportTests
{
    private static readonly GateTable Build = GateTable.ThisBuild;
    private static readonly int Newest = Build.Newest.Value;

    [Fact]
    public void An_upgrade_from_the_version_before_brings_its_gates_and_nothing_is_in_the_way()
    {
        UpgradeReport report = Judge(Members(3, supported: Newest - 1, version: Newest - 1));

        Assert.Empty(report.Blockers);
        Assert.Empty(report.Hints);
        Assert.Equal((Newest - 1, Newest), ((int)report.ClusterVersion, (int)report.Raised));
        Assert.Equal(Newest - 1, report.LowestSupported);
        Assert.Equal(Build.Gates.Where(static gate => gate.Since.Value == Newest), report.NewGates);
    }

    [Fact]
    public void A_cluster_that_runs_this_build_gets_nothing_new()
    {
        UpgradeReport report = Judge(Members(3, supported: Newest, version: Newest));

        Assert.Empty(report.Blockers);
        Assert.Empty(report.NewGates);
    }

    [Fact]
    public void An_older_program_is_no_upgrade()
    {
        UpgradeReport report = Judge(Members(3, supported: Newest + 1, version: Newest + 1));

        Assert.Contains(report.Blockers, static text => text.Contains("There is no way back"));
    }

    [Fact]
    public void Members_of_two_builds_are_noted_with_what_the_leader_is_about_to_do()
    {
        AskedMember[] members = Members(3, supported: Newest, version: Newest - 1);
        members[0] = members[0] with { Status = members[0].Status! with { Version = "0.2.0" } };

        UpgradeReport report = Judge(members);

        Assert.Empty(report.Blockers);
        Assert.Contains(report.Hints, static text => text.Contains("different programs"));
        Assert.Contains(report.Hints, static text => text.Contains("raises the cluster to it by itself"));
    }

    [Fact]
    public void Whatever_is_not_well_blocks()
    {
        AskedMember[] sound = Members(3, supported: Newest, version: Newest);
        AskedMember silent = sound[1] with { Status = null, Problem = "refused." };
        AskedMember starting = sound[1] with { Status = sound[1].Status! with { Phase = NodePhases.Starting } };
        AskedMember full = sound[1] with { Status = sound[1].Status! with { Disk = new DiskBody { Low = true } } };
        AskedMember differs = sound[1] with
        {
            Status = sound[1].Status! with { Alarms = [new AlarmBody { Kind = AlarmKinds.StateDiffers }] },
        };
        AskedMember other = sound[1] with { Status = sound[1].Status! with { Engine = "dotnext" } };
        AskedMember joining = sound[1] with { Member = sound[1].Member with { Joining = true } };

        foreach ((AskedMember bad, string sentence) in ((AskedMember, string)[])
            [(silent, "does not answer"), (starting, "is not ready"), (full, "nearly full"), (differs, "state-differs"),
                (other, "another engine"), (joining, "catching up")])
        {
            UpgradeReport report = Judge([sound[0], bad, sound[2]]);
            Assert.Contains(report.Blockers, text => text.Contains(sentence));
        }

        Assert.Contains(Judge(sound, leader: false).Blockers, static text => text.Contains("no leader"));
        Assert.Contains(Judge(sound, isJoint: true).Blockers, static text => text.Contains("change of members"));
        Assert.Null(Judge([sound[0], silent, sound[2]]).LowestSupported);
        Assert.Contains(Judge(Members(1, Newest, Newest)).Hints, static text => text.Contains("1 voter the cluster"));
    }

    private static UpgradeReport Judge(AskedMember[] members, bool leader = true, bool isJoint = false)
    {
        var cluster = new ClusterAnswer
        {
            Leader = leader ? new NodeRef { Name = "n1" } : null,
            Joint = isJoint,
            Members = [.. members.Select(static member => member.Member)],
        };
        return new UpgradeReport(Build, "0.1.0", cluster, members);
    }

    private static AskedMember[] Members(int count, int supported, int version) =>
    [
        .. Enumerable.Range(1, count).Select(i => new AskedMember(
            new MemberBody { Name = $"n{i}", Voter = true },
            new StatusAnswer
            {
                Name = $"n{i}", Version = "0.1.0", Phase = NodePhases.Ready, SupportedVersion = supported, ClusterVersion = version,
            },
            null)),
    ];
}
