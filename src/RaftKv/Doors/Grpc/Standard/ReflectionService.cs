using Google.Protobuf;
using Google.Protobuf.Reflection;
using Proto = RaftKv.Protocol.Grpc.Reflection;

namespace RaftKv.Doors.Grpc.Standard;

/// <summary>
/// Server reflection, v1 and v1alpha: which services there are, and the descriptors of what they take. Any thread.
/// </summary>
internal sealed class ReflectionService
{
    private static readonly string[] _services = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

    private readonly Lazy<DescriptorIndex> _index;

    /// <param name="methods">Everything that is served besides this service.</param>
    public ReflectionService(IReadOnlyList<RpcMethod> methods) =>
        _index = new Lazy<DescriptorIndex>(() => new DescriptorIndex([.. methods, .. Methods]));

    /// <summary>The service's methods, under both of its names.</summary>
    public IEnumerable<RpcMethod> Methods => _services.Select(service =>
        new StreamMethod<Proto.ServerReflectionRequest, Proto.ServerReflectionResponse>(service, "ServerReflectionInfo", AnswerAllAsync));

    private async Task AnswerAllAsync(
        RpcContext context, IMessageSource<Proto.ServerReflectionRequest> requests, IMessageSink<Proto.ServerReflectionResponse> answers)
    {
        while (await requests.ReadAsync(context.Cancelled) is { } request)
        {
            Proto.ServerReflectionResponse answer = Answer(request);
            answer.ValidHost = request.Host;
            answer.OriginalRequest = request;
            await answers.WriteAsync(answer, context.Cancelled);
        }
    }

    private Proto.ServerReflectionResponse Answer(Proto.ServerReflectionRequest request)
    {
        switch (request.MessageRequestCase)
        {
            case Proto.ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                var list = new Proto.ListServiceResponse();
                list.Service.Add(_index.Value.Services.Select(static name => new Proto.ServiceResponse { Name = name }));
                return new Proto.ServerReflectionResponse { ListServicesResponse = list };
            case Proto.ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                return Files(_index.Value.FindFile(request.FileByFilename), request.FileByFilename);
            case Proto.ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                return Files(_index.Value.FindSymbol(request.FileContainingSymbol), request.FileContainingSymbol);
            case Proto.ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                // proto3 messages have no extensions.
                return _index.Value.FindSymbol(request.AllExtensionNumbersOfType) is null
                    ? Error(GrpcCode.NotFound, $"unknown type {request.AllExtensionNumbersOfType}")
                    : new Proto.ServerReflectionResponse
                    {
                        AllExtensionNumbersResponse =
                            new Proto.ExtensionNumberResponse { BaseTypeName = request.AllExtensionNumbersOfType },
                    };
            case Proto.ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                return Error(GrpcCode.NotFound, "no message here has extensions");
            default:
                return Error(GrpcCode.InvalidArgument, "invalid MessageRequest");
        }
    }

    private static Proto.ServerReflectionResponse Files(IReadOnlyList<ByteString>? files, string asked)
    {
        if (files is null)
        {
            return Error(GrpcCode.NotFound, $"not found: {asked}");
        }

        var response = new Proto.FileDescriptorResponse();
        response.FileDescriptorProto.Add(files);
        return new Proto.ServerReflectionResponse { FileDescriptorResponse = response };
    }

    private static Proto.ServerReflectionResponse Error(GrpcCode code, string message) => new()
    {
        ErrorResponse = new Proto.ErrorResponse { ErrorCode = (int)code, ErrorMessage = message },
    };
}
