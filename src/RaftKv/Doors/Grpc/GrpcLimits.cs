namespace RaftKv.Doors.Grpc;

/// <summary>Bounds of the gRPC door; those of etcd with its defaults.</summary>
internal static class GrpcLimits
{
    /// <summary>Largest message that is taken: a largest request of etcd's (1.5 MiB) and its overhead (512 KiB).</summary>
    public const int MaxReceivedMessageBytes = 2_097_152;
}
