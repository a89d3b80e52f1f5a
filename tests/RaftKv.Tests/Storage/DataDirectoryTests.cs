using System.Diagnostics;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Storage;

namespace RaftKv.Tests.Storage;

/// <summary>Who may use a data directory, and what is said to who may not.</summary>
public sealed class DataDirectoryTests
{
    private static readonly DirectoryIdentity Expected = DirectoryIdentity.New(
        "n1", new NodeId(0x11), ["n1=http://127.0.0.1:2380", "n2=http://127.0.0.1:2390"]);

    private static readonly FoundingRoll Roll = new([new FoundingSeat("n1", new NodeId(0x11)), new FoundingSeat("n2", new NodeId(0x22))]);

    [Fact]
    public void A_new_directory_gets_its_identity_and_keeps_it()
    {
        using var temporary = new TemporaryDirectory();
        string path = temporary.File("deep/er/n1");
        using (DataDirectory first = DataDirectory.Open(path, Expected, nonce: 1))
        {
            Assert.True(Directory.Exists(first.RaftPath));
            Assert.False(first.Identity.HasLog);
            first.MarkLogCreated();
        }

        using DataDirectory second = DataDirectory.Open(path, Expected, nonce: 1);
        Assert.True(second.Identity.HasLog);
        Assert.Equal(Expected.InitialCluster, second.Identity.InitialCluster);
        Assert.Equal(Expected.NodeId, second.Identity.NodeId);
        Assert.Equal((FoundingStage.Open, 0UL), (second.Identity.Stage, second.Identity.ClusterId));
    }

    [Fact]
    public void A_directory_remembers_its_engine_and_refuses_the_other_once_it_has_promised_anything()
    {
        using var temporary = new TemporaryDirectory();
        string path = temporary.File("n1");
        DirectoryIdentity other = Expected with { Engine = "dotnext" };
        DataDirectory.Open(path, Expected, nonce: 1).Dispose();
        using (DataDirectory open = DataDirectory.Open(path, other, nonce: 1))
        {
            open.Become(open.Identity with { Stage = FoundingStage.Founded, Roll = Roll, ClusterId = 7 });
        }

        DataDirectoryException refusal = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(path, Expected, nonce: 1));
        Assert.Contains("whose engine is dotnext", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--engine native", refusal.Message, StringComparison.Ordinal);
        using DataDirectory again = DataDirectory.Open(path, other, nonce: 1);
        Assert.Equal("dotnext", again.Identity.Engine);
    }

