using System.Text;
using RaftKv.Bench;
using RaftKv.Bench.Grpc;

namespace RaftKv.Tests.Costs;

/// <summary>Calls one method of a node in batches over one connection of the load generator's; each batch is awaited whole.</summary>
internal sealed class GrpcCaller : IGrpcAnswers, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly GrpcConnection _connection;
    private readonly HashSet<int> _answered = [];
    private int _ended;

    public GrpcCaller(Uri endpoint, string method) => _connection = new GrpcConnection(endpoint, method, this);

    public static byte[] Put(string key, int valueBytes) => [.. Field(1, Encoding.ASCII.GetBytes(key)), .. Field(2, new byte[valueBytes])];

    public static byte[] Range(string key, bool isSerializable) =>
        [.. Field(1, Encoding.ASCII.GetBytes(key)), .. isSerializable ? [0x38, 1] : Array.Empty<byte>()];

    public Task ConnectAsync() => _connection.ConnectAsync(CancellationToken.None);

    /// <summary>Makes calls, so many at one time; every one must be answered with a message.</summary>
    public async Task CallAsync(byte[] message, int count, int atOnce)
    {
        using var patience = new CancellationTokenSource(Patience);
        for (int begun = 0; begun < count; begun += atOnce)
        {
            _answered.Clear();
            _ended = 0;
            for (int i = 0; i < atOnce; i++)
            {
                Assert.NotEqual(0, _connection.TryOpen(message, isLast: true));
            }

            await _connection.FlushAsync(patience.Token);
            while (_ended < atOnce)
            {
                await _connection.ReceiveAsync(patience.Token);

                // What the connection itself had to answer.
                await _connection.FlushAsync(patience.Token);
            }

            Assert.Equal(atOnce, _answered.Count);
        }
    }

    public void OnData(int stream, ReadOnlySpan<byte> bytes) => _answered.Add(stream);

    public void OnEnd(int stream) => _ended++;

    public void Dispose() => _connection.Dispose();

    private static byte[] Field(int number, byte[] content)
    {
        // Two bytes of length, which are enough for all that is sent here.
        return [(byte)((number << 3) | 2), (byte)((content.Length & 127) | 128), (byte)(content.Length >> 7), .. content];
    }
}
