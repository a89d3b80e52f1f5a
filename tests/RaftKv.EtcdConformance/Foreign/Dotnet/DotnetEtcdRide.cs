using System.Collections.Concurrent;
using System.Globalization;
using dotnet_etcd;
using Etcdserverpb;
using Grpc.Core;
using Mvccpb;
using V3Lockpb;
using static RaftKv.EtcdConformance.Foreign.Dotnet.DotnetEtcdUse;

namespace RaftKv.EtcdConformance.Foreign.Dotnet;

/// <summary>
/// Puts, a watch, a lease that is kept alive and a lock with a second in the queue, by dotnet-etcd, while the leader is killed: no
/// acknowledged put is lost, no event missed or told out of order, the lease lives, and the lock goes to the second.
/// </summary>
internal sealed class DotnetEtcdRide(EtcdClient client)
{
    private const int PutCount = 30;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<Event> _seen = new();
    private readonly CancellationTokenSource _end = new();

    public async Task RunAsync(Func<Task> killLeader)
    {
        LeaseGrantResponse mine = await client.LeaseGrantAsync(new LeaseGrantRequest { TTL = 5 });
        LeaseGrantResponse theirs = await client.LeaseGrantAsync(new LeaseGrantRequest { TTL = 600 });
        Task keeping = KeepAsync(mine.ID);
        string held = (await client.LockAsync("ride-lock", mine.ID)).Key.ToStringUtf8();
        Task<LockResponse> second = Task.Run(() => UntilItGoesAsync(() => client.LockAsync("ride-lock", theirs.ID)));
        await WatchAsync();
        for (int i = 0; i < PutCount; i++)
        {
            if (i == PutCount / 3)
            {
                await killLeader();
            }

            string key = string.Create(CultureInfo.InvariantCulture, $"ride/{i:d3}");
            await UntilItGoesAsync(() => client.PutAsync(key, "x"));
        }

        RangeResponse all = await UntilItGoesAsync(() => client.GetRangeAsync("ride/"));
        Assert.Equal(PutCount, all.Kvs.Count);
        long last = all.Kvs.Max(static pair => pair.ModRevision);
        await EventuallyAsync(() => _seen.Any(change => change.Kv.ModRevision == last));
        Event[] seen = [.. _seen];

        // A put whose answer was lost was made again, so that a key may have two events; each is told once, and in order.
        Assert.Equal(seen.Select(static e => e.Kv.ModRevision).Distinct().Order(), seen.Select(static e => e.Kv.ModRevision));
        Assert.Equal(all.Kvs.Select(static pair => pair.Key), seen.Select(static e => e.Kv.Key).Distinct());
        Assert.Equal(all.Kvs.Sum(static pair => pair.Version), seen.Length);
        var ask = new LeaseTimeToLiveRequest { ID = mine.ID };
        LeaseTimeToLiveResponse left = await UntilItGoesAsync(() => client.LeaseTimeToLiveAsync(ask));
        Assert.Equal(5, left.GrantedTTL);
        Assert.False(second.IsCompleted);
        await UntilItGoesAsync(() => client.UnlockAsync(held));
        Assert.Equal($"ride-lock/{theirs.ID:x}", (await second.WaitAsync(_patience)).Key.ToStringUtf8());
        await _end.CancelAsync();
        await keeping;
        _end.Dispose();
    }

    private async Task WatchAsync()
    {
        var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var request = new WatchRequest
        {
            CreateRequest = new WatchCreateRequest { Key = Bytes("ride/"), RangeEnd = Bytes(EtcdClient.GetRangeEnd("ride/")) },
        };
        await client.WatchAsync(
            request,
            (WatchResponse answer) =>
            {
                created.TrySetResult();
                foreach (Event change in answer.Events)
                {
                    _seen.Enqueue(change);
                }
            });
        await created.Task.WaitAsync(_patience);
    }

    // The client leaves it to its user to begin again after a stream has broken.
    private async Task KeepAsync(long lease)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await client.LeaseKeepAlive(lease, _end.Token);
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or EndOfStreamException)
            {
                // Broken, or over.
            }
        }
    }

    private static async Task<T> UntilItGoesAsync<T>(Func<Task<T>> call)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(started) < _patience, e.ToString());
            }
        }
    }

    private static async Task EventuallyAsync(Func<bool> isSo)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < _patience, "the last event did not come");
            await Task.Delay(20);
        }
    }
}
