using Google.Protobuf;
using Grpc.Core;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Migration.Etcd;

/// <summary>The methods of etcd's API that an import calls. The services have no generated stubs, here as in the server.</summary>
internal static class EtcdMethods
{
    public static Method<RangeRequest, RangeResponse> Range { get; } = Unary<RangeRequest, RangeResponse>("KV", "Range");

    public static Method<TxnRequest, TxnResponse> Txn { get; } = Unary<TxnRequest, TxnResponse>("KV", "Txn");

    public static Method<LeaseGrantRequest, LeaseGrantResponse> Grant { get; } =
        Unary<LeaseGrantRequest, LeaseGrantResponse>("Lease", "LeaseGrant");

    public static Method<LeaseRevokeRequest, LeaseRevokeResponse> Revoke { get; } =
        Unary<LeaseRevokeRequest, LeaseRevokeResponse>("Lease", "LeaseRevoke");

    public static Method<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse> TimeToLive { get; } =
        Unary<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse>("Lease", "LeaseTimeToLive");

    public static Method<AuthenticateRequest, AuthenticateResponse> Authenticate { get; } =
        Unary<AuthenticateRequest, AuthenticateResponse>("Auth", "Authenticate");

    public static Method<LeaseKeepAliveRequest, LeaseKeepAliveResponse> KeepAlive { get; } =
        Streams<LeaseKeepAliveRequest, LeaseKeepAliveResponse>("Lease", "LeaseKeepAlive");

    public static Method<WatchRequest, WatchResponse> Watch { get; } = Streams<WatchRequest, WatchResponse>("Watch", "Watch");

    private static Method<TRequest, TAnswer> Unary<TRequest, TAnswer>(string service, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TAnswer : class, IMessage<TAnswer>, new() => Of<TRequest, TAnswer>(MethodType.Unary, service, name);

    private static Method<TRequest, TAnswer> Streams<TRequest, TAnswer>(string service, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TAnswer : class, IMessage<TAnswer>, new() => Of<TRequest, TAnswer>(MethodType.DuplexStreaming, service, name);

    private static Method<TRequest, TAnswer> Of<TRequest, TAnswer>(MethodType type, string service, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TAnswer : class, IMessage<TAnswer>, new() =>
        new(type, "etcdserverpb." + service, name, Marshaller<TRequest>(), Marshaller<TAnswer>());

    private static Marshaller<T> Marshaller<T>()
        where T : class, IMessage<T>, new()
    {
        var parser = new MessageParser<T>(static () => new T());
        return Marshallers.Create(static message => message.ToByteArray(), bytes => parser.ParseFrom(bytes));
    }
}
