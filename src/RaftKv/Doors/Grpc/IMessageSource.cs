namespace RaftKv.Doors.Grpc;

/// <summary>The messages that a caller streams. Read by one flow at a time.</summary>
internal interface IMessageSource<T>
    where T : class
{
    /// <summary>The next message; null when the caller has said that no more come.</summary>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    ValueTask<T?> ReadAsync(CancellationToken cancellationToken);
}
