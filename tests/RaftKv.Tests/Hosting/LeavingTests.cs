using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RaftKv.Tests.Hosting;

/// <summary>What a client is in the middle of when its node goes.</summary>
public sealed class LeavingTests
{
    private const int RemovedExit = 8;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("removed")]
    [InlineData("stopped")]
    public async Task Nobody_new_is_let_in_and_a_write_that_had_begun_is_taken_and_told_that_it_was_the_last(string how)
    {
        await using var fleet = new NodeFleet(3);
        await fleet.FoundAsync(3);
        int leader = await fleet.LeaderAsync(0);
        int leaving = (leader + 1) % 3;
        using TcpClient client = Connect(fleet.Endpoints[leaving]);
        await SayAsync(client, "GET /api/v1/status HTTP/1.1\r\nHost: n\r\n\r\n");
        Assert.DoesNotContain("Connection: close", await AnswerAsync(client), StringComparison.Ordinal);
        await SayAsync(client, "PUT /api/v1/kv/last HTTP/1.1\r\nHost: n\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhalf ");

        Task<(int Code, string Output)>? removal = null;
        if (how == "removed")
        {
            removal = fleet.MemberAsync(leader, "remove", $"n{leaving + 1}");
        }
        else
        {
            fleet[leaving].Signal(ServerProcess.SigTerm);
        }

        await UntilClosedAsync(fleet.Endpoints[leaving]);
        await SayAsync(client, "done\n");

        string answer = await AnswerAsync(client);
        Assert.StartsWith("HTTP/1.1 20", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        Assert.Equal(how == "removed" ? RemovedExit : 0, await fleet[leaving].WaitForExitAsync());
        Assert.Contains("half done", await fleet.Http.GetStringAsync(fleet.Url(leader, "/api/v1/kv/last")), StringComparison.Ordinal);
        if (removal is not null)
        {
            (int code, string output) = await removal;
            Assert.True(code == 0, output);
        }
    }

    private static TcpClient Connect(Uri endpoint) => new(endpoint.Host, endpoint.Port);

    private static async Task SayAsync(TcpClient client, string text) =>
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

    // Its head, and as much of the body as came with it.
    private static async Task<string> AnswerAsync(TcpClient client)
    {
        using var patience = new CancellationTokenSource(_patience);
        StringBuilder answer = new();
        byte[] buffer = new byte[16 * 1024];
        while (!answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int count = await client.GetStream().ReadAsync(buffer, patience.Token);
            Assert.True(count > 0, $"the connection ended after: {answer}");
            answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return answer.ToString();
    }

    private static async Task UntilClosedAsync(Uri endpoint)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (true)
        {
            try
            {
                using TcpClient late = new();
                await late.ConnectAsync(IPAddress.Loopback, endpoint.Port, patience.Token);
            }
            catch (SocketException)
            {
                return;
            }

            await Task.Delay(5, patience.Token);
        }
    }
}
