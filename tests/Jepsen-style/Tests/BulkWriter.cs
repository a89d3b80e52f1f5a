using System.Diagnostics;
using System.Globalization;
using System.Text;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Writes many keys quickly: transactions of a few puts over many connections, each retried by name until acknowledged.
/// </summary>
internal static class BulkWriter
{
    private const int ConnectionCount = 64;

    // Far beyond an election, and what a log without room waits for a snapshot, on a busy machine.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Keys of one transaction, which is one log entry.</summary>
    public const int KeysPerTxn = 3;

    /// <summary>
    /// Writes keys bulk/0 … with their number as the value; a repeat of one changes nothing but revisions.
    /// </summary>
    public static async Task WriteAsync(IReadOnlyList<ServerProcess> nodes, int txnCount)
    {
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, ConnectionCount).Select(async worker =>
        {
            ServerProcess node = nodes[worker % nodes.Count];
            using var session = new NodeSession(node.Name, node.ClientPort, Patience);
            for (int txn = Interlocked.Increment(ref next); txn < txnCount; txn = Interlocked.Increment(ref next))
            {
                await WriteOneAsync(session, Body(txn));
            }
        }));
    }

    private static async Task WriteOneAsync(NodeSession session, byte[] body)
    {
        string last = "";
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            HttpAnswer answer = await session.SendAsync("POST", "/api/v1/txn", ["Content-Type: application/json"], body);
            if (answer.Status == 200)
            {
                return;
            }

            last = $"{answer.Status} {answer.Text}";
            await Task.Delay(100);
        }

        throw new InvalidOperationException($"A write was not acknowledged in {Patience.TotalSeconds} s: {last}");
    }

    private static byte[] Body(int txn)
    {
        var text = new StringBuilder("""{"then":[""");
        for (int i = 0; i < KeysPerTxn; i++)
        {
            int number = (txn * KeysPerTxn) + i;
            text.Append(i == 0 ? "" : ",")
                .Append(CultureInfo.InvariantCulture, $$$"""{"put":{"key":"bulk/{{{number}}}","value":"{{{number}}}"}}""");
        }

        return Encoding.ASCII.GetBytes(text.Append("]}").ToString());
    }
}
