using System.Globalization;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>What an operator does on a good day: old revisions are compacted, and the lead is handed on.</summary>
internal sealed class AdminNemesis : RepeatingNemesis
{
    public override string Name => "admin";

    public override async Task StrikeAsync(Strike strike)
    {
        ServerProcess node = strike.AnyNode();
        using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(5));
        long start = strike.History.NowNs;
        try
        {
            if (strike.Turn % 2 == 0)
            {
                HttpAnswer status = await session.GetAsync("/api/v1/status");
                long upTo = Math.Max(1, (status.Number(HeaderNames.Revision) ?? 1) - strike.Random.Next(0, 100));
                HttpAnswer answer = await Post(session, "/api/v1/compact", string.Create(CultureInfo.InvariantCulture, $$"""{"revision":{{upTo}}}"""));
                strike.Note("compact", node.Name, start, string.Create(CultureInfo.InvariantCulture, $"{answer.Status} up to {upTo}"));
            }
            else
            {
                HttpAnswer answer = await Post(session, "/api/v1/cluster/leader/transfer", "{}");
                strike.Note("transfer", node.Name, start, string.Create(CultureInfo.InvariantCulture, $"{answer.Status}"));
            }
        }
        catch (HttpFailureException e)
        {
            strike.Note("skipped", node.Name, start, $"admin: {e.Message}");
        }
    }

    private static Task<HttpAnswer> Post(NodeSession session, string target, string body) =>
        session.SendAsync("POST", target, ["Content-Type: application/json"], System.Text.Encoding.ASCII.GetBytes(body));
}
