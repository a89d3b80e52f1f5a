using System.Threading.Channels;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Kubernetes;

/// <summary>
/// A watch cache's watch over everything, with previous values and bookmarks asked for; when its node goes, it goes on at
/// another one from the revision after the last that it was told.
/// </summary>
internal sealed class Cacher(string name, ApiServer at)
{
    private GrpcStream<WatchRequest, WatchResponse>? _stream;

    /// <summary>Watches until the key is told.</summary>
    public async Task<WatchRun> RunAsync(string untilKey)
    {
        var run = new WatchRun(name, 1, []);
        while (!run.Told.Exists(told => told.Change?.Key == untilKey))
        {
            try
            {
                await WatchAsync(run, untilKey);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The node was killed, or was silent for long.
            }

            at.MoveOn();
            await Task.Delay(20);
        }

        return run;
    }

    /// <summary>Asks for a bookmark on the stream that is open.</summary>
    public async Task AskForBookmarkAsync()
    {
        try
        {
            if (Volatile.Read(ref _stream) is { } stream)
            {
                await stream.SendAsync(new WatchRequest { ProgressRequest = new WatchProgressRequest() });
            }
        }
        catch (ChannelClosedException)
        {
            // The stream has just ended.
        }
    }

    private async Task WatchAsync(WatchRun run, string untilKey)
    {
        var create = new WatchCreateRequest
        {
            Key = ApiServer.Start,
            RangeEnd = ApiServer.End,
            StartRevision = run.Last + 1,
            PrevKv = true,
            ProgressNotify = true,
        };
        using GrpcStream<WatchRequest, WatchResponse> stream = await at.Now.OpenAsync<WatchRequest, WatchResponse>(
            "/etcdserverpb.Watch/Watch", new WatchRequest { CreateRequest = create }, ("hasleader", "true"));
        Volatile.Write(ref _stream, stream);
        while (await stream.ReadAsync() is { } answer)
        {
            Assert.Equal(0, answer.CompactRevision);
            if (answer.Canceled)
            {
                return;
            }

            foreach (Event change in answer.Events)
            {
                run.Told.Add(Told.Of(ToChange(change)));
            }

            if (answer is { Created: false, Events.Count: 0 })
            {
                run.Told.Add(Told.UpTo(answer.Header.Revision));
            }

            if (run.Told.Count > 0 && run.Told[^1].Change?.Key == untilKey)
            {
                return;
            }
        }
    }

    private static Change ToChange(Event change)
    {
        bool isDelete = change.Type == Event.Types.EventType.Delete;
        return new Change(
            change.Kv.ModRevision,
            change.Kv.Key.ToStringUtf8(),
            isDelete ? null : change.Kv.Value.ToStringUtf8(),
            change.PrevKv?.Value.ToStringUtf8(),
            change.Kv.CreateRevision,
            change.Kv.Version);
    }
}
