using Microsoft.AspNetCore.Http;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Protocol.Etcd;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.Etcd;

/// <summary>Calls that require a leader, and how long a stream of theirs goes without one.</summary>
public sealed class LeaderRuleTests : IDisposable
{
    private static readonly RpcMethod _stream = new StreamMethod<WatchRequest, WatchResponse>(
        "s", "Watch", static (_, _, _) => Task.CompletedTask);

    private static readonly RpcMethod _unary = new UnaryMethod<PutRequest, PutResponse>(
        "s", "Put", static (_, _) => ValueTask.FromResult(new PutResponse()));

    private readonly SingleNodeFake _node = new();
    private readonly LeaderRule _rule;

    public LeaderRuleTests() => _rule = new LeaderRule(_node, TimeSpan.FromHours(1), TimeProvider.System);

    public void Dispose() => _rule.Dispose();

    [Fact]
    public async Task A_stream_ends_at_the_third_look_in_a_row_without_a_leader()
    {
        RpcContext stream = Begin(_stream, "true");
        Look(knowsLeader: false, times: 2);
        Look(knowsLeader: true, times: 1);
        Look(knowsLeader: false, times: 2);
        Assert.Null(stream.EndReason);

        Look(knowsLeader: false, times: 1);

        await AssertEndedAsync(stream);
    }

    [Fact]
    public void A_stream_that_ended_by_itself_or_asked_for_nothing_is_left_alone()
    {
        RpcContext gone = Begin(_stream, "true");
        _rule.End(gone, _stream);
        gone.End();
        RpcContext other = Begin(_stream, "false");

        Look(knowsLeader: false, times: 5);

        Assert.Null(gone.EndReason);
        Assert.Null(other.EndReason);
    }

    [Fact]
    public void Without_a_leader_a_call_does_not_begin_unless_it_does_not_ask_for_one()
    {
        _node.KnowsLeader = false;

        AssertRefused(_unary);
        Begin(_unary, asked: null);
    }

    [Fact]
    public async Task However_long_there_was_no_leader_a_stream_begins_and_has_three_looks_of_its_own()
    {
        RpcContext older = Begin(_stream, "true");
        Look(knowsLeader: false, times: 2);
        RpcContext younger = Begin(_stream, "true");
        Look(knowsLeader: false, times: 1);
        await AssertEndedAsync(older);
        Look(knowsLeader: false, times: 1);
        Assert.Null(younger.EndReason);

        Look(knowsLeader: false, times: 1);
        await AssertEndedAsync(younger);
        Assert.Null(Begin(_stream, "true").EndReason);
    }

    [Fact]
    public void A_stream_that_begins_with_the_first_leader_does_not_pay_for_the_time_before_it()
    {
        Look(knowsLeader: false, times: 50);
        _node.KnowsLeader = true;
        RpcContext stream = Begin(_stream, "true");
        _node.KnowsLeader = false;
        Look(knowsLeader: false, times: 2);
        Look(knowsLeader: true, times: 1);

        Assert.Null(stream.EndReason);
    }

    private void AssertRefused(RpcMethod method)
    {
        GrpcException refusal = Assert.Throws<GrpcException>(() => Begin(method, "true"));
        Assert.Equal((GrpcCode.Unavailable, "etcdserver: no leader"), (refusal.Code, refusal.Detail));
    }

    private static async Task AssertEndedAsync(RpcContext stream)
    {
        Assert.Equal("etcdserver: no leader", stream.EndReason!.Detail);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromMinutes(1), stream.Cancelled));
    }

    private RpcContext Begin(RpcMethod method, string? asked)
    {
        var http = new DefaultHttpContext();
        if (asked is not null)
        {
            http.Request.Headers["hasleader"] = asked;
        }

        var context = new RpcContext(http, TimeProvider.System, asked: null);
        context.AllowEarlyEnd();
        _rule.Begin(context, method);
        return context;
    }

    private void Look(bool knowsLeader, int times)
    {
        _node.KnowsLeader = knowsLeader;
        for (int i = 0; i < times; i++)
        {
            _rule.Look();
        }
    }
}
