using System.Reflection;
using Microsoft.AspNetCore.Http;
using RaftKv.Doors.Grpc;
using RaftKv.Protocol.Etcd;
using RaftKv.Service.Access;

namespace RaftKv.Tests.Etcd;

/// <summary>Contexts that serve one call after the other, and nobody else.</summary>
public sealed class StreamContextsTests
{
    private readonly Dictionary<object, object?> _stream = [];
    private readonly DefaultHttpContext _http = new();

    [Fact]
    public void Calls_of_one_stream_share_a_context_one_after_the_other()
    {
        RpcContext first = Take();
        first.End();

        Assert.Same(first, Take());
    }

    [Fact]
    public void A_context_that_is_under_way_is_left_to_its_call()
    {
        RpcContext broken = Take();

        RpcContext next = Take();

        Assert.NotSame(broken, next);
        Assert.True(broken.IsUnderWay);
    }

    [Fact]
    public void Other_streams_have_other_contexts()
    {
        RpcContext first = Take();
        first.End();

        Assert.NotSame(first, StreamContexts.Take(new Dictionary<object, object?>(), _http, TimeProvider.System, asked: null));
    }

    [Fact]
    public void Nothing_of_a_call_is_left_for_the_next_one()
    {
        RpcContext used = Take(TimeSpan.FromSeconds(5));
        used.AllowEarlyEnd();
        _ = used.Cancelled;
        used.EndEarly(new GrpcException(GrpcCode.Unavailable, "over"));
        used.Place = new MemoryStream();
        used.Caller = Caller.Anonymous;
        used.Rule = CallRule.Nothing;
        used.Request = new PutRequest();
        used.IsGzip = true;
        Assert.Equal("over", used.EndReason!.Detail);
        used.End();

        RpcContext next = Take();

        Assert.Same(used, next);
        Assert.Equal(PartsOf(new RpcContext(_http, TimeProvider.System, asked: null)), PartsOf(next));
    }

    [Fact]
    public void Whoever_holds_on_to_the_context_of_an_ended_call_is_refused()
    {
        RpcContext held = Take();
        held.End();

        Assert.Throws<ObjectDisposedException>(() => held.Http);
        Assert.Throws<ObjectDisposedException>(() => held.Metadata("token"));
        Assert.Throws<ObjectDisposedException>(() => held.Cancelled);
        Assert.Throws<ObjectDisposedException>(() => held.Place = new MemoryStream());
        held.EndEarly(new GrpcException(GrpcCode.Unavailable, "too late"));
        Assert.Null(held.EndReason);
    }

    [Fact]
    public void These_tests_run_with_contexts_that_are_never_used_again()
    {
        Assert.True(AppContext.TryGetSwitch(StreamContexts.PoisonSwitch, out bool isOn) && isOn);
    }

    private RpcContext Take(TimeSpan? asked = null) => StreamContexts.Take(_stream, _http, TimeProvider.System, asked);

    // Each field of the one struct that a context is made of, whatever is added to it later.
    private static List<(string Name, object? Value)> PartsOf(RpcContext context)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        FieldInfo only = Assert.Single(typeof(RpcContext).GetFields(Own));
        object call = only.GetValue(context)!;
        return [.. call.GetType().GetFields(Own).Select(field => (field.Name, field.GetValue(call)))];
    }
}
