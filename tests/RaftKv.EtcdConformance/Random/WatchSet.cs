using Google.Protobuf;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Random;

/// <summary>The watches of a run: some are open at a time, each of them for a while.</summary>
internal sealed class WatchSet(ServerPair pair, EventHistory history, RequestGenerator generator) : IDisposable
{
    private const int MostOpen = 4;

    private readonly Queue<RandomWatch> _open = new();

    /// <summary>How many there were, through either door.</summary>
    public int Count { get; private set; }

    /// <summary>How many were refused, or began before what was compacted.</summary>
    public int Refused { get; private set; }

    /// <summary>Events that they told.</summary>
    public int Events { get; private set; }

    /// <summary>Opens another one, and ends the oldest when there are many.</summary>
    public async Task NextAsync(string what)
    {
        long now = await CatchUpAsync();
        Count++;
        if (_open.Count == MostOpen)
        {
            using RandomWatch oldest = _open.Dequeue();
            Events += await oldest.CatchUpAsync(history);
            await oldest.CancelAsync();
        }

        WatchCreateRequest create = generator.Watch();
        if (generator.IsOneIn(4) && await CompareJsonAsync(create, what))
        {
            return;
        }

        RandomWatch? watch = await RandomWatch.OpenAsync(pair, create, now, generator.Compacted, what);
        if (watch is null)
        {
            Refused++;
            return;
        }

        // Before anything changes: else a compaction could pass what it still has to read. etcd never says when it is there, but
        // by what it tells: a watch of the past without events is not kept.
        int told = await watch.CatchUpAsync(history);
        if (told == 0 && create.StartRevision > 0 && create.StartRevision <= now)
        {
            await watch.CancelAsync();
            watch.Dispose();
            return;
        }

        _open.Enqueue(watch);
    }

    /// <summary>Reads all that the open ones must have told, so that what happens next concerns nothing of it.</summary>
    /// <returns>The servers' revision.</returns>
    public async Task<long> CatchUpAsync()
    {
        var nothing = new RangeRequest { Key = ByteString.CopyFromUtf8("nothing"), CountOnly = true };
        long now = Operation.RevisionOf(await Operation.CallAsync(pair.EtcdGrpc, "Range", nothing));
        generator.SeenRevision(now);
        await history.ReadToAsync(now);
        foreach (RandomWatch watch in _open)
        {
            await watch.CatchUpAsync(history);
        }

        return now;
    }

    /// <summary>Ends all of them.</summary>
    public async Task EndAsync()
    {
        await CatchUpAsync();
        foreach (RandomWatch watch in _open)
        {
            Events += await watch.CatchUpAsync(history);
            await watch.CancelAsync();
        }
    }

    public void Dispose()
    {
        foreach (RandomWatch watch in _open)
        {
            watch.Dispose();
        }
    }

    // Through the gateway what has happened already; false when nothing has.
    private async Task<bool> CompareJsonAsync(WatchCreateRequest create, string what)
    {
        bool isCompacted = create.StartRevision < generator.Compacted;
        int expected = create.StartRevision <= 0 || isCompacted ? 0 : history.Expected(create, create.StartRevision).Count;
        if (expected == 0)
        {
            return false;
        }

        string json = Operation.ToJson(new WatchRequest { CreateRequest = create });
        string etcd = await pair.EtcdJson.EventsAsync(json, expected);
        string raftkv = await pair.RaftKvJson.EventsAsync(json, expected);
        Assert.True(etcd == raftkv, $"{what}{json}\netcd:   {etcd}\nraftkv: {raftkv}");
        Events += expected;
        return true;
    }
}