    [Fact]
    public void Only_the_owner_can_look_into_it()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var temporary = new TemporaryDirectory();
        using DataDirectory directory = DataDirectory.Open(temporary.File("n1"), Expected, nonce: 1);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory.Path));
    }

    [Fact]
    public void A_second_user_of_the_directory_is_told_who_has_it()
    {
        using var temporary = new TemporaryDirectory();
        using (DataDirectory.Open(temporary.Path, Expected, nonce: 1))
        {
            DataDirectoryException refused = Assert.Throws<DataDirectoryException>(
            () => DataDirectory.Open(temporary.Path, Expected, nonce: 1));
            Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
            Assert.Contains($"pid {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
            Assert.Contains("--data-dir", refused.Message, StringComparison.Ordinal);
        }

        DataDirectory.Open(temporary.Path, Expected, nonce: 1).Dispose();
    }

    [Fact]
    public void The_lock_holds_between_processes()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/flock"))
        {
            return;
        }

        using var temporary = new TemporaryDirectory();
        using DataDirectory directory = DataDirectory.Open(temporary.Path, Expected, nonce: 1);
        using Process other = Process.Start("/usr/bin/flock", ["--nonblock", temporary.File("lock"), "true"]);
        other.WaitForExit();

        Assert.NotEqual(0, other.ExitCode);
    }

    [Fact]
    public void A_directory_of_another_node_is_refused_with_the_way_out()
    {
        using var temporary = new TemporaryDirectory();
        DataDirectory.Open(temporary.Path, Expected, nonce: 1).Dispose();

        DataDirectoryException node = Assert.Throws<DataDirectoryException>(
            () => DataDirectory.Open(temporary.Path, DirectoryIdentity.New("n2", new NodeId(0x22), Expected.InitialCluster), nonce: 1));

        Assert.Contains("0000000000000011", node.Message, StringComparison.Ordinal);
        Assert.Contains("--name n1", node.Message, StringComparison.Ordinal);
        DataDirectory.Open(temporary.Path, Expected, nonce: 1).Dispose();
    }

    [Fact]
    public void A_directory_keeps_the_instance_that_was_drawn_for_it_and_counts_its_starts()
    {
        using var temporary = new TemporaryDirectory();
        using (DataDirectory first = DataDirectory.Open(temporary.Path, Expected, nonce: 7))
        {
            Assert.Equal(new Life(1, 7), first.Identity.Life);
        }

        DirectoryIdentity drawnAnew = DirectoryIdentity.New("n1", new NodeId(0x99), Expected.InitialCluster);
        using DataDirectory second = DataDirectory.Open(temporary.Path, drawnAnew, nonce: 8);

        Assert.Equal(new NodeId(0x11), second.Identity.NodeId);
        Assert.Equal(new Life(2, 8), second.Identity.Life);
        Assert.Equal(new Life(2, 8), DirectoryIdentity.Read(temporary.File("identity.json")).Life);
    }

    [Fact]
    public void A_list_counts_until_the_directory_has_promised_itself_binds_it_then_and_is_ignored_once_it_is_founded()
    {
        using var temporary = new TemporaryDirectory();
        DirectoryIdentity other = DirectoryIdentity.New("n1", new NodeId(0x99), ["n1=http://127.0.0.1:2380"]);
        DataDirectory.Open(temporary.Path, other, nonce: 1).Dispose();
        using (DataDirectory open = DataDirectory.Open(temporary.Path, Expected, nonce: 1))
        {
            Assert.Equal(Expected.InitialCluster, open.Identity.InitialCluster);
            open.Become(open.Identity with { Stage = FoundingStage.Promised, Roll = Roll });
        }

        DataDirectoryException bound = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(temporary.Path, other, nonce: 1));
        Assert.Contains("has promised itself", bound.Message, StringComparison.Ordinal);

        using (DataDirectory promised = DataDirectory.Open(temporary.Path, Expected, nonce: 1))
        {
            Assert.Equal(Roll, promised.Identity.Roll);
            promised.Become(promised.Identity with { Stage = FoundingStage.Founded, ClusterId = 0xC1 });
        }

        using DataDirectory founded = DataDirectory.Open(temporary.Path, other, nonce: 1);
        Assert.Equal(Expected.InitialCluster, founded.Identity.InitialCluster);
        Assert.Equal(0xC1UL, founded.Identity.ClusterId);
        Assert.Throws<InvariantViolationException>(() => founded.Become(founded.Identity with { Stage = FoundingStage.Open }));
        Assert.Throws<InvariantViolationException>(() => founded.Become(founded.Identity with { NodeId = new NodeId(0x12) }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"formatVersion":3,"nodeName":"n1","nodeId":"zz","clusterId":"1","initialCluster":[],"hasLog":true}""")]
    public void An_identity_that_is_not_readable_stops_the_node(string content)
    {
        using var temporary = new TemporaryDirectory();
        DataDirectory.Open(temporary.Path, Expected, nonce: 1).Dispose();
        File.WriteAllText(temporary.File("identity.json"), content);

        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(
            () => DataDirectory.Open(temporary.Path, Expected, nonce: 1));

        Assert.Contains("identity.json is not readable", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_of_an_earlier_build_is_refused_with_a_sentence()
    {
        using var temporary = new TemporaryDirectory();
        File.WriteAllText(
            temporary.File("identity.json"),
            """{"formatVersion":2,"nodeName":"n1","nodeId":"1","clusterId":"1","initialCluster":[],"hasLog":true}""");

        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(
            () => DataDirectory.Open(temporary.Path, Expected, nonce: 1));

        Assert.Contains("of an earlier build", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_identity_names_both_versions()
    {
        using var temporary = new TemporaryDirectory();
        File.WriteAllText(temporary.File("identity.json"), """{"formatVersion":4}""");

        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(
            () => DataDirectory.Open(temporary.Path, Expected, nonce: 1));

        Assert.Contains("format version 4; this program knows version 3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_without_an_identity_is_nobodys()
    {
        using var temporary = new TemporaryDirectory();
        Directory.CreateDirectory(temporary.File("raft"));
        File.WriteAllText(temporary.File("raft/wal-0000000000000001.log"), "");

        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(
            () => DataDirectory.Open(temporary.Path, Expected, nonce: 1));

        Assert.Contains("nobody knows whose it is", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_half_written_identity_of_a_crash_is_replaced()
    {
        using var temporary = new TemporaryDirectory();
        File.WriteAllText(temporary.File("identity.json.tmp"), "{");

        using DataDirectory directory = DataDirectory.Open(temporary.Path, Expected, nonce: 1);

        Assert.False(File.Exists(temporary.File("identity.json.tmp")));
    }
}
