using System.Globalization;
using System.Text;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;
using RaftKv.JepsenStyle.Tests.Coordination;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Sessions write on one node and read on any, while one follower is paused again and again and another's links are slow:
/// each read shows the session's own write and nothing that runs backwards, or is a clear refusal.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class SessionSwitchTests
{
    private const int SessionCount = 6;

    private static readonly int AnswersWanted = Scale.Pick(small: 3_000, full: 10_000);
    private static readonly string[] _levels = ["session", "causal", "sequential", "read-your-writes", "monotonic-reads"];

    [Fact]
    public async Task Reads_with_node_switches_show_the_own_write_or_a_clear_refusal()
    {
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: true));
        await cluster.StartAsync(TimeSpan.FromSeconds(60));
        ServerProcess leader = (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(60), CancellationToken.None))!;
        ServerProcess[] followers = [.. cluster.Nodes.Where(node => node != leader)];
        foreach (EdgeProxy edge in cluster.Edges.Where(edge => edge.From == followers[0].Name || edge.To == followers[0].Name))
        {
            edge.Slow(30);
        }

        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(6));
        using var done = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        var tally = new Tally();
        Task pausing = PauseAgainAndAgainAsync(followers[1], done.Token);
        Task[] sessions = [.. Enumerable.Range(0, SessionCount).Select(i => RunSessionAsync(cluster, leader, i, tally, end.Token))];
        await Task.WhenAll(sessions);
        await done.CancelAsync();
        await pausing;

        Console.WriteLine(tally);
        Assert.True(tally.Answers >= AnswersWanted, $"The time was over before {AnswersWanted} reads were answered: {tally}");
        Assert.True(tally.Served > AnswersWanted / 4, $"Too few were served to mean anything: {tally}");

        // The same run seen at eventual: were nothing ever old there, the check above could not have failed either.
        Assert.True(tally.OldAtEventual > 0, $"No node was ever behind, so nothing was tested: {tally}");
        directory.Forget();
    }

    private static async Task PauseAgainAndAgainAsync(ServerProcess follower, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            follower.Pause();
            await Task.Delay(250, CancellationToken.None);
            follower.Resume();
            await Task.Delay(350, CancellationToken.None);
        }
    }

    private static async Task RunSessionAsync(LocalCluster cluster, ServerProcess leader, int number, Tally tally, CancellationToken cancellationToken)
    {
        var random = new Random(number);
        var nodes = cluster.Nodes.ToDictionary(node => node.Name, node => new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(2)));
        string? token = null;
        int written = 0;
        int seen = 0;
        while (tally.Answers < AnswersWanted && !cancellationToken.IsCancellationRequested)
        {
            // Only an acknowledged write counts; an unknown one may show, and is then not older.
            if (await TryAsync(nodes[leader.Name], "PUT", $"/api/v1/kv/s{number}", token, "", Encoding.ASCII.GetBytes($"{written + 1}")) is { } put)
            {
                Assert.True(put.Status is 200 or 201 or 503 or 504, $"{put.Status} {put.Text}");
                if (put.Status is 200 or 201)
                {
                    written++;
                    token = put.Header(HeaderNames.Session);
                }
            }

            for (int i = 0; i < 6 && written > 0; i++)
            {
                string name = cluster.Nodes[random.Next(cluster.Nodes.Count)].Name;
                string level = _levels[random.Next(_levels.Length)];
                string policy = random.Next(3) switch { 0 => "fail", 1 => "forward", _ => "wait" };
                string headers = $"{HeaderNames.Consistency}: {level}\nRaftKv-On-Unmet: {policy}\nRaftKv-Timeout: 300ms";
                if (await TryAsync(nodes[name], "GET", $"/api/v1/kv/s{number}?raw", token, headers) is { } answer)
                {
                    seen = Check(answer, level, policy, written, seen, tally);
                    token = answer.Header(HeaderNames.Session) ?? token;
                }

                // Without the token: what this node has, which may be old.
                if (i == 0 && await TryAsync(nodes[name], "GET", $"/api/v1/kv/s{number}?raw", null, $"{HeaderNames.Consistency}: eventual") is { } weak)
                {
                    tally.CountEventual(weak.Status == 404 || int.Parse(weak.Text, CultureInfo.InvariantCulture) < written);
                }
            }
        }

        foreach (NodeSession node in nodes.Values)
        {
            node.Dispose();
        }
    }

    // Gives the newest value that the session has seen.
    private static int Check(HttpAnswer answer, string level, string policy, int written, int seen, Tally tally)
    {
        if (answer.Status is not (200 or 404))
        {
            Assert.Equal("503 consistency-unmet", $"{answer.Status} {answer.JsonString("code")}");
            tally.CountRefused();
            return seen;
        }

        Assert.Equal(level, answer.Header(HeaderNames.Consistency));

        // A key that is not there yet is the value before the first: what monotonic reads may show to who has read nothing.
        int value = answer.Status == 404 ? 0 : int.Parse(answer.Text, CultureInfo.InvariantCulture);
        int least = level switch { "monotonic-reads" => seen, "read-your-writes" => written, _ => Math.Max(written, seen) };
        Assert.True(
            value >= least,
            $"{level}/{policy} on {answer.Header(HeaderNames.ServedBy)} showed {value} after the session had written {written} and read {seen}");
        tally.CountServed();
        return Math.Max(seen, value);
    }

    private static async Task<HttpAnswer?> TryAsync(NodeSession node, string method, string target, string? token, string headers, byte[]? body = null)
    {
        try
        {
            List<string> lines = [.. headers.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
            if (token is not null)
            {
                lines.Add($"{HeaderNames.Session}: " + token);
            }

            return await node.SendAsync(method, target, lines, body);
        }
        catch (HttpFailureException)
        {
            // A paused node: no answer is no old value.
            return null;
        }
    }

    private sealed class Tally
    {
        private int _served;
        private int _refused;
        private int _oldAtEventual;
        private int _eventual;

        public int Served => Volatile.Read(ref _served);

        public int Answers => Served + Volatile.Read(ref _refused);

        public int OldAtEventual => Volatile.Read(ref _oldAtEventual);

        public void CountServed() => Interlocked.Increment(ref _served);

        public void CountRefused() => Interlocked.Increment(ref _refused);

        public void CountEventual(bool isOld)
        {
            Interlocked.Increment(ref _eventual);
            if (isOld)
            {
                Interlocked.Increment(ref _oldAtEventual);
            }
        }

        public override string ToString() => $"{Served} served, {_refused} refused; at eventual {_oldAtEventual} of {_eventual} were old";
    }
}
