using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Random;

/// <summary>One revision whose events are larger than a message may be, told in fragments.</summary>
public sealed class FragmentDifferentialTests
{
    private const int KeyCount = 8;
    private const int ValueBytes = 1_000_000;

    [EtcdFact]
    public async Task A_revision_larger_than_a_message_comes_in_fragments_that_make_the_events_of_etcd()
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        (List<Event> etcd, int etcdFragments) = await DeleteWatchedAsync(pair.EtcdGrpc);
        (List<Event> raftkv, int raftkvFragments) = await DeleteWatchedAsync(pair.RaftKvGrpc);

        Assert.Equal(KeyCount, etcd.Count);
        Assert.Equal(etcd, raftkv);
        Assert.True(etcdFragments > 1 && raftkvFragments > 1, $"{etcdFragments} and {raftkvFragments} answers");
    }

    // All but the last answer say that more of the revision comes.
    private static async Task<(List<Event> Events, int Answers)> DeleteWatchedAsync(GrpcClient client)
    {
        for (int i = 0; i < KeyCount; i++)
        {
            var put = new PutRequest { Key = ByteString.CopyFromUtf8($"k{i}"), Value = ByteString.CopyFrom(new byte[ValueBytes]) };
            Assert.Equal(0, (await client.CallAsync<PutResponse>("/etcdserverpb.KV/Put", put)).Code);
        }

        var create = new WatchCreateRequest
        {
            Key = ByteString.CopyFromUtf8("k"),
            RangeEnd = ByteString.CopyFromUtf8("l"),
            PrevKv = true,
            Fragment = true,
        };
        using GrpcStream<WatchRequest, WatchResponse> watch = await client.OpenAsync<WatchRequest, WatchResponse>(
            "/etcdserverpb.Watch/Watch", new WatchRequest { CreateRequest = create });
        Assert.True(await watch.ReadAsync() is { Created: true, Canceled: false });
        var delete = new DeleteRangeRequest { Key = create.Key, RangeEnd = create.RangeEnd };
        Assert.Equal(0, (await client.CallAsync<DeleteRangeResponse>("/etcdserverpb.KV/DeleteRange", delete)).Code);
        var events = new List<Event>();
        for (int answers = 1; ; answers++)
        {
            WatchResponse? answer = await watch.ReadAsync();
            Assert.NotNull(answer);
            events.AddRange(answer.Events);
            if (!answer.Fragment)
            {
                return (events, answers);
            }
        }
    }
}
