using System.Net;
using System.Net.Sockets;

namespace RaftKv.EtcdConformance.Protocol;

/// <summary>
/// Pings of HTTP/2 by which clients keep connections alive: clientv3 and kube-apiserver send them with and without a stream.
/// </summary>
public sealed class KeepAliveTests(RaftKvServer server) : IClassFixture<RaftKvServer>
{
    private const int PingCount = 200;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Pings_at_any_rate_without_a_stream_are_answered_and_end_no_connection()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Client.Port);
        await using var stream = new NetworkStream(socket);
        byte[] emptySettings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        await stream.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. emptySettings]);
        for (byte i = 0; i < PingCount; i++)
        {
            await stream.WriteAsync((byte[])[0, 0, 8, Ping, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, i]);
        }

        using var patience = new CancellationTokenSource(Patience);
        byte[] head = new byte[9];
        for (int answered = 0; answered < PingCount;)
        {
            await stream.ReadExactlyAsync(head, patience.Token);
            byte[] payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await stream.ReadExactlyAsync(payload, patience.Token);
            Assert.NotEqual(GoAway, head[3]);
            if (head[3] == Ping)
            {
                Assert.Equal((1, answered), (head[4] & 1, payload[^1]));
                answered++;
            }
        }
    }
}
