using System.IO.Pipelines;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// A sink that also takes messages as bytes, each behind its prefix, any number before they are sent. Used by one flow at a time.
/// </summary>
internal interface IFrameSink
{
    /// <summary>Where the bytes go.</summary>
    PipeWriter Body { get; }

    /// <summary>Sends what was put into the body; ends when the connection has taken it.</summary>
    /// <param name="bytes">Of the messages, without their prefixes.</param>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    ValueTask SendAsync(long bytes, CancellationToken cancellationToken);
}
