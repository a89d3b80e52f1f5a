using System.Diagnostics;
using System.Text.RegularExpressions;
using RaftKv.EtcdConformance.Servers;

namespace RaftKv.EtcdConformance.Scripted;

/// <summary>etcdctl driven through its commands, against both servers, with what it prints compared.</summary>
public sealed partial class EtcdctlTests
{
    [EtcdFact]
    public Task Each_command_of_the_script_prints_what_it_prints_against_etcd() => CompareAsync("etcdctl.txt", atLeast: 80);

    // The second engine's members are fixed: it refuses what would change them, and goes on.
    [EtcdFact]
    public Task Members_come_and_go_as_against_etcd() =>
        ServerUnderTest.IsDotNext ? RefuseMembersAsync() : CompareAsync("etcdctl-members.txt", atLeast: 10);

    [EtcdFact]
    public Task Users_roles_and_rights_are_as_against_etcd() => CompareAsync("etcdctl-auth.txt", atLeast: 90);

    private static async Task CompareAsync(string script, int atLeast)
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        string directory = Directory.CreateTempSubdirectory("raftkv-etcdctl-").FullName;
        try
        {
            var etcd = new Session(pair.Etcd.Client, Path.Combine(directory, "etcd"));
            var raftkv = new Session(pair.RaftKv.Client, Path.Combine(directory, "raftkv"));
            var differences = new List<string>();
            int count = 0;
            foreach (string line in ScriptFile.Lines(script))
            {
                // check perf takes a minute: only when asked for.
                if (line.Contains("check perf", StringComparison.Ordinal) && Environment.GetEnvironmentVariable("RAFTKV_SOAK") != "1")
                {
                    continue;
                }

                (int code, string text) expected = await etcd.RunAsync(line);
                (int code, string text) actual = await raftkv.RunAsync(line);
                count++;
                bool mayDiffer = line.StartsWith("~ ", StringComparison.Ordinal);
                if (expected.code != actual.code || (expected.text != actual.text && !mayDiffer))
                {
                    differences.Add($"{line}\n  etcd:   {expected}\n  raftkv: {actual}");
                }
            }

            Assert.True(differences.Count == 0, string.Join("\n", differences));
            Assert.True(count > atLeast, $"the script has {count} commands");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task RefuseMembersAsync()
    {
        await using ServerUnderTest node = await ServerUnderTest.StartRaftKvAsync();
        DirectoryInfo directory = Directory.CreateTempSubdirectory("raftkv-etcdctl-");
        try
        {
            var raftkv = new Session(node.Client, directory.FullName);
            await raftkv.RunAsync("member list");
            string[] lines = ["member add l1 --learner --peer-urls=http://127.0.0.1:1", "member promote $SELF", "member remove $SELF"];
            foreach (string line in lines)
            {
                (int code, string text) = await raftkv.RunAsync(line);
                Assert.Equal(1, code);
                Assert.Contains("members are fixed", text, StringComparison.Ordinal);
            }

            Assert.Equal((0, "OK\n"), await raftkv.RunAsync("put after members"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private sealed partial class Session
    {
        private readonly Uri _server;
        private readonly string _directory;
        private string _lease = "1";
        private string _member = "1";
        private string _self = "1";

        public Session(Uri server, string directory)
        {
            _server = server;
            _directory = directory;
            Directory.CreateDirectory(directory);
        }

        public async Task<(int Code, string Text)> RunAsync(string line)
        {
            string command = line.StartsWith("~ ", StringComparison.Ordinal) ? line[2..] : line;
            string input = "";
            if (command.StartsWith("< ", StringComparison.Ordinal))
            {
                int bar = command.LastIndexOf(" | ", StringComparison.Ordinal);
                input = command[2..bar].Replace("\\n", "\n", StringComparison.Ordinal);
                command = command[(bar + 3)..];
            }

            command = command.Replace("$L", _lease, StringComparison.Ordinal).Replace("$DIR", _directory, StringComparison.Ordinal)
                .Replace("$M", _member, StringComparison.Ordinal).Replace("$SELF", _self, StringComparison.Ordinal);
            (int code, string output) = await StartAsync(Words(command), input);
            if (Granted().Match(output) is { Success: true } granted)
            {
                _lease = granted.Groups["id"].Value;
            }

            _member = Added().Match(output) is { Success: true } added ? added.Groups["id"].Value : _member;
            _self = Started().Match(output) is { Success: true } started ? started.Groups["id"].Value : _self;
            return (code, Plain(output));
        }

        private static IEnumerable<string> Words(string command) =>
            Word().Matches(command).Select(match => match.Value.Trim('"'));

        private async Task<(int Code, string Output)> StartAsync(IEnumerable<string> arguments, string input)
        {
            var start = new ProcessStartInfo("etcdctl")
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["ETCDCTL_API"] = "3";
            start.ArgumentList.Add($"--endpoints={_server.Authority}");
            foreach (string argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            using Process process = Process.Start(start)!;
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, output + await errors);
        }

        // Log lines of the client go: they have times and its own ids. So do numbers that are each server's own.
        private string Plain(string output)
        {
            string text = string.Join('\n', output.Split('\n').Where(line => !line.StartsWith("{\"level\"", StringComparison.Ordinal)));
            text = text.Replace(_server.Authority, "ADDRESS", StringComparison.Ordinal);
            text = OwnFields().Replace(text, "OWN");
            text = Hex().Replace(text, "ID");

            // An id that begins with a zero is padded with a space.
            text = text.Replace("Member  ID", "Member ID", StringComparison.Ordinal)
                .Replace("cluster  ID", "cluster ID", StringComparison.Ordinal);
            text = Remaining().Replace(text, "remaining(s)");
            return Took().Replace(text, "took");
        }

        [GeneratedRegex("""[^\s"]+="[^"]*"|"[^"]*"|[^\s"]+""")]
        private static partial Regex Word();

        [GeneratedRegex("""Member +(?<id>[0-9a-f]+) added""")]
        private static partial Regex Added();

        [GeneratedRegex("""(?<id>[0-9a-f]+), started""")]
        private static partial Regex Started();

        [GeneratedRegex("""lease (?<id>[0-9a-f]+) granted""")]
        private static partial Regex Granted();

        [GeneratedRegex(""""("(cluster_id|member_id|raft_term)":\d+|"(ClusterID|MemberID|RaftTerm)" : \d+|"Lease" : [1-9]\d+)"""")]
        private static partial Regex OwnFields();

        [GeneratedRegex("""\b[0-9a-f]{13,16}\b""")]
        private static partial Regex Hex();

        [GeneratedRegex("""remaining\(\d+s\)""")]
        private static partial Regex Remaining();

        [GeneratedRegex("""took = .*""")]
        private static partial Regex Took();
    }
}
