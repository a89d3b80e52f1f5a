using System.Net.Http.Json;
using System.Text.Json;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Protocol;

/// <summary>REST's fences, guards and idempotency keys as metadata of gRPC calls, with the same meaning.</summary>
public sealed class TermsTests(RaftKvServer server) : IClassFixture<RaftKvServer>
{
    private const string Put = "/etcdserverpb.KV/Put";

    [Fact]
    public async Task A_write_under_a_fence_is_applied_only_while_its_holder_holds()
    {
        long token = await AcquireAsync("fence-lock");
        Assert.Equal(0, (await PutAsync("fenced", "1", ("raftkv-fence", $"fence-lock;token={token}"))).Code);

        await ReleaseAsync("fence-lock", token);
        GrpcAnswer lost = await PutAsync("fenced", "2", ("raftkv-fence", $"fence-lock;token={token}"));
        Assert.Equal(9, lost.Code);
        Assert.StartsWith("raftkv: fence-lost: ", lost.Detail);
        Assert.Equal("1", await ValueOfAsync("fenced"));
    }

    [Fact]
    public async Task A_guarded_prefix_takes_only_writes_under_its_fence()
    {
        using var http = new HttpClient { BaseAddress = server.Client };
        (await http.PutAsJsonAsync("/api/v1/guards/guarded%2F", new { @lock = "guard-lock" })).EnsureSuccessStatusCode();
        GrpcAnswer bare = await PutAsync("guarded/a", "1");
        Assert.Equal(9, bare.Code);

        long token = await AcquireAsync("guard-lock");
        Assert.Equal(0, (await PutAsync("guarded/a", "1", ("raftkv-fence", $"guard-lock;token={token}"))).Code);
    }

    [Theory]
    [InlineData("raftkv-idempotency-key")]
    [InlineData("idempotency-key")]
    public async Task A_repeat_gets_the_first_answer_and_another_request_is_refused(string name)
    {
        string key = "once-" + name;
        byte[] put = GrpcClient.Frame(NewPut(key, "1"));
        (long first, bool isReplay) = await RevisionOfAsync(put, (name, key));
        Assert.False(isReplay);
        (long second, isReplay) = await RevisionOfAsync(put, (name, key));
        Assert.True(isReplay);
        Assert.Equal(first, second);

        GrpcAnswer other = await PutAsync(key, "2", (name, key));
        Assert.Equal(9, other.Code);
        Assert.StartsWith("raftkv: idempotency-key-reused: ", other.Detail);
        Assert.Equal("1", await ValueOfAsync(key));
    }

    [Fact]
    public async Task A_repeat_under_a_number_of_a_client_session_gets_the_first_answer_until_it_is_acknowledged()
    {
        using var http = new HttpClient { BaseAddress = server.Client };
        HttpResponseMessage opened = await http.PostAsync("/api/v1/client-sessions", null);
        string session = (await opened.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        byte[] put = GrpcClient.Frame(NewPut("in-session", "1"));
        (long first, bool isReplay) = await RevisionOfAsync(put, ("raftkv-client-session", session + ";seq=1"));
        Assert.False(isReplay);
        (long second, isReplay) = await RevisionOfAsync(put, ("raftkv-client-session", session + ";seq=1"));
        Assert.True(isReplay);
        Assert.Equal(first, second);

        Assert.Equal(0, (await PutAsync("in-session", "2", ("raftkv-client-session", session + ";seq=2;ack=1"))).Code);
        GrpcAnswer late = await PutAsync("in-session", "1", ("raftkv-client-session", session + ";seq=1"));
        Assert.Equal(9, late.Code);
        Assert.StartsWith("raftkv: idempotency-expired: ", late.Detail);
        GrpcAnswer stranger = await PutAsync("in-session", "3", ("raftkv-client-session", "0000000000000007;seq=1"));
        Assert.StartsWith("raftkv: client-session-unknown: ", stranger.Detail);
        Assert.Equal("2", await ValueOfAsync("in-session"));
    }

    [Fact]
    public async Task A_txn_and_a_lease_without_an_id_run_once_too()
    {
        var txn = new TxnRequest { Success = { new RequestOp { RequestPut = NewPut("txn-once", "1") } } };
        long[] revisions = [await TxnAsync(txn), await TxnAsync(txn)];
        Assert.Equal(revisions[0], revisions[1]);

        long[] leases = [await GrantAsync(), await GrantAsync()];
        Assert.Equal(leases[0], leases[1]);
    }

    [Fact]
    public async Task A_fence_on_a_read_and_one_of_no_form_are_refused()
    {
        GrpcAnswer read = await server.Grpc.CallAsync<RangeResponse>(
            "/etcdserverpb.KV/Range", new RangeRequest { Key = ByteString.CopyFromUtf8("a") }, metadata: ("raftkv-fence", "l;token=1"));
        Assert.Equal(3, read.Code);
        Assert.Equal(3, (await PutAsync("a", "1", ("raftkv-fence", "l"))).Code);
        Assert.Equal(3, (await PutAsync("a", "1", ("raftkv-idempotency-key", "with a space"))).Code);
    }

    private async Task<long> TxnAsync(TxnRequest txn)
    {
        GrpcAnswer answer = await server.Grpc.CallAsync<TxnResponse>(
            "/etcdserverpb.KV/Txn", txn, metadata: ("raftkv-idempotency-key", "txn"));
        return ((TxnResponse)answer.Message!).Header.Revision;
    }

    private async Task<long> GrantAsync()
    {
        GrpcAnswer answer = await server.Grpc.CallAsync<LeaseGrantResponse>(
            "/etcdserverpb.Lease/LeaseGrant", new LeaseGrantRequest { TTL = 60 }, metadata: ("raftkv-idempotency-key", "lease"));
        return ((LeaseGrantResponse)answer.Message!).ID;
    }

    private static PutRequest NewPut(string key, string value) =>
        new() { Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFromUtf8(value) };

    private Task<GrpcAnswer> PutAsync(string key, string value, params (string Name, string Value)[] metadata) =>
        server.Grpc.CallAsync<PutResponse>(Put, NewPut(key, value), timeout: null, metadata);

    private async Task<(long Revision, bool IsReplay)> RevisionOfAsync(byte[] put, (string Name, string Value) metadata)
    {
        using HttpResponseMessage answer = await server.Grpc.SendRawAsync(Put, put, metadata);
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal((0, ""), GrpcClient.StatusOf(answer));
        bool isReplay = answer.Headers.TryGetValues("raftkv-replayed", out IEnumerable<string>? told) && told.Single() == "true";
        return (PutResponse.Parser.ParseFrom(body[5..]).Header.Revision, isReplay);
    }

    private async Task<string> ValueOfAsync(string key)
    {
        GrpcAnswer read = await server.Grpc.CallAsync<RangeResponse>(
            "/etcdserverpb.KV/Range", new RangeRequest { Key = ByteString.CopyFromUtf8(key) });
        return ((RangeResponse)read.Message!).Kvs.Single().Value.ToStringUtf8();
    }

    private async Task<long> AcquireAsync(string name)
    {
        using var http = new HttpClient { BaseAddress = server.Client };
        using HttpResponseMessage answer = await http.PostAsJsonAsync($"/api/v1/locks/{name}", new { ttl = "60s" });
        answer.EnsureSuccessStatusCode();
        JsonElement body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("fencingToken").GetInt64();
    }

    private async Task ReleaseAsync(string name, long token)
    {
        using var http = new HttpClient { BaseAddress = server.Client };
        (await http.DeleteAsync($"/api/v1/locks/{name}?token={token}")).EnsureSuccessStatusCode();
    }
}
