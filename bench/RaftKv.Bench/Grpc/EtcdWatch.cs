using System.Buffers.Binary;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Bench.Grpc;

/// <summary>An open stream of watches. One reader; requests may come from anywhere.</summary>
internal sealed class EtcdWatch : IDisposable
{
    private readonly StreamedContent _requests;
    private readonly HttpResponseMessage _answer;
    private readonly Stream _body;
    private readonly byte[] _prefix = new byte[EtcdEndpoint.PrefixBytes];
    private byte[] _message = new byte[64 * 1024];

    internal EtcdWatch(StreamedContent requests, HttpResponseMessage answer, Stream body)
    {
        _requests = requests;
        _answer = answer;
        _body = body;
    }

    /// <summary>Sends another request; nothing when the stream is over.</summary>
    internal void Send(WatchRequest request) => _requests.TrySend(EtcdEndpoint.Frame(request));

    /// <summary>The next answer, null at the end.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    internal async ValueTask<WatchResponse?> ReadAsync(CancellationToken cancellationToken)
    {
        int read = await _body.ReadAtLeastAsync(_prefix, _prefix.Length, throwOnEndOfStream: false, cancellationToken);
        if (read < _prefix.Length)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(_prefix.AsSpan(1));
        if (_message.Length < length)
        {
            _message = new byte[length];
        }

        await _body.ReadExactlyAsync(_message.AsMemory(0, length), cancellationToken);
        return WatchResponse.Parser.ParseFrom(new ReadOnlySpan<byte>(_message, 0, length));
    }

    public void Dispose()
    {
        _requests.Complete();
        _answer.Dispose();
        _requests.Dispose();
    }
}
