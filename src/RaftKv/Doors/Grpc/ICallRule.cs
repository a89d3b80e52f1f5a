namespace RaftKv.Doors.Grpc;

/// <summary>What every call is held to besides its method. Any thread.</summary>
internal interface ICallRule
{
    /// <summary>
    /// A call begins; whoever lets it begin hears of its end. A stream can be ended early from here on.
    /// </summary>
    /// <exception cref="GrpcException">It may not.</exception>
    void Begin(RpcContext context, RpcMethod method);

    /// <summary>A call that began has ended.</summary>
    void End(RpcContext context, RpcMethod method);
}
