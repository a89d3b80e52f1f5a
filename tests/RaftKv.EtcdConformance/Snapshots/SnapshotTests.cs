using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Snapshots;

/// <summary>The way back: a snapshot of RaftKv becomes an etcd with the same keys, revisions, history and leases.</summary>
public sealed class SnapshotTests
{
    private const string Range = "/etcdserverpb.KV/Range";
    private static readonly ByteString Everything = ByteString.CopyFrom(0);

    [EtcdTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Etcd_restores_a_snapshot_and_serves_the_same(bool isCompacted)
    {
        await using ServerUnderTest raftkv = await ServerUnderTest.StartRaftKvAsync();
        using var source = new GrpcClient(raftkv.Client);
        string directory = Directory.CreateTempSubdirectory("raftkv-snapshot-").FullName;
        try
        {
            await FillAsync(source);
            long compacted = isCompacted ? await CompactAsync(source) : 1;
            RangeResponse expected = await ReadAsync(source, revision: 0);

            string file = Path.Combine(directory, "s.db");
            string data = Path.Combine(directory, "data");
            await RunAsync($"--endpoints={raftkv.Client.Authority}", "snapshot", "save", file);
            using var status = JsonDocument.Parse(await RunAsync("snapshot", "status", file, "-w", "json"));
            Assert.Equal(expected.Header.Revision, status.RootElement.GetProperty("revision").GetInt64());
            await RunAsync("snapshot", "restore", file, "--data-dir", data);
            await using ServerUnderTest etcd = await ServerUnderTest.StartEtcdAsync(data);
            using var restored = new GrpcClient(etcd.Client);

            Assert.Equal(expected.Kvs, (await ReadAsync(restored, revision: 0)).Kvs);
            Assert.Equal(expected.Header.Revision, (await ReadAsync(restored, revision: 0)).Header.Revision);
            for (long revision = compacted; revision <= expected.Header.Revision; revision += 7)
            {
                Assert.Equal((await ReadAsync(source, revision)).Kvs, (await ReadAsync(restored, revision)).Kvs);
            }

            Assert.Equal(await EventsAsync(source, compacted + 1, expected), await EventsAsync(restored, compacted + 1, expected));
            GrpcAnswer before = await restored.CallAsync<RangeResponse>(Range, NewRange(compacted - 1));
            Assert.Equal(isCompacted ? 11 : 0, before.Code);
            await AssertSameLeaseAsync(source, restored);
            await AssertItGoesOnAsync(restored, expected.Header.Revision);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [EtcdFact]
    public async Task An_empty_store_has_a_snapshot_too()
    {
        await using ServerUnderTest raftkv = await ServerUnderTest.StartRaftKvAsync();
        string directory = Directory.CreateTempSubdirectory("raftkv-snapshot-").FullName;
        try
        {
            string file = Path.Combine(directory, "s.db");
            await RunAsync($"--endpoints={raftkv.Client.Authority}", "snapshot", "save", file);
            await RunAsync("snapshot", "restore", file, "--data-dir", Path.Combine(directory, "data"));
            await using ServerUnderTest etcd = await ServerUnderTest.StartEtcdAsync(Path.Combine(directory, "data"));
            using var restored = new GrpcClient(etcd.Client);
            Assert.Empty((await ReadAsync(restored, revision: 0)).Kvs);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [EtcdFact]
    public async Task A_snapshot_with_one_byte_changed_is_refused()
    {
        await using ServerUnderTest raftkv = await ServerUnderTest.StartRaftKvAsync();
        string directory = Directory.CreateTempSubdirectory("raftkv-snapshot-").FullName;
        try
        {
            string file = Path.Combine(directory, "s.db");
            await RunAsync($"--endpoints={raftkv.Client.Authority}", "snapshot", "save", file);
            byte[] bytes = await File.ReadAllBytesAsync(file);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, bytes);
            (int code, string text) = await StartAsync("snapshot", "restore", file, "--data-dir", Path.Combine(directory, "data"));
            Assert.True(code != 0 && text.Contains("expected sha256", StringComparison.Ordinal), text);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // Several writes of one revision, versions, deletions, lives after them, values over a page, binary keys, a lease.
    internal static async Task FillAsync(GrpcClient grpc)
    {
        var random = new System.Random(5);
        await grpc.CallAsync<LeaseGrantResponse>("/etcdserverpb.Lease/LeaseGrant", new LeaseGrantRequest { ID = 77, TTL = 5_000 });
        for (int i = 0; i < 120; i++)
        {
            var txn = new TxnRequest();
            foreach (int key in Enumerable.Range(0, 60).Where(_ => random.Next(4) == 0))
            {
                ByteString name = ByteString.CopyFrom([(byte)key, 0, (byte)(255 - key)]);
                txn.Success.Add(random.Next(5) == 0
                    ? new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = name } }
                    : new RequestOp
                    {
                        RequestPut = new PutRequest
                        {
                            Key = name,
                            Value = ByteString.CopyFrom(new byte[random.Next(20) == 0 ? random.Next(30_000) : random.Next(100)]),
                            Lease = random.Next(10) == 0 ? 77 : 0,
                        },
                    });
            }

            Assert.Equal(0, (await grpc.CallAsync<TxnResponse>("/etcdserverpb.KV/Txn", txn)).Code);
        }
    }

    internal static async Task<long> CompactAsync(GrpcClient grpc)
    {
        GrpcAnswer answer = await grpc.CallAsync<CompactionResponse>("/etcdserverpb.KV/Compact", new CompactionRequest { Revision = 60 });
        Assert.Equal(0, answer.Code);
        return 60;
    }

    private static RangeRequest NewRange(long revision) => new() { Key = Everything, RangeEnd = Everything, Revision = revision };

    internal static async Task<RangeResponse> ReadAsync(GrpcClient grpc, long revision)
    {
        GrpcAnswer answer = await grpc.CallAsync<RangeResponse>(Range, NewRange(revision));
        Assert.True(answer.Code == 0, answer.Detail);
        return (RangeResponse)answer.Message!;
    }

    private static async Task<List<Event>> EventsAsync(GrpcClient grpc, long start, RangeResponse last)
    {
        using GrpcStream<WatchRequest, WatchResponse> watch = await grpc.OpenAsync<WatchRequest, WatchResponse>(
            "/etcdserverpb.Watch/Watch",
            new WatchRequest { CreateRequest = new WatchCreateRequest { Key = Everything, RangeEnd = Everything, StartRevision = start } });
        List<Event> events = [];
        while (events.Count == 0 || events[^1].Kv.ModRevision < last.Header.Revision)
        {
            events.AddRange((await watch.ReadAsync())!.Events);
        }

        return events;
    }

    private static async Task AssertSameLeaseAsync(GrpcClient source, GrpcClient restored)
    {
        var request = new LeaseTimeToLiveRequest { ID = 77, Keys = true };
        GrpcAnswer there = await source.CallAsync<LeaseTimeToLiveResponse>("/etcdserverpb.Lease/LeaseTimeToLive", request);
        GrpcAnswer here = await restored.CallAsync<LeaseTimeToLiveResponse>("/etcdserverpb.Lease/LeaseTimeToLive", request);
        var expected = (LeaseTimeToLiveResponse)there.Message!;
        var actual = (LeaseTimeToLiveResponse)here.Message!;
        Assert.Equal(5_000, actual.GrantedTTL);
        Assert.NotEmpty(actual.Keys);
        Assert.Equal(expected.Keys.Order(_byBytes), actual.Keys.Order(_byBytes));
    }

    private static async Task AssertItGoesOnAsync(GrpcClient restored, long revision)
    {
        var next = new PutRequest { Key = ByteString.CopyFromUtf8("next") };
        GrpcAnswer put = await restored.CallAsync<PutResponse>("/etcdserverpb.KV/Put", next);
        Assert.Equal(revision + 1, ((PutResponse)put.Message!).Header.Revision);
    }

    private static readonly Comparer<ByteString> _byBytes =
        Comparer<ByteString>.Create(static (x, y) => x.Span.SequenceCompareTo(y.Span));

    internal static async Task<string> RunAsync(params string[] arguments)
    {
        (int code, string text) = await StartAsync(arguments);
        Assert.True(code == 0, text);
        return text;
    }

    private static async Task<(int Code, string Text)> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("etcdctl") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ETCDCTL_API"] = "3";
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var text = new StringBuilder(await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? text.ToString() : text.Append(await errors).ToString());
    }
}
