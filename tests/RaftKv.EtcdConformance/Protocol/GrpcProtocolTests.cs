using System.Net;
using System.Text;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Protocol;

/// <summary>gRPC over the clients' port: what is refused and how, and what stands in head and trailers.</summary>
public sealed class GrpcProtocolTests(RaftKvServer server) : IClassFixture<RaftKvServer>
{
    private const string Put = "/etcdserverpb.KV/Put";
    private const string Range = "/etcdserverpb.KV/Range";

    [Fact]
    public async Task One_port_speaks_both_versions_of_HTTP_in_the_clear()
    {
        using var http = new HttpClient { BaseAddress = server.Client };
        foreach (Version version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using HttpResponseMessage answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/version")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            });
            Assert.Equal(version, answer.Version);
            Assert.True(answer.IsSuccessStatusCode);
        }
    }

    [Fact]
    public async Task The_version_is_numbers_and_dots_only()
    {
        using var http = new HttpClient { BaseAddress = server.Client };
        string text = await http.GetStringAsync("/version");
        using var version = System.Text.Json.JsonDocument.Parse(text);
        foreach (string name in (string[])["etcdserver", "etcdcluster"])
        {
            Assert.All(version.RootElement.GetProperty(name).GetString()!.Split('.'), part =>
                Assert.All(part, c => Assert.True(char.IsAsciiDigit(c))));
        }
    }

    [Theory]
    [InlineData("/etcdserverpb.KV/Nothing", "unknown method Nothing for service etcdserverpb.KV")]
    [InlineData("/nobody.Here/Put", "unknown service nobody.Here")]
    public async Task A_method_that_is_not_served_is_unimplemented(string method, string detail)
    {
        GrpcAnswer answer = await server.Grpc.CallAsync<PutResponse>(method, new PutRequest());

        Assert.Equal((12, detail), (answer.Code, answer.Detail));
    }

    [Fact]
    public async Task An_error_stands_in_the_head_when_nothing_else_was_sent()
    {
        using HttpResponseMessage answer = await server.Grpc.SendRawAsync(Put, GrpcClient.Frame(new PutRequest()));

        Assert.Equal("3", answer.Headers.GetValues("grpc-status").Single());
        Assert.Equal("etcdserver: key is not provided", answer.Headers.GetValues("grpc-message").Single());
        Assert.Equal("application/grpc", answer.Content.Headers.ContentType!.MediaType);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_call_compressed_otherwise_is_unimplemented_and_told_what_is_taken()
    {
        using HttpResponseMessage answer = await server.Grpc.SendRawAsync(Put, GrpcClient.Frame(new PutRequest()), (
            "grpc-encoding", "snappy"));

        Assert.Equal(12, GrpcClient.StatusOf(answer).Code);
        Assert.Equal("identity,gzip", answer.Headers.GetValues("grpc-accept-encoding").Single());
    }

    [Theory]
    [InlineData("5s")]
    [InlineData("")]
    [InlineData("123456789S")]
    public async Task A_timeout_of_no_known_form_is_refused_and_an_empty_one_is_none(string timeout)
    {
        using HttpResponseMessage answer = await server.Grpc.SendRawAsync(
            Range, GrpcClient.Frame(new RangeRequest { Key = Text("a") }), ("grpc-timeout", timeout));
        await answer.Content.ReadAsByteArrayAsync();

        Assert.Equal(timeout.Length == 0 ? 0 : 13, GrpcClient.StatusOf(answer).Code);
    }

    [Fact]
    public async Task A_message_over_two_MiB_is_refused_with_both_sizes()
    {
        GrpcAnswer answer = await server.Grpc.CallAsync<PutResponse>(
            Put, new PutRequest { Key = Text("big"), Value = ByteString.CopyFrom(new byte[2_200_000]) });

        Assert.Equal(8, answer.Code);
        Assert.Matches(@"grpc: received message larger than max \(22000\d\d vs\. 2097152\)", answer.Detail);
    }

    [Fact]
    public async Task A_request_over_one_and_a_half_MiB_is_too_large()
    {
        GrpcAnswer answer = await server.Grpc.CallAsync<PutResponse>(
            Put, new PutRequest { Key = Text("big"), Value = ByteString.CopyFrom(new byte[1_600_000]) });

        Assert.Equal((3, "etcdserver: request is too large"), (answer.Code, answer.Detail));
    }

    [Fact]
    public async Task A_wait_that_outlasts_the_deadline_ends_with_it_and_leaves_no_place_in_the_queue()
    {
        var name = Text("deadline");
        await server.Grpc.CallAsync<RaftKv.Protocol.Etcd.Lock.LockResponse>("/v3lockpb.Lock/Lock",
            new RaftKv.Protocol.Etcd.Lock.LockRequest { Name = name });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            GrpcAnswer answer = await server.Grpc.CallAsync<RaftKv.Protocol.Etcd.Lock.LockResponse>(
                "/v3lockpb.Lock/Lock", new RaftKv.Protocol.Etcd.Lock.LockRequest { Name = name }, TimeSpan.FromMilliseconds(300));
            Assert.Equal(4, answer.Code);
        }
        catch (HttpRequestException)
        {
            // The server may reset the stream once its client's time is over.
        }

        long waiting;
        do
        {
            GrpcAnswer queue = await server.Grpc.CallAsync<RangeResponse>(
                Range, new RangeRequest { Key = Text("deadline/"), RangeEnd = Text("deadline0"), CountOnly = true });
            waiting = ((RangeResponse)queue.Message!).Count;
        }
        while (waiting != 1 && !patience.IsCancellationRequested);

        Assert.Equal(1, waiting);
    }

