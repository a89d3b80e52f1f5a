using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RaftKv.Tests.Fuzz;

/// <summary>Bytes to a port, and what comes back.</summary>
internal static class RawSocket
{
    // Broken requests may ask for long waits and endless streams: those are hung up on, which is one more thing to survive.
    private static readonly TimeSpan MostPerRequest = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends, says that nothing more comes, and reads until the end or until it has taken too long.</summary>
    /// <param name="isAnswered">
    /// The server answers, and its first byte is waited for, or what makes it done, however busy the machine is.
    /// </param>
    public static async Task<string> ExchangeAsync(
        int port, byte[] request, Func<string, bool>? isDone = null, bool isAnswered = false)
    {
        using var client = new TcpClient { LingerState = new LingerOption(enable: true, seconds: 0) };
        await client.ConnectAsync(IPAddress.Loopback, port);
        using var patience = new CancellationTokenSource(isAnswered ? Patience : MostPerRequest);
        var answer = new StringBuilder();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(request, patience.Token);
            while (isDone is null || !isDone(answer.ToString()))
            {
                int count = await stream.ReadAsync(buffer, patience.Token);
                if (count == 0)
                {
                    break;
                }

                if (isAnswered && isDone is null && answer.Length == 0)
                {
                    patience.CancelAfter(MostPerRequest);
                }

                answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Reset, or still going on.
        }

        return answer.ToString();
    }
}
