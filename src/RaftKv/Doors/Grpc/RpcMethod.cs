using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// One method of a service, as both doors see it: gRPC sends and takes bytes, the JSON gateway sends and takes JSON of
/// the same messages.
/// </summary>
internal abstract class RpcMethod
{
    private protected RpcMethod(string service, string name, MessageDescriptor request)
    {
        Service = service;
        Name = name;
        Path = $"/{service}/{name}";
        Request = request;
    }

    /// <summary>Full name of the service.</summary>
    public string Service { get; }

    /// <summary>Name of the method.</summary>
    public string Name { get; }

    /// <summary>The path on the wire.</summary>
    public string Path { get; }

    /// <summary>Form of the request.</summary>
    public MessageDescriptor Request { get; }

    /// <summary>Form of the answer.</summary>
    public abstract MessageDescriptor Answer { get; }

    /// <summary>True when more than one request may come.</summary>
    public virtual bool HasRequestStream => false;

    /// <summary>True when more than one answer may come.</summary>
    public abstract bool IsStream { get; }

    /// <summary>Reads the call's messages, runs it and writes its answers; the status is the caller's business.</summary>
    public abstract ValueTask RunAsync(HttpContext http, RpcContext context);
}

/// <summary>One request, one answer.</summary>
internal delegate ValueTask<TAnswer> UnaryHandler<in TRequest, TAnswer>(RpcContext context, TRequest request);

/// <summary>Requests and answers as they come.</summary>
internal delegate Task StreamHandler<TRequest, TAnswer>(
    RpcContext context, IMessageSource<TRequest> requests, IMessageSink<TAnswer> answers)
    where TRequest : class
    where TAnswer : class;
