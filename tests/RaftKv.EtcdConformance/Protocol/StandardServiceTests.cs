using Google.Protobuf;
using Google.Protobuf.Reflection;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Grpc.Health;
using RaftKv.Protocol.Grpc.Reflection;

namespace RaftKv.EtcdConformance.Protocol;

/// <summary>What gRPC itself has for every server: health and reflection.</summary>
public sealed class StandardServiceTests(RaftKvServer server) : IClassFixture<RaftKvServer>
{
    private const string Check = "/grpc.health.v1.Health/Check";

    [Theory]
    [InlineData("")]
    [InlineData("etcdserverpb.KV")]
    [InlineData("v3lockpb.Lock")]
    [InlineData("grpc.health.v1.Health")]
    public async Task A_service_that_is_there_is_serving(string service)
    {
        GrpcAnswer answer = await server.Grpc.CallAsync<HealthCheckResponse>(Check, new HealthCheckRequest { Service = service });

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, ((HealthCheckResponse)answer.Message!).Status);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_not_found_and_unknown_to_a_watch()
    {
        var nobody = new HealthCheckRequest { Service = "nobody.Here" };
        GrpcAnswer answer = await server.Grpc.CallAsync<HealthCheckResponse>(Check, nobody);
        Assert.Equal((5, "unknown service"), (answer.Code, answer.Detail));

        using GrpcStream<HealthCheckRequest, HealthCheckResponse> watch =
            await server.Grpc.OpenAsync<HealthCheckRequest, HealthCheckResponse>("/grpc.health.v1.Health/Watch", nobody);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.ServiceUnknown, (await watch.ReadAsync())!.Status);
    }

    [Theory]
    [InlineData("grpc.reflection.v1.ServerReflection")]
    [InlineData("grpc.reflection.v1alpha.ServerReflection")]
    public async Task Every_service_is_listed_and_described_down_to_its_last_message(string reflection)
    {
        using GrpcStream<ServerReflectionRequest, ServerReflectionResponse> call =
            await server.Grpc.OpenAsync<ServerReflectionRequest, ServerReflectionResponse>(
                $"/{reflection}/ServerReflectionInfo", new ServerReflectionRequest { ListServices = "*" });
        string[] services = [.. (await call.ReadAsync())!.ListServicesResponse.Service.Select(service => service.Name)];
        Assert.Equal(services.Order(StringComparer.Ordinal), services);
        Assert.Superset(
            new HashSet<string>(
            [
                "etcdserverpb.KV", "etcdserverpb.Watch", "etcdserverpb.Lease", "etcdserverpb.Cluster", "etcdserverpb.Maintenance",
                "etcdserverpb.Auth", "v3lockpb.Lock", "v3electionpb.Election", "grpc.health.v1.Health", reflection,
            ]),
            new HashSet<string>(services));
        foreach (string service in services)
        {
            await call.SendAsync(new ServerReflectionRequest { FileContainingSymbol = service });
            IReadOnlyList<FileDescriptor> files = Build((await call.ReadAsync())!.FileDescriptorResponse.FileDescriptorProto);
            ServiceDescriptor described = files.SelectMany(file => file.Services).Single(found => found.FullName == service);
            Assert.NotEmpty(described.Methods);
            await AssertUnaryMethodsAreServedAsync(described);
        }
    }

    [Fact]
    public async Task Files_fields_and_what_is_not_there_are_answered_one_by_one()
    {
        using GrpcStream<ServerReflectionRequest, ServerReflectionResponse> call =
            await server.Grpc.OpenAsync<ServerReflectionRequest, ServerReflectionResponse>(
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                new ServerReflectionRequest { FileByFilename = "etcd/kv.proto", Host = "h" });
        ServerReflectionResponse byName = (await call.ReadAsync())!;
        Assert.Equal(("h", "etcd/kv.proto"), (byName.ValidHost, byName.OriginalRequest.FileByFilename));
        Assert.Single(byName.FileDescriptorResponse.FileDescriptorProto);
        foreach (string symbol in (string[])
            ["mvccpb.KeyValue", "mvccpb.KeyValue.lease", "etcdserverpb.KV.Txn", "etcdserverpb.RangeRequest.SortOrder"])
        {
            await call.SendAsync(new ServerReflectionRequest { FileContainingSymbol = symbol });
            Assert.NotNull((await call.ReadAsync())!.FileDescriptorResponse);
        }

        foreach (ServerReflectionRequest unknown in (ServerReflectionRequest[])
            [
                new() { FileContainingSymbol = "no.Body" }, new() { FileByFilename = "no.proto" },
                new() { AllExtensionNumbersOfType = "no.Body" },
            ])
        {
            await call.SendAsync(unknown);
            Assert.Equal(5, (await call.ReadAsync())!.ErrorResponse.ErrorCode);
        }

        call.Complete();
        Assert.Null(await call.ReadAsync());
        Assert.Equal((0, ""), call.Status);
    }

    // A method of another name would be UNIMPLEMENTED.
    private async Task AssertUnaryMethodsAreServedAsync(ServiceDescriptor service)
    {
        foreach (MethodDescriptor method in service.Methods.Where(
            method => method is { IsClientStreaming: false, IsServerStreaming: false }))
        {
            if (method.Name is "Lock" or "Campaign")
            {
                continue;
            }

            using HttpResponseMessage answer = await server.Grpc.SendRawAsync($"/{service.FullName}/{method.Name}", new byte[5]);
            await answer.Content.ReadAsByteArrayAsync();
            Assert.NotEqual(12, GrpcClient.StatusOf(answer).Code);
        }
    }

    // Fails when a file that another one needs is missing. The first is what was asked for, what it needs comes later.
    private static IReadOnlyList<FileDescriptor> Build(IEnumerable<ByteString> files)
    {
        Dictionary<string, FileDescriptorProto> byName = files.Select(FileDescriptorProto.Parser.ParseFrom).ToDictionary(file => file.Name);
        List<string> order = [];
        foreach (string name in byName.Keys)
        {
            Visit(name);
        }

        return FileDescriptor.BuildFromByteStrings(order.Select(name => byName[name].ToByteString()));

        void Visit(string name)
        {
            foreach (string needed in byName[name].Dependency)
            {
                Visit(needed);
            }

            if (!order.Contains(name))
            {
                order.Add(name);
            }
        }
    }
}
