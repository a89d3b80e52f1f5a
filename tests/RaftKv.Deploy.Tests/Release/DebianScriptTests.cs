using System.Text.RegularExpressions;
using RaftKv.Tests.GeneratedClients;
using RaftKv.Tests.Support;

namespace RaftKv.Deploy.Tests.Release;

/// <summary>What the Debian package's scripts do, with programs of the system that only write down how they were called.</summary>
public sealed class DebianScriptTests : IDisposable
{
    private const string AddUser = "adduser --system --group --home /var/lib/raftkv --no-create-home --shell /usr/sbin/nologin raftkv";

    private readonly string _root = Directory.CreateTempSubdirectory("raftkv-debian-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [CommandFact("sh")]
    public async Task The_first_installation_makes_the_user_and_starts_nothing_that_did_not_run() => Assert.Equal(
        ["getent passwd raftkv", AddUser, "systemctl daemon-reload", "systemctl try-restart raftkv.service"],
        await RunAsync("postinst", "configure", hasUser: false, hasSystemd: true));

    [CommandFact("sh")]
    public async Task A_later_one_finds_the_user_and_one_without_systemd_asks_nothing_of_it()
    {
        Assert.DoesNotContain(AddUser, await RunAsync("postinst", "configure", hasUser: true, hasSystemd: true));
        Assert.Equal(["getent passwd raftkv"], await RunAsync("postinst", "configure", hasUser: true, hasSystemd: false));
        Assert.Empty(await RunAsync("postinst", "abort-remove", hasUser: true, hasSystemd: true));
    }

    [CommandFact("sh")]
    public async Task A_removal_stops_the_node_and_an_upgrade_lets_it_run()
    {
        Assert.Equal(["systemctl disable --now raftkv.service"], await RunAsync("prerm", "remove", hasUser: true, hasSystemd: true));
        Assert.Empty(await RunAsync("prerm", "upgrade", hasUser: true, hasSystemd: true));
        Assert.Empty(await RunAsync("prerm", "remove", hasUser: true, hasSystemd: false));
    }

    [CommandFact("sh")]
    public async Task A_purge_leaves_the_data()
    {
        Assert.Equal(["systemctl daemon-reload"], await RunAsync("postrm", "purge", hasUser: true, hasSystemd: true));
        Assert.Empty(await RunAsync("postrm", "purge", hasUser: true, hasSystemd: false));
    }

    [Fact]
    public void The_unit_lets_a_node_see_the_addresses_of_its_machine() => Assert.Contains(
        "AF_NETLINK",
        Assert.Single(
            File.ReadAllLines(Path.Combine(Command.Root, "deploy/systemd/raftkv.service")),
            static line => line.StartsWith("RestrictAddressFamilies=", StringComparison.Ordinal)));

    [Fact]
    public void The_unit_lets_threads_give_way_to_others()
    {
        string[] filters =
        [
            .. File.ReadAllLines(Path.Combine(Command.Root, "deploy/systemd/raftkv.service"))
                .Where(static line => line.StartsWith("SystemCallFilter=", StringComparison.Ordinal)),
        ];

        // The last word counts, and the group that is taken away before has it.
        Assert.Contains("~@privileged @resources", filters[^2], StringComparison.Ordinal);
        Assert.Equal("SystemCallFilter=setpriority", filters[^1]);
    }

    [Fact]
    public void The_unit_starts_no_node_again_that_another_start_does_not_mend()
    {
        // All that the manual lists but an end as asked, a command that found something, and a bug that a start may leave behind.
        string[] codes =
        [
            .. File.ReadAllLines(Path.Combine(Command.Root, "docs/operations.md"))
                .Where(static line => Regex.IsMatch(line, @"^\| \d \| "))
                .Select(static line => line[2..3]).Except(["0", "1", "5"]),
        ];
        string unit = File.ReadAllText(Path.Combine(Command.Root, "deploy/systemd/raftkv.service"));

        Assert.Contains($"\nRestartPreventExitStatus={string.Join(' ', codes)}\n", unit, StringComparison.Ordinal);
    }

    [CommandFact("systemd-analyze")]
    public async Task Systemd_understands_the_unit_and_finds_little_that_it_may_do()
    {
        string unit = Path.Combine(_root, "raftkv.service");
        string text = await File.ReadAllTextAsync(Path.Combine(Command.Root, "deploy/systemd/raftkv.service"));

        // The program is not on this machine.
        await File.WriteAllTextAsync(unit, text.Replace("=/usr/lib/raftkv/raftkv ", "=/bin/true ", StringComparison.Ordinal));
        (int code, string output) = await Command.RunAsync(_root, "systemd-analyze", "verify", unit);
        Assert.True(code == 0 && !output.Contains("raftkv.service", StringComparison.Ordinal), output);

        // Of 100; a unit that says nothing has more than 90.
        (int exposed, string why) = await Command.RunAsync(
            _root, "systemd-analyze", "security", "--offline=true", "--threshold=20", unit);
        Assert.True(exposed == 0, why);

        await File.WriteAllTextAsync(unit, text.Replace("Type=notify", "Type=shouts", StringComparison.Ordinal));
        (_, output) = await Command.RunAsync(_root, "systemd-analyze", "verify", unit);
        Assert.Contains("raftkv.service", output, StringComparison.Ordinal);
    }

    /// <summary>What the script called, in order; it must end with 0.</summary>
    private async Task<string[]> RunAsync(string script, string argument, bool hasUser, bool hasSystemd)
    {
        string calls = Path.Combine(_root, "calls");
        File.WriteAllText(calls, "");
        string system = Directory.CreateDirectory(Path.Combine(_root, hasSystemd ? "with" : "without")).FullName;
        if (hasSystemd)
        {
            Directory.CreateDirectory(Path.Combine(system, "run", "systemd", "system"));
        }

        string programs = Directory.CreateDirectory(Path.Combine(_root, "bin")).FullName;
        foreach (string program in (string[])["getent", "adduser", "systemctl"])
        {
            string path = Path.Combine(programs, program);
            int code = program == "getent" && !hasUser ? 2 : 0;
            File.WriteAllText(path, $"#!/bin/sh\necho \"{program} $*\" >>'{calls}'\nexit {code}\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        (int ended, string output) = await Command.RunAsync(
            Command.Root, "env", $"PATH={programs}:/usr/bin:/bin", $"DPKG_ROOT={system}", "sh", $"deploy/debian/{script}", argument);
        Assert.True(ended == 0, output);
        return await File.ReadAllLinesAsync(calls);
    }
}
