namespace RaftKv.Doors.Grpc;

/// <summary>Finds out who makes a call, and lets it in or not, before anything of it runs; for both doors. Any thread.</summary>
internal interface ICallAdmission
{
    /// <summary>Lets a call in.</summary>
    /// <exception cref="GrpcException">It may not.</exception>
    ValueTask AdmitAsync(RpcContext context, RpcMethod method);
}
