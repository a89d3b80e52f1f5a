using System.Diagnostics;
using RaftKv.Core;
using RaftKv.Storage;

namespace RaftKv.Tests.Storage;

/// <summary>Who may use a data directory, and what is said to who may not.</summary>
public sealed class DataDirectoryTests
{
    private static readonly DirectoryIdentity Expected = new(
        "n1", new NodeId(0x11), 0xC1, ["n1=http://127.0.0.1:2380", "n2=http://127.0.0.1:2390"], HasLog: false);

    [Fact]
    public void A_new_directory_gets_its_identity_and_keeps_it()
    {
        using var temporary = new TemporaryDirectory();
        string path = temporary.File("deep/er/n1");
        using (DataDirectory first = DataDirectory.Open(path, Expected))
        {
            Assert.True(Directory.Exists(first.RaftPath));
            Assert.False(first.Identity.HasLog);
            first.MarkLogCreated();
        }

        using DataDirectory second = DataDirectory.Open(path, Expected);
        Assert.True(second.Identity.HasLog);
        Assert.Equal(Expected.InitialCluster, second.Identity.InitialCluster);
        Assert.Equal(Expected.NodeId, second.Identity.NodeId);
        Assert.Equal(Expected.ClusterId, second.Identity.ClusterId);
    }

    [Fact]
    public void Only_the_owner_can_look_into_it()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var temporary = new TemporaryDirectory();
        using DataDirectory directory = DataDirectory.Open(temporary.File("n1"), Expected);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory.Path));
    }

    [Fact]
    public void A_second_user_of_the_directory_is_told_who_has_it()
    {
        using var temporary = new TemporaryDirectory();
        using (DataDirectory.Open(temporary.Path, Expected))
        {
            DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(temporary.Path, Expected));
            Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
            Assert.Contains($"pid {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
            Assert.Contains("--data-dir", refused.Message, StringComparison.Ordinal);
        }

        DataDirectory.Open(temporary.Path, Expected).Dispose();
    }

    [Fact]
    public void The_lock_holds_between_processes()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/flock"))
        {
            return;
        }

        using var temporary = new TemporaryDirectory();
        using DataDirectory directory = DataDirectory.Open(temporary.Path, Expected);
        using Process other = Process.Start("/usr/bin/flock", ["--nonblock", temporary.File("lock"), "true"]);
        other.WaitForExit();

        Assert.NotEqual(0, other.ExitCode);
    }

    [Fact]
    public void A_directory_of_another_cluster_or_node_is_refused_with_both_ids_and_the_way_out()
    {
        using var temporary = new TemporaryDirectory();
        DataDirectory.Open(temporary.Path, Expected).Dispose();

        DataDirectoryException cluster = Assert.Throws<DataDirectoryException>(
            () => DataDirectory.Open(temporary.Path, Expected with { ClusterId = 0xC2 }));
        DataDirectoryException node = Assert.Throws<DataDirectoryException>(
            () => DataDirectory.Open(temporary.Path, Expected with { NodeName = "n2", NodeId = new NodeId(0x22) }));

        Assert.Contains("00000000000000c1", cluster.Message, StringComparison.Ordinal);
        Assert.Contains("00000000000000c2", cluster.Message, StringComparison.Ordinal);
        Assert.Contains("--cluster", cluster.Message, StringComparison.Ordinal);
        Assert.Contains("0000000000000011", node.Message, StringComparison.Ordinal);
        Assert.Contains("0000000000000022", node.Message, StringComparison.Ordinal);
        Assert.Contains("--name n1", node.Message, StringComparison.Ordinal);
        DataDirectory.Open(temporary.Path, Expected).Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"formatVersion":2,"nodeName":"n1","nodeId":"zz","clusterId":"1","initialCluster":[],"hasLog":true}""")]
    public void An_identity_that_is_not_readable_stops_the_node(string content)
    {
        using var temporary = new TemporaryDirectory();
        DataDirectory.Open(temporary.Path, Expected).Dispose();
        File.WriteAllText(temporary.File("identity.json"), content);

        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(temporary.Path, Expected));

        Assert.Contains("identity.json is not readable", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_of_release_0_1_is_refused_with_a_sentence()
    {
        using var temporary = new TemporaryDirectory();
        File.WriteAllText(
            temporary.File("identity.json"),
            """{"formatVersion":1,"nodeName":"n1","nodeId":"1","clusterId":"1","initialCluster":[],"hasLog":true}""");

        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(temporary.Path, Expected));

        Assert.Contains("release 0.1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_identity_names_both_versions()
    {
        using var temporary = new TemporaryDirectory();
        File.WriteAllText(temporary.File("identity.json"), """{"formatVersion":3}""");

        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(temporary.Path, Expected));

        Assert.Contains("format version 3; this program knows version 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_without_an_identity_is_nobodys()
    {
        using var temporary = new TemporaryDirectory();
        Directory.CreateDirectory(temporary.File("raft"));
        File.WriteAllText(temporary.File("raft/wal-0000000000000001.log"), "");

        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(temporary.Path, Expected));

        Assert.Contains("nobody knows whose it is", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_half_written_identity_of_a_crash_is_replaced()
    {
        using var temporary = new TemporaryDirectory();
        File.WriteAllText(temporary.File("identity.json.tmp"), "{");

        using DataDirectory directory = DataDirectory.Open(temporary.Path, Expected);

        Assert.False(File.Exists(temporary.File("identity.json.tmp")));
    }
}
