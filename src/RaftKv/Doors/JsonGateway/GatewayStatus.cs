using RaftKv.Doors.Grpc;

namespace RaftKv.Doors.JsonGateway;

/// <summary>HTTP's word for how a call ended.</summary>
internal static class GatewayStatus
{
    /// <summary>What etcd answers to a message over its limit.</summary>
    public static GrpcException RequestTooLarge() => new(GrpcCode.InvalidArgument, "etcdserver: request is too large");

    /// <summary>The HTTP status that etcd 3.4's gateway gives a code.</summary>
    public static int Of(GrpcCode code) => code switch
    {
        GrpcCode.Ok => 200,
        GrpcCode.Cancelled => 408,
        GrpcCode.InvalidArgument or GrpcCode.OutOfRange => 400,
        GrpcCode.DeadlineExceeded => 504,
        GrpcCode.NotFound => 404,
        GrpcCode.AlreadyExists or GrpcCode.Aborted => 409,
        GrpcCode.PermissionDenied => 403,
        GrpcCode.Unauthenticated => 401,
        GrpcCode.ResourceExhausted => 429,
        GrpcCode.FailedPrecondition => 412,
        GrpcCode.Unimplemented => 501,
        GrpcCode.Unavailable => 503,
        _ => 500,
    };
}
