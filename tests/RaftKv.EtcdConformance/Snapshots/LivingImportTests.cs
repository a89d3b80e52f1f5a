using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Snapshots;

/// <summary>The way in from an etcd that lives: <c>raftkv import etcd --to</c> against a real one, with a RaftKv beside it.</summary>
public sealed partial class LivingImportTests
{
    private const int KeyCount = 2_500;
    private const int OpsPerTxn = 100;
    private const long Lease = 77;
    private const long LeaseSeconds = 6_000;

    [EtcdFact]
    public async Task An_import_that_is_killed_goes_on_and_applies_each_change_once_until_it_is_cut_over()
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        await GrantAsync(pair.EtcdGrpc, Lease, LeaseSeconds);
        await FillAsync(pair.EtcdGrpc);
        var import = new ImportProcess(pair.Etcd.Client, pair.RaftKv.Client, "--follow");
        try
        {
            await import.HasSaidAsync("copied");
            long copied = long.Parse(Copied().Match(import.Said).Groups["revision"].Value, CultureInfo.InvariantCulture);
            using var stop = new CancellationTokenSource();
            Task<int> writer = WriteAsync(pair.EtcdGrpc, stop.Token);
            await UntilVersionAsync(pair.RaftKvGrpc, "counter", 20);
            await import.KillAsync();
            import.Dispose();

            // 300 keys go in one revision, which is more than a transaction holds.
            await DeleteAsync(pair.EtcdGrpc, "k/01000", "k/01300");
            import = new ImportProcess(pair.Etcd.Client, pair.RaftKv.Client, "--follow");
            await import.HasSaidAsync("going on");
            await UntilVersionAsync(pair.RaftKvGrpc, "counter", 60);
            await stop.CancelAsync();
            int written = await writer;
            import.Interrupt();

            int code = await import.EndAsync();
            Assert.True(code == 0, import.Said);
            Assert.Contains("cut over", import.Said, StringComparison.Ordinal);
            RangeResponse source = await SnapshotTests.ReadAsync(pair.EtcdGrpc, revision: 0);
            RangeResponse target = await SnapshotTests.ReadAsync(pair.RaftKvGrpc, revision: 0);
            Assert.Equal(Plain(source), Plain(target).Where(static one => !one.StartsWith("raftkv-import/", StringComparison.Ordinal)));
            Assert.Equal(KeyCount - 300 + 4, source.Kvs.Count);
            AssertAppliedOnce(target, written - CounterAt(await SnapshotTests.ReadAsync(pair.EtcdGrpc, copied)));
            await AssertLeaseAsync(pair.RaftKvGrpc);
            Assert.Equal(2, (await ImportProcess.RunAsync(pair.Etcd.Client, pair.RaftKv.Client, "--follow")).Code);
        }
        finally
        {
            import.Dispose();
        }
    }

    [EtcdFact]
    public async Task Differences_are_named_and_gaps_are_closed_before_anything_is_cut_over()
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        Task<(int Code, string Said)> ImportAsync(string prefix, params string[] more) => ImportProcess.RunAsync(
            pair.Etcd.Client, pair.RaftKv.Client, ["--prefix", prefix, "--progress-key", "progress-of-" + prefix, .. more]);

        await PutAsync(pair.EtcdGrpc, "a/1", "one");
        await PutAsync(pair.EtcdGrpc, "a/2", "two");
        await PutAsync(pair.EtcdGrpc, "a/3", "three");
        Assert.Equal(0, (await ImportAsync("a/")).Code);

        // What somebody else wrote into the target is named, and nothing is cut over while it is so.
        await PutAsync(pair.RaftKvGrpc, "a/2", "another");
        await PutAsync(pair.RaftKvGrpc, "a/9", "stranger");
        await DeleteAsync(pair.RaftKvGrpc, "a/3");
        (int code, string said) = await ImportAsync("a/", "--cut-over");
        Assert.True(code == 1, said);
        Assert.Contains("\"a/2\": another value", said, StringComparison.Ordinal);
        Assert.Contains("\"a/9\": only in the target", said, StringComparison.Ordinal);
        Assert.Contains("\"a/3\": only in the source", said, StringComparison.Ordinal);

        // The source compacts what the import still needs: a new pass, which also deletes what is gone.
        await DeleteAsync(pair.EtcdGrpc, "a/1");
        await PutAsync(pair.EtcdGrpc, "a/4", "four");
        await PutAsync(pair.EtcdGrpc, "a/4", "four again");
        long newest = (await SnapshotTests.ReadAsync(pair.EtcdGrpc, revision: 0)).Header.Revision;
        await pair.EtcdGrpc.CallAsync<CompactionResponse>("/etcdserverpb.KV/Compact", new CompactionRequest { Revision = newest });
        (code, said) = await ImportAsync("a/", "--cut-over");
        Assert.True(code == 0, said);
        Assert.Contains("new pass", said, StringComparison.Ordinal);
        Assert.Equal(Plain(await ReadAsync(pair.EtcdGrpc, "a/")), Plain(await ReadAsync(pair.RaftKvGrpc, "a/")));

        // While somebody writes nothing is cut over.
        await GrantAsync(pair.EtcdGrpc, Lease, LeaseSeconds);
        using var stop = new CancellationTokenSource();
        Task<int> writer = WriteAsync(pair.EtcdGrpc, stop.Token);
        (code, said) = await ImportProcess.RunAsync(
            pair.Etcd.Client, pair.RaftKv.Client,
            "--prefix", "counter", "--progress-key", "progress", "--cut-over", "--quiet-within", "1s");
        await stop.CancelAsync();
        await writer;
        Assert.True(code == 1 && said.Contains("not quiet", StringComparison.Ordinal), said);

        // A whole import asks first whether it may delete what is there; one of a prefix lets the rest alone.
        (code, said) = await ImportProcess.RunAsync(pair.Etcd.Client, pair.RaftKv.Client);
        Assert.True(code == 2 && said.Contains("--replace", StringComparison.Ordinal), said);
    }

    [EtcdFact]
    public async Task A_lease_that_ended_while_nobody_kept_it_alive_is_made_anew_with_its_keys()
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        await GrantAsync(pair.EtcdGrpc, id: 5, seconds: 3);
        await PutAsync(pair.EtcdGrpc, "leased", "alive", lease: 5);
        await PutAsync(pair.EtcdGrpc, "plain", "there");
        using var stop = new CancellationTokenSource();
        Task keeping = KeepAliveAsync(pair.EtcdGrpc, id: 5, stop.Token);

        Assert.Equal(0, (await ImportProcess.RunAsync(pair.Etcd.Client, pair.RaftKv.Client)).Code);
        await UntilAsync(async () => (await ReadAsync(pair.RaftKvGrpc, "leased")).Kvs.Count == 0);
        (int code, string said) = await ImportProcess.RunAsync(pair.Etcd.Client, pair.RaftKv.Client, "--cut-over");

        Assert.True(code == 0, said);
        Assert.Contains("leases ended here", said, StringComparison.Ordinal);
        Assert.Contains("leases      1,", said, StringComparison.Ordinal);
        await stop.CancelAsync();
        await keeping;
    }

    [EtcdFact]
    public async Task Where_rights_are_in_force_credentials_are_asked_for_on_both_sides()
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        await PutAsync(pair.EtcdGrpc, "a/1", "one");
        foreach (GrpcClient side in (GrpcClient[])[pair.EtcdGrpc, pair.RaftKvGrpc])
        {
            await AuthAsync<AuthUserAddResponse>(side, "UserAdd", new AuthUserAddRequest { Name = "root", Password = "secret" });
            await AuthAsync<AuthRoleAddResponse>(side, "RoleAdd", new AuthRoleAddRequest { Name = "root" });
            await AuthAsync<AuthUserGrantRoleResponse>(
                side, "UserGrantRole", new AuthUserGrantRoleRequest { User = "root", Role = "root" });
            await AuthAsync<AuthEnableResponse>(side, "AuthEnable", new AuthEnableRequest());
        }

        (int code, string said) = await ImportProcess.RunAsync(pair.Etcd.Client, pair.RaftKv.Client);
        Assert.True(code == 2 && said.Contains("the source", StringComparison.Ordinal), said);
        string[] users = ["--from-user", "root", "--user", "root", "--cut-over"];
        using (var wrong = new ImportProcess(pair.Etcd.Client, pair.RaftKv.Client, "wrong", users))
        {
            Assert.True(await wrong.EndAsync() == 2, wrong.Said);
            Assert.DoesNotContain("wrong", wrong.Said, StringComparison.Ordinal);
        }

        using var right = new ImportProcess(pair.Etcd.Client, pair.RaftKv.Client, "secret", users);
        Assert.True(await right.EndAsync() == 0, right.Said);
        Assert.Contains("equal       1 keys", right.Said, StringComparison.Ordinal);
    }

    internal static async Task AuthAsync<TAnswer>(GrpcClient grpc, string method, IMessage request)
        where TAnswer : class, IMessage<TAnswer>, new()
    {
        GrpcAnswer answer = await grpc.CallAsync<TAnswer>("/etcdserverpb.Auth/" + method, request);
        Assert.True(answer.Code == 0, $"{method}: {answer.Detail}");
    }

    // The keys of the import; each 10th hangs on a lease.
    private static async Task FillAsync(GrpcClient grpc)
    {
        for (int first = 0; first < KeyCount; first += OpsPerTxn)
        {
            var txn = new TxnRequest();
            foreach (int i in Enumerable.Range(first, OpsPerTxn))
            {
                txn.Success.Add(Put($"k/{i:D5}", $"value {i}", i % 10 == 0 ? Lease : 0));
            }

            Assert.Equal(0, (await grpc.CallAsync<TxnResponse>("/etcdserverpb.KV/Txn", txn)).Code);
        }

        // A value that is no text, a key that is none, and one that is nearly too large.
        await PutAsync(grpc, ByteString.CopyFrom(0, 255, 0), ByteString.CopyFrom(new byte[64]), lease: 0);
        await PutAsync(grpc, ByteString.CopyFromUtf8("large"), ByteString.CopyFrom(new byte[1_500_000]), lease: 0);
    }

    // Writes three keys in each revision until it is stopped; how often.
    private static async Task<int> WriteAsync(GrpcClient grpc, CancellationToken stop)
    {
        int count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            var txn = new TxnRequest();
            txn.Success.Add(Put("counter", $"{count}", lease: 0));
            txn.Success.Add(Put("counter-too", $"{count}", lease: 0));
            txn.Success.Add(Put($"k/{count % 900:D5}", $"again {count}", count % 3 == 0 ? Lease : 0));
            Assert.Equal(0, (await grpc.CallAsync<TxnResponse>("/etcdserverpb.KV/Txn", txn)).Code);
        }

        return count;
    }

    // Versions count writes: one that came twice, or was left out, would show.
    private static void AssertAppliedOnce(RangeResponse target, long expected)
    {
        KeyValue counter = target.Kvs.Single(static pair => pair.Key.ToStringUtf8() == "counter");
        KeyValue too = target.Kvs.Single(static pair => pair.Key.ToStringUtf8() == "counter-too");
        Assert.Equal(expected, counter.Version);
        Assert.Equal((counter.ModRevision, counter.Value), (too.ModRevision, too.Value));
    }

    private static long CounterAt(RangeResponse then) =>
        then.Kvs.Where(static pair => pair.Key.ToStringUtf8() == "counter").Sum(static pair => pair.Version);

    private static async Task AssertLeaseAsync(GrpcClient target)
    {
        var request = new LeaseTimeToLiveRequest { ID = Lease, Keys = true };
        GrpcAnswer answer = await target.CallAsync<LeaseTimeToLiveResponse>("/etcdserverpb.Lease/LeaseTimeToLive", request);
        var lease = (LeaseTimeToLiveResponse)answer.Message!;
        Assert.Equal(LeaseSeconds, lease.GrantedTTL);
        Assert.NotEmpty(lease.Keys);
    }

    private static RequestOp Put(string key, string value, long lease) => new()
    {
        RequestPut = new PutRequest { Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFromUtf8(value), Lease = lease },
    };

    private static Task PutAsync(GrpcClient grpc, string key, string value, long lease = 0) =>
        PutAsync(grpc, ByteString.CopyFromUtf8(key), ByteString.CopyFromUtf8(value), lease);

    private static async Task PutAsync(GrpcClient grpc, ByteString key, ByteString value, long lease)
    {
        var put = new PutRequest { Key = key, Value = value, Lease = lease };
        GrpcAnswer answer = await grpc.CallAsync<PutResponse>("/etcdserverpb.KV/Put", put);
        Assert.True(answer.Code == 0, answer.Detail);
    }

    private static async Task DeleteAsync(GrpcClient grpc, string key, string endExclusive = "")
    {
        var delete = new DeleteRangeRequest { Key = ByteString.CopyFromUtf8(key), RangeEnd = ByteString.CopyFromUtf8(endExclusive) };
        GrpcAnswer answer = await grpc.CallAsync<DeleteRangeResponse>("/etcdserverpb.KV/DeleteRange", delete);
        Assert.True(((DeleteRangeResponse)answer.Message!).Deleted > 0);
    }

    private static async Task GrantAsync(GrpcClient grpc, long id, long seconds)
    {
        var grant = new LeaseGrantRequest { ID = id, TTL = seconds };
        Assert.Equal(0, (await grpc.CallAsync<LeaseGrantResponse>("/etcdserverpb.Lease/LeaseGrant", grant)).Code);
    }

    private static async Task KeepAliveAsync(GrpcClient grpc, long id, CancellationToken stop)
    {
        using GrpcStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream =
            await grpc.OpenAsync<LeaseKeepAliveRequest, LeaseKeepAliveResponse>(
                "/etcdserverpb.Lease/LeaseKeepAlive", new LeaseKeepAliveRequest { ID = id });
        while (!stop.IsCancellationRequested)
        {
            await stream.ReadAsync();
            await Task.Delay(200, CancellationToken.None);
            await stream.SendAsync(new LeaseKeepAliveRequest { ID = id });
        }
    }

    private static async Task<RangeResponse> ReadAsync(GrpcClient grpc, string prefix)
    {
        byte[] end = System.Text.Encoding.UTF8.GetBytes(prefix);
        end[^1]++;
        var range = new RangeRequest { Key = ByteString.CopyFromUtf8(prefix), RangeEnd = ByteString.CopyFrom(end) };
        return (RangeResponse)(await grpc.CallAsync<RangeResponse>("/etcdserverpb.KV/Range", range)).Message!;
    }

    private static Task UntilVersionAsync(GrpcClient grpc, string key, long version) => UntilAsync(async () =>
        (await ReadAsync(grpc, key)).Kvs.Any(pair => pair.Key.ToStringUtf8() == key && pair.Version >= version));

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (!await isSo())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static IEnumerable<string> Plain(RangeResponse response) => response.Kvs.Select(static pair =>
        $"{pair.Key.ToString(System.Text.Encoding.Latin1)} = {Convert.ToHexString(
            System.Security.Cryptography.SHA256.HashData(pair.Value.Span))} on {pair.Lease}");

    [GeneratedRegex("""copied +revision (?<revision>\d+)""")]
    private static partial Regex Copied();
}
