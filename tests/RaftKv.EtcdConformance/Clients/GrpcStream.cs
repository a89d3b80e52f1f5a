using System.Buffers.Binary;
using Google.Protobuf;

namespace RaftKv.EtcdConformance.Clients;

/// <summary>A call with streams both ways. One reader and one writer.</summary>
public sealed class GrpcStream<TRequest, TAnswer> : IDisposable
    where TRequest : class, IMessage<TRequest>
    where TAnswer : class, IMessage<TAnswer>, new()
{
    private static readonly MessageParser<TAnswer> Parser = new(static () => new TAnswer());
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StreamedContent _requests;
    private readonly HttpResponseMessage _answer;
    private readonly Stream _body;

    public GrpcStream(StreamedContent requests, HttpResponseMessage answer, Stream body)
    {
        _requests = requests;
        _answer = answer;
        _body = body;
    }

    public ValueTask SendAsync(TRequest request) => _requests.SendAsync(GrpcClient.Frame(request));

    /// <summary>Says that no more requests come.</summary>
    public void Complete() => _requests.Complete();

    /// <summary>The next message, or null at the end. Fails when none comes for long.</summary>
    public async Task<TAnswer?> ReadAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        byte[] prefix = new byte[5];
        int read = await _body.ReadAtLeastAsync(prefix, 5, throwOnEndOfStream: false, patience.Token);
        if (read == 0)
        {
            return null;
        }

        Assert.Equal(5, read);
        Assert.Equal(0, prefix[0]);
        byte[] message = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1))];
        await _body.ReadExactlyAsync(message, patience.Token);
        return Parser.ParseFrom(message);
    }

    /// <summary>Status after the last message.</summary>
    public (int Code, string Detail) Status => GrpcClient.StatusOf(_answer);

    public void Dispose()
    {
        _requests.Complete();
        _answer.Dispose();
    }
}