    [Fact]
    public async Task Terms_of_REST_come_as_metadata_and_go_back_as_metadata()
    {
        byte[] put = GrpcClient.Frame(new PutRequest { Key = Text("terms"), Value = Text("1") });
        using HttpResponseMessage written = await server.Grpc.SendRawAsync(Put, put, ("raftkv-write-concern", "all"));
        await written.Content.ReadAsByteArrayAsync();
        Assert.Equal(0, GrpcClient.StatusOf(written).Code);
        string token = written.Headers.GetValues("raftkv-session").Single();

        byte[] range = GrpcClient.Frame(new RangeRequest { Key = Text("terms") });
        using HttpResponseMessage read = await server.Grpc.SendRawAsync(Range, range, ("raftkv-consistency", "session"), (
            "raftkv-session", token));
        await read.Content.ReadAsByteArrayAsync();
        Assert.Equal(0, GrpcClient.StatusOf(read).Code);
        Assert.Equal("session", read.Headers.GetValues("raftkv-consistency").Single());

        using HttpResponseMessage misspelt = await server.Grpc.SendRawAsync(Range, range, ("raftkv-consistency", "linearisable"));
        Assert.Equal(3, GrpcClient.StatusOf(misspelt).Code);
    }

    [Fact]
    public async Task Progress_is_told_after_the_changes_before_it()
    {
        var create = new WatchRequest
        {
            CreateRequest = new WatchCreateRequest { Key = Text("progress/"), RangeEnd = Text("progress0"), StartRevision = 1 },
        };
        using GrpcStream<WatchRequest, WatchResponse> watch = await server.Grpc.OpenAsync<WatchRequest, WatchResponse>(
            "/etcdserverpb.Watch/Watch", create);
        Assert.True((await watch.ReadAsync())!.Created);
        for (int i = 0; i < 50; i++)
        {
            GrpcAnswer put = await server.Grpc.CallAsync<PutResponse>(Put, new PutRequest { Key = Text($"progress/{i % 3}") });
            long revision = ((PutResponse)put.Message!).Header.Revision;
            await watch.SendAsync(new WatchRequest { ProgressRequest = new WatchProgressRequest() });
            bool hasSeen = false;
            WatchResponse answer;
            while ((answer = (await watch.ReadAsync())!).WatchId != -1)
            {
                hasSeen |= answer.Events.Any(change => change.Kv.ModRevision == revision);
            }

            Assert.True(answer.Header.Revision < revision || hasSeen, $"progress {answer.Header.Revision} before the change at {revision}");
            Assert.True(answer.Header.Revision >= revision);
        }
    }

    [Fact]
    public async Task A_second_watch_under_an_id_and_an_empty_range_are_cancelled_at_once()
    {
        var create = new WatchRequest { CreateRequest = new WatchCreateRequest { Key = Text("ids"), WatchId = 5 } };
        using GrpcStream<WatchRequest, WatchResponse> watch = await server.Grpc.OpenAsync<WatchRequest, WatchResponse>(
            "/etcdserverpb.Watch/Watch", create);
        Assert.Equal((5, false), ((await watch.ReadAsync())! is { } first ? (first.WatchId, first.Canceled) : default));
        await watch.SendAsync(create);
        Assert.Equal("mvcc: duplicate watch ID provided on the WatchStream", (await watch.ReadAsync())!.CancelReason);
        await watch.SendAsync(new WatchRequest { CreateRequest = new WatchCreateRequest { Key = Text("b"), RangeEnd = Text("a") } });
        Assert.Equal("mvcc: watcher range is empty", (await watch.ReadAsync())!.CancelReason);
        await watch.SendAsync(new WatchRequest { CancelRequest = new WatchCancelRequest { WatchId = 5 } });
        Assert.True((await watch.ReadAsync()) is { Canceled: true, WatchId: 5, CancelReason: "" });
    }

    private static ByteString Text(string text) => ByteString.CopyFrom(Encoding.UTF8.GetBytes(text));
}
