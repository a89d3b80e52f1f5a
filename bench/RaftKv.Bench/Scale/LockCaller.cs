using System.Net.Sockets;
using Google.Protobuf;
using RaftKv.Bench.Grpc;
using RaftKv.Protocol.Etcd.Lock;

namespace RaftKv.Bench.Scale;

/// <summary>One connection with a call for each of many locks, which are answered as each is got. One loop.</summary>
internal sealed class LockCaller : IGrpcAnswers, IDisposable
{
    /// <summary>Calls of one connection: as many as both servers let wait on one.</summary>
    internal const int MostCalls = 500;

    // Some at a time, so that no queue of the client's own is measured.
    private const int CallsAtOnce = 50;

    private readonly GrpcConnection _connection;
    private readonly (int Lock, LockRequest Request)[] _wanted;
    private readonly LockBoard _board;
    private readonly Dictionary<int, (int Lock, List<byte> Answer)> _calls = [];

    internal LockCaller(Uri endpoint, (int Lock, LockRequest Request)[] wanted, LockBoard board)
    {
        _connection = new GrpcConnection(endpoint, "/v3lockpb.Lock/Lock", this);
        _wanted = wanted;
        _board = board;
    }

    /// <summary>Calls for all, and returns when all are answered, or the connection has ended.</summary>
    internal async Task RunAsync()
    {
        try
        {
            await _connection.ConnectAsync(CancellationToken.None);
            foreach ((int Lock, LockRequest Request)[] some in _wanted.Chunk(CallsAtOnce))
            {
                foreach ((int number, LockRequest request) in some)
                {
                    int stream = _connection.TryOpen(request.ToByteArray(), isLast: true);
                    if (stream == 0)
                    {
                        throw new BenchException("The server's window has no room for a lock's call.");
                    }

                    _calls.Add(stream, (number, []));
                }

                await _connection.FlushAsync(CancellationToken.None);
            }

            while (_calls.Count > 0)
            {
                await _connection.ReceiveAsync(CancellationToken.None);
                await _connection.FlushAsync(CancellationToken.None);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            foreach ((int number, _) in _calls.Values)
            {
                _board.Refused(number);
            }
        }
    }

    /// <inheritdoc/>
    public void OnData(int stream, ReadOnlySpan<byte> bytes)
    {
        if (_calls.TryGetValue(stream, out (int Lock, List<byte> Answer) call))
        {
            call.Answer.AddRange(bytes);
        }
    }

    /// <inheritdoc/>
    public void OnEnd(int stream)
    {
        if (!_calls.Remove(stream, out (int Lock, List<byte> Answer) call))
        {
            return;
        }

        if (call.Answer.Count <= EtcdEndpoint.PrefixBytes)
        {
            _board.Refused(call.Lock);
            return;
        }

        LockResponse answer = LockResponse.Parser.ParseFrom([.. call.Answer.Skip(EtcdEndpoint.PrefixBytes)]);
        _board.Got(call.Lock, answer.Key);
    }

    public void Dispose() => _connection.Dispose();
}
