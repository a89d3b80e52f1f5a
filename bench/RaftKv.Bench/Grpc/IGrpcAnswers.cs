namespace RaftKv.Bench.Grpc;

/// <summary>Hears what comes on a connection.</summary>
internal interface IGrpcAnswers
{
    /// <summary>Bytes of a stream's messages; a message may come in pieces.</summary>
    void OnData(int stream, ReadOnlySpan<byte> bytes);

    /// <summary>The server has ended a stream.</summary>
    void OnEnd(int stream);
}
