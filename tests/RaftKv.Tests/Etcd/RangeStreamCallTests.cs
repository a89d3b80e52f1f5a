using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Tests.Api;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>KV.RangeStream: one revision in chunks, at the reader's pace.</summary>
public sealed class RangeStreamCallTests : IAsyncLifetime
{
    private const int ValueBytes = 100_000;
    private static readonly ByteString Key = ByteString.CopyFromUtf8("k");
    private static readonly ByteString End = ByteString.CopyFromUtf8("l");

    private ApiHost _host = null!;

    public async Task InitializeAsync() =>
        _host = await ApiHost.StartAsync(new SingleNodeFake(), options: null, HttpProtocols.Http2);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_large_range_comes_in_chunks_and_the_last_has_the_rest()
    {
        await FillAsync(20);

        (List<Proto.RangeResponse> chunks, int code) = await CallAsync(new Proto.RangeRequest { Key = Key, RangeEnd = End });

        Assert.Equal(0, code);
        Assert.True(chunks.Count > 5, $"{chunks.Count} chunks");
        Assert.All(chunks, chunk => Assert.True(chunk.CalculateSize() < RangeStreamCall.ChunkBytes + (2 * ValueBytes)));
        Assert.All(chunks[..^1], static chunk => Assert.Equal((null, 0L, false), (chunk.Header, chunk.Count, chunk.More)));
        Assert.Equal((21L, 20L, false), (chunks[^1].Header.Revision, chunks[^1].Count, chunks[^1].More));
        Assert.Equal(
            Enumerable.Range(0, 20).Select(static i => $"k{i:d3}"),
            chunks.SelectMany(static chunk => chunk.Kvs).Select(static pair => pair.Key.ToStringUtf8()));
    }

    [Fact]
    public async Task A_limit_a_count_and_a_single_key_are_answered_as_by_Range()
    {
        await FillAsync(7);

        (List<Proto.RangeResponse> limited, _) = await CallAsync(new Proto.RangeRequest { Key = Key, RangeEnd = End, Limit = 5 });
        Assert.Equal((5, true, 7L), (limited.Sum(static chunk => chunk.Kvs.Count), limited[^1].More, limited[^1].Count));

        (List<Proto.RangeResponse> counted, _) = await CallAsync(new Proto.RangeRequest { Key = Key, RangeEnd = End, CountOnly = true });
        Assert.Equal((0, 7L), (Assert.Single(counted).Kvs.Count, counted[0].Count));

        (List<Proto.RangeResponse> single, _) = await CallAsync(new Proto.RangeRequest { Key = ByteString.CopyFromUtf8("k003") });
        Assert.Equal((1L, 8L), (Assert.Single(single).Count, single[0].Header.Revision));
    }

    [Theory]
    [InlineData(Proto.RangeRequest.Types.SortOrder.Descend, Proto.RangeRequest.Types.SortTarget.Key, 12)]
    [InlineData(Proto.RangeRequest.Types.SortOrder.Ascend, Proto.RangeRequest.Types.SortTarget.Mod, 12)]
    [InlineData(Proto.RangeRequest.Types.SortOrder.Ascend, Proto.RangeRequest.Types.SortTarget.Key, 0)]
    public async Task An_order_that_chunks_cannot_have_is_left_to_Range(
        Proto.RangeRequest.Types.SortOrder order, Proto.RangeRequest.Types.SortTarget target, int code)
    {
        var request = new Proto.RangeRequest { Key = Key, RangeEnd = End, SortOrder = order, SortTarget = target };

        Assert.Equal(code, (await CallAsync(request)).Code);
    }

    [Theory]
    [InlineData("", 0, 3)]
    [InlineData("k", 99, 11)]
    public async Task What_Range_refuses_is_refused_before_any_chunk(string key, long revision, int code)
    {
        (List<Proto.RangeResponse> chunks, int answered) = await CallAsync(
            new Proto.RangeRequest { Key = ByteString.CopyFromUtf8(key), RangeEnd = End, Revision = revision });

        Assert.Equal((0, code), (chunks.Count, answered));
    }

    [Fact]
    public async Task A_reader_that_waits_holds_the_chunks_up_and_a_compaction_past_them_ends_the_stream()
    {
        await FillAsync(200);
        using HttpResponseMessage answer = await SendAsync(new Proto.RangeRequest { Key = Key, RangeEnd = End });
        Stream body = await answer.Content.ReadAsStreamAsync();
        Proto.RangeResponse? first = await NextAsync(body);
        await _host.ApplyAsync(new MutateCommand(new PutOp("other"u8.ToArray(), "1"u8.ToArray())));
        await _host.ApplyAsync(new CompactCommand(new Revision(202)));

        int pairs = first!.Kvs.Count;
        while (await NextAsync(body) is { } chunk)
        {
            pairs += chunk.Kvs.Count;
        }

        Assert.Equal("11", answer.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.InRange(pairs, 3, 199);
    }

    private async Task FillAsync(int count)
    {
        byte[] value = new byte[ValueBytes];
        for (int i = 0; i < count; i++)
        {
            await _host.ApplyAsync(new MutateCommand(new PutOp(System.Text.Encoding.UTF8.GetBytes($"k{i:d3}"), value)));
        }
    }

    private async Task<(List<Proto.RangeResponse> Chunks, int Code)> CallAsync(Proto.RangeRequest request)
    {
        using HttpResponseMessage answer = await SendAsync(request);
        Stream body = await answer.Content.ReadAsStreamAsync();
        var chunks = new List<Proto.RangeResponse>();
        while (await NextAsync(body) is { } chunk)
        {
            chunks.Add(chunk);
        }

        string status = answer.Headers.Contains("grpc-status")
            ? answer.Headers.GetValues("grpc-status").Single()
            : answer.TrailingHeaders.GetValues("grpc-status").Single();
        return (chunks, int.Parse(status, System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task<HttpResponseMessage> SendAsync(Proto.RangeRequest message)
    {
        byte[] body = message.ToByteArray();
        byte[] frame = new byte[5 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), body.Length);
        body.CopyTo(frame, 5);
        var request = new HttpRequestMessage(HttpMethod.Post, "/etcdserverpb.KV/RangeStream")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { { "Content-Type", "application/grpc" } } },
        };
        request.Headers.Add("TE", "trailers");
        return await _host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<Proto.RangeResponse?> NextAsync(Stream body)
    {
        byte[] prefix = new byte[5];
        if (await body.ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false) == 0)
        {
            return null;
        }

        byte[] message = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1))];
        await body.ReadExactlyAsync(message);
        return Proto.RangeStreamResponse.Parser.ParseFrom(message).RangeResponse;
    }
}
