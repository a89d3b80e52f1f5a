using RaftKv.Audit;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Calls;

namespace RaftKv.Tests.Access;

/// <summary>The audit: who did what on which keys and how it ended; never a value or a secret; a chain that shows tampering.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-audit-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_was_done_and_refused_is_written_down_without_values_and_secrets()
    {
        string path = Path.Combine(_directory, "audit.log");
        var audit = new AuditLog([new AuditFile(path, isChained: true)], TimeProvider.System, hasReads: true);
        await using (AccessHost host = await AccessHost.StartAsync(new ApiOptions { Observers = [audit] }))
        {
            await host.UserAsync("ann", KeyRights.Read | KeyRights.Write, "a/");
            await host.AsAsync("ann", "PUT", "/api/v1/kv/a/1", "the-value");
            await host.AsAsync("ann", "GET", "/api/v1/kv/a/1");
            await host.AsAsync("ann", "PUT", "/api/v1/kv/b/1", "the-value");
            await host.AsAsync("", "GET", "/api/v1/kv/a/1");
            await host.AsAsync("ann", "POST", "/api/v1/cluster/members/n1/lead");
            await host.AsAsync("root", "POST", "/api/v1/cluster/members/n1/lead");
            await host.AsAsync("root", "POST", "/api/v1/cluster/members/n1/drain");
            await host.AsAsync("root", "POST", "/api/v1/auth/users", """{"name":"eve","password":"the-password"}""");
        }

        await audit.DisposeAsync();
        string[] lines = await File.ReadAllLinesAsync(path);
        string all = string.Join('\n', lines);
        string put = "\"user\":\"ann\",\"from\":\"127.0.0.1\",\"door\":\"http\",\"what\":\"put\","
            + "\"keys\":[\"a/1\"],\"outcome\":\"Applied\"";
        Assert.Contains(put, all, StringComparison.Ordinal);
        Assert.Contains("\"what\":\"put\",\"keys\":[\"b/1\"],\"outcome\":\"Refused\"", all, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"AccessDenied\"", all, StringComparison.Ordinal);
        Assert.Contains("\"user\":\"\"", all, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"Unauthenticated\"", all, StringComparison.Ordinal);
        Assert.Contains("\"what\":\"access add user eve\"", all, StringComparison.Ordinal);
        Assert.Single(lines, static line => line.Contains("\"what\":\"leadership to 0000000000000001\"", StringComparison.Ordinal));
        Assert.Contains("\"what\":\"drain 0000000000000001\",\"keys\":[],\"outcome\":\"MemberUnsafe\"", all, StringComparison.Ordinal);
        Assert.Contains("\"what\":\"read\",\"keys\":[\"a/1\"],\"outcome\":\"Served\"", all, StringComparison.Ordinal);
        Assert.DoesNotContain("the-value", all, StringComparison.Ordinal);
        Assert.DoesNotContain("the-password", all, StringComparison.Ordinal);
        Assert.DoesNotContain("pbkdf2", all, StringComparison.Ordinal);
        Assert.Equal(0, AuditFile.FirstBroken(lines));
    }

    [Fact]
    public async Task Etcds_MoveLeader_is_written_down_as_that_of_REST_is()
    {
        string path = Path.Combine(_directory, "move.log");
        var audit = new AuditLog([new AuditFile(path, isChained: false)], TimeProvider.System, hasReads: false);
        await using (AccessHost host = await AccessHost.StartAsync(new ApiOptions { Observers = [audit] }))
        {
            await host.UserAsync("ann", KeyRights.Read | KeyRights.Write, "a/");
            const string Call = "/v3/maintenance/transfer-leadership";
            await host.AsAsync("root", "POST", Call, """{"targetID":"1"}""");
            await host.AsAsync("root", "POST", Call, """{"targetID":"99"}""");
            await host.AsAsync("ann", "POST", Call, """{"targetID":"1"}""");
        }

        await audit.DisposeAsync();
        string[] lines = await File.ReadAllLinesAsync(path);
        string[] moves = [.. lines.Where(static line => line.Contains("leadership", StringComparison.Ordinal))];
        Assert.Equal(2, moves.Length);
        const string Root = "\"user\":\"root\",\"from\":\"127.0.0.1\",\"door\":\"etcd\",\"what\":";
        Assert.Contains(
            Root + "\"leadership to 0000000000000001\",\"keys\":[],\"outcome\":\"Applied\"", moves[0], StringComparison.Ordinal);
        Assert.Contains(
            Root + "\"leadership to 0000000000000063\",\"keys\":[],\"outcome\":\"MemberConflict\"", moves[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_was_changed_taken_out_or_put_in_shows_and_the_chain_goes_on_after_a_restart()
    {
        string path = Path.Combine(_directory, "chain.log");
        for (int run = 0; run < 2; run++)
        {
            using var file = new AuditFile(path, isChained: true);
            Assert.True(file.TryWrite("one") && file.TryWrite("two") && file.TryWrite("three"));
        }

        List<string> lines = [.. File.ReadAllLines(path)];
        Assert.Equal(0, AuditFile.FirstBroken(lines));
        Assert.Equal(2, AuditFile.FirstBroken([lines[0], lines[1].Replace("two", "too", StringComparison.Ordinal), .. lines[2..]]));
        Assert.Equal(2, AuditFile.FirstBroken([lines[0], .. lines[2..]]));
        Assert.Equal(4, AuditFile.FirstBroken([lines[0], lines[1], lines[2], lines[0], .. lines[3..]]));
    }

    [Fact]
    public void A_file_that_is_large_enough_is_put_aside_and_so_many_are_kept()
    {
        string path = Path.Combine(_directory, "rotated.log");
        using (var file = new AuditFile(path, isChained: false, maxBytes: 10, kept: 2))
        {
            for (int i = 0; i < 8; i++)
            {
                Assert.True(file.TryWrite("0123456789 " + i));
            }
        }

        Assert.Equal(["rotated.log", "rotated.log.1", "rotated.log.2"], Directory.GetFiles(_directory).Select(Path.GetFileName).Order());
        Assert.Equal(["0123456789 7"], File.ReadAllLines(path));
        Assert.Equal(["0123456789 6"], File.ReadAllLines(path + ".1"));
    }
}
