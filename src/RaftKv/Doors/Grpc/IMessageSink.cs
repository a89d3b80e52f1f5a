namespace RaftKv.Doors.Grpc;

/// <summary>The messages that a call streams back. Written by one flow at a time.</summary>
internal interface IMessageSink<in T>
    where T : class
{
    /// <summary>Sends a message; ends when the connection has taken it, so that a slow reader slows the writer.</summary>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    ValueTask WriteAsync(T message, CancellationToken cancellationToken);
}
