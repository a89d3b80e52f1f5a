using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Tests.Api;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>What is read and written through etcd's API counts as what is read and written through REST.</summary>
public sealed class DoorMetricsTests
{
    private const string Writes = "raftkv_writes_total{concern=\"majority\",outcome=";
    private const string Reads = "raftkv_reads_total{level=";

    [Fact]
    public async Task Writes_and_reads_through_the_gateway_are_counted()
    {
        await using ApiHost host = await ApiHost.StartAsync();

        await OkAsync(host.PostAsync("/v3/kv/put", """{"key":"Zm9v","value":"YmFy"}"""));
        await OkAsync(host.PostAsync("/v3/kv/range", """{"key":"Zm9v"}"""));
        await OkAsync(host.PostAsync("/v3/kv/range", """{"key":"Zm9v","serializable":true}"""));
        HttpResponseMessage refused = await host.PostAsync("/v3/kv/put", """{"key":"Zm9v","value":"YmFy","lease":"77"}""");
        Assert.Equal(404, (int)refused.StatusCode);

        Dictionary<string, double> now = await ReadAsync(host.Client);
        Assert.Equal(1, now[Writes + "\"applied\"}"]);
        Assert.Equal(1, now[Writes + "\"refused\"}"]);
        Assert.Equal(1, now[Reads + "\"linearizable\",outcome=\"served\"}"]);
        Assert.Equal(1, now[Reads + "\"eventual\",outcome=\"served\"}"]);
        Assert.Equal(2, now["raftkv_request_duration_seconds_count{kind=\"write\"}"]);
        Assert.Equal(2, now["raftkv_request_duration_seconds_count{kind=\"read\"}"]);
    }

    [Fact]
    public async Task Writes_and_reads_through_gRPC_are_counted()
    {
        await using ApiHost host = await ApiHost.StartAsync(new SingleNodeFake(), options: null, HttpProtocols.Http2);

        var key = ByteString.CopyFromUtf8("foo");
        await CallAsync(host, "Put", new Proto.PutRequest { Key = key, Value = key });
        await CallAsync(host, "Range", new Proto.RangeRequest { Key = key });
        var read = new Proto.RequestOp { RequestRange = new Proto.RangeRequest { Key = key } };
        await CallAsync(host, "Txn", new Proto.TxnRequest { Success = { read } });
        await CallAsync(host, "DeleteRange", new Proto.DeleteRangeRequest { Key = key });

        using var client = new HttpClient
        {
            BaseAddress = host.Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Dictionary<string, double> now = await ReadAsync(client);
        Assert.Equal(2, now[Writes + "\"applied\"}"]);
        Assert.Equal(2, now[Reads + "\"linearizable\",outcome=\"served\"}"]);
    }

    [Fact]
    public async Task A_transaction_whose_compare_failed_and_which_wrote_nothing_is_refused_and_one_that_wrote_is_not()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        const string Never = """
            {"compare":[{"key":"a","target":"version","op":"=","operand":7}],"then":[{"put":{"key":"a","value":"1"}}]
            """;

        await OkAsync(host.PostAsync("/api/v1/txn", Never + "}"));
        await OkAsync(host.PostAsync("/api/v1/txn", Never + ""","else":[{"get":{"key":"a"}}]}"""));
        await OkAsync(host.PostAsync("/api/v1/txn", Never + ""","else":[{"put":{"key":"b","value":"2"}}]}"""));

        Dictionary<string, double> now = await ReadAsync(host.Client);
        Assert.Equal((2, 1), (now[Writes + "\"refused\"}"], now[Writes + "\"applied\"}"]));
    }

    [Fact]
    public async Task A_write_without_a_leader_counts_as_not_applied_and_a_read_as_unmet()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        host.Node.Mode = FakeMode.Leaderless;

        Assert.Equal(503, (int)(await host.PostAsync("/v3/kv/put", """{"key":"Zm9v","value":"YmFy"}""")).StatusCode);
        Assert.Equal(503, (int)(await host.PostAsync("/v3/kv/range", """{"key":"Zm9v"}""")).StatusCode);

        Dictionary<string, double> now = await ReadAsync(host.Client);
        Assert.Equal(1, now[Writes + "\"not-applied\"}"]);
        Assert.Equal(1, now["etcd_server_proposals_failed_total"]);
        Assert.Equal(1, now[Reads + "\"linearizable\",outcome=\"unmet\"}"]);
    }

    private static async Task OkAsync(Task<HttpResponseMessage> sent)
    {
        HttpResponseMessage answer = await sent;
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task CallAsync(ApiHost host, string method, IMessage message)
    {
        byte[] body = message.ToByteArray();
        byte[] frame = new byte[5 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), body.Length);
        body.CopyTo(frame, 5);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/etcdserverpb.KV/" + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { { "Content-Type", "application/grpc" } } },
        };
        request.Headers.Add("TE", "trailers");
        using HttpResponseMessage answer = await host.Client.SendAsync(request);
        await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    private static async Task<Dictionary<string, double>> ReadAsync(HttpClient client)
    {
        string text = await client.GetStringAsync("/metrics");
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => !line.StartsWith('#'))
            .ToDictionary(
                static line => line[..line.LastIndexOf(' ')],
                static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }
}
