namespace RaftKv.Bench.Grpc;

/// <summary>What came of a call of etcd's API: gRPC's status, and the message when it is 0.</summary>
internal readonly record struct EtcdAnswer<TAnswer>(int Code, string Detail, TAnswer? Message)
    where TAnswer : class
{
    /// <summary>The node is gone, has no leader or did not answer in time: another one is asked.</summary>
    internal bool IsElsewhere => Code is EtcdEndpoint.DeadlineExceeded or EtcdEndpoint.Unavailable;
}
