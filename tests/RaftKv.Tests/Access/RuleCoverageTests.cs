using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Doors.Etcd;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.Grpc.Standard;
using RaftKv.Doors.Health;
using RaftKv.Doors.OpenApi.Operations;
using RaftKv.Doors.Rest;
using RaftKv.Service.Access;
using RaftKv.Tests.Service;

namespace RaftKv.Tests.Access;

/// <summary>No call is without a rule: the routes, the API document and the methods of gRPC are walked.</summary>
public sealed class RuleCoverageTests
{
    [Fact]
    public void Every_route_and_every_operation_of_the_document_has_a_rule()
    {
        IEnumerable<(string Method, string Path)> served = RestRoutes.All.Concat(HealthRoutes.All)
            .SelectMany(static route => route.AllowedMethods.Split(", ").Select(method => (method, route.Template)));
        IEnumerable<(string Method, string Path)> described = ApiOperations.All.Select(static call => (call.Method, call.Path));
        string[] without =
        [
            .. served.Concat(described).Distinct().Where(static call => RestRules.Find(call.Method, call.Path) is null)
                .Select(static call => $"{call.Method} {call.Path}"),
        ];
        Assert.Empty(without);
    }

    [Fact]
    public void Every_method_of_etcds_services_and_of_grpcs_own_has_a_rule()
    {
        using var service = new FakeService();
        using var etcd = new EtcdApi(service.Service, NullLogger.Instance);
        RpcMethod[] methods =
        [
            .. etcd.Methods, .. new HealthService(service.Node, [], TimeProvider.System).Methods, .. new ReflectionService([]).Methods,
        ];
        Assert.True(methods.Length > 45);
        Assert.All(methods, static method => Assert.NotNull(EtcdRules.Find(method.Path)));
    }

    [Fact]
    public void What_nobody_has_made_a_rule_for_is_roots()
    {
        Assert.Equal(CallNeed.Root, RestRules.Of("GET", "/api/v1/new-thing").Need);
        Assert.Equal(CallNeed.Root, EtcdRules.Of("/etcdserverpb.New/Thing").Need);
    }
}
