using System.Text;
using RaftKv.Client;
using RaftKv.Tests.Client.Fakes;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Client;

/// <summary>Watches: what is delivered over broken connections, silence, compaction and repeats.</summary>
public sealed class WatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Changes_come_in_order_with_their_facts()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        fake.Put("app/a", "1");
        await using IAsyncEnumerator<WatchEvent> watch = Watch(client, new WatchOptions { StartRevision = 2, WithPreviousValues = true });

        WatchEvent first = await NextAsync(watch);
        fake.Put("other", "x");
        fake.Put("app/a", "2");
        fake.Delete("app/a");
        WatchEvent second = await NextAsync(watch);
        WatchEvent third = await NextAsync(watch);

        Assert.Equal((2L, "1", WatchEventType.Put), (first.Revision, first.Entry.GetString(), first.Type));
        Assert.Equal((4L, "2", "1"), (second.Revision, second.Entry.GetString(), second.Previous!.GetString()));
        Assert.Equal((5L, WatchEventType.Delete, WatchEventReason.Deleted, true), (third.Revision, third.Type, third.Reason, third.Entry.IsDeletion));
        Assert.Contains("prevValue=true", Assert.Single(fake.Requests).Uri.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_lost_or_repeated_while_connections_break_and_nodes_die()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client("n1", "n2", "n3");
        await using IAsyncEnumerator<WatchEvent> watch = Watch(client, new WatchOptions { StartRevision = 2 });
        List<string> seen = [];

        for (int round = 0; round < 30; round++)
        {
            string host = $"n{(round % 3) + 1}";
            fake.Put("app/a", $"{round}a");
            seen.Add((await NextAsync(watch)).Entry.GetString());
            fake.Kill(host);
            fake.Put("app/a", $"{round}b");
            fake.Put("app/a", $"{round}c");
            fake.Watches.Break();
            seen.Add((await NextAsync(watch)).Entry.GetString());
            seen.Add((await NextAsync(watch)).Entry.GetString());
            fake.Revive(host);
        }

        Assert.Equal(Enumerable.Range(0, 30).SelectMany(static round => new[] { $"{round}a", $"{round}b", $"{round}c" }), seen);
    }

    [Fact]
    public async Task A_watch_from_now_keeps_its_position_when_it_breaks_before_its_first_message()
    {
        FakeRaftKv fake = new();
        fake.Put("app/old", "x");
        using RaftKvClient client = fake.Client("n1", "n2");
        TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int connections = 0;
        await using IAsyncEnumerator<WatchEvent> watch = Watch(client, new WatchOptions
        {
            Connected = _ =>
            {
                connections++;
                connected.TrySetResult();
            },
        });

        ValueTask<bool> next = watch.MoveNextAsync();
        await connected.Task.WaitAsync(Patience);
        fake.Kill("n1");
        fake.Kill("n2");
        fake.Put("app/a", "while nobody listened");
        fake.Revive("n2");

        Assert.True(await next.AsTask().WaitAsync(Patience));
        Assert.Equal("while nobody listened", watch.Current.Entry.GetString());
        Assert.Equal(2, connections);
    }

    [Fact]
    public async Task A_repeat_of_the_server_is_dropped()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        await using IAsyncEnumerator<WatchEvent> watch = Watch(client, new WatchOptions { StartRevision = 2 });
        fake.Put("app/a", "1");
        await NextAsync(watch);
        fake.Watches.Send("""{"type":"change","revision":2,"events":[{"type":"put","key":"app/a","value":"again","modRevision":2,"version":1}]}""" + "\n");
        fake.Put("app/a", "2");

        Assert.Equal("2", (await NextAsync(watch)).Entry.GetString());
    }

    [Fact]
    public async Task A_silent_node_is_left_after_three_intervals_and_the_position_kept()
    {
        ManualTimeProvider time = new();
        FakeRaftKv fake = new(time);
        using RaftKvClient client = fake.Client("n1", "n2");
        await using IAsyncEnumerator<WatchEvent> watch = Watch(
            client, new WatchOptions { StartRevision = 2, BookmarkInterval = TimeSpan.FromSeconds(2) });
        fake.Put("app/a", "1");
        await NextAsync(watch);
        fake.Watches.Send("""{"type":"bookmark","revision":2}""" + "\n");

        ValueTask<bool> next = watch.MoveNextAsync();
        await time.TimerSetAsync(TimeSpan.FromSeconds(6));
        fake.Silence("n1");
        time.Advance(TimeSpan.FromSeconds(6));
        await WaitForAsync(() => fake.Requests.Count == 2);
        fake.Put("app/a", "2");

        Assert.True(await next.AsTask().WaitAsync(Patience));
        Assert.Equal(("n2", "2"), (fake.Requests[^1].Host, watch.Current.Entry.GetString()));
        Assert.Contains("startRevision=3", fake.Requests[^1].Uri.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compacted_position_ends_the_watch_with_the_compact_revision()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        await using IAsyncEnumerator<WatchEvent> watch = Watch(client, new WatchOptions { StartRevision = 2 });
        fake.Put("app/a", "1");
        await NextAsync(watch);
        fake.Kill("n1");
        fake.Put("app/a", "2");
        fake.Put("app/a", "3");
        lock (fake.Store.Gate)
        {
            fake.Store.Compact(4);
        }

        fake.Revive("n1");

        var e = await Assert.ThrowsAsync<RaftKvCompactedException>(() => NextAsync(watch));
        Assert.Equal(4, e.CompactedRevision);
    }

    [Fact]
    public async Task With_snapshots_a_compaction_yields_the_state_in_whole_and_goes_on()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        fake.Put("app/a", "1");
        fake.Put("app/gone", "x");
        await using IAsyncEnumerator<WatchBatch> watch = client
            .WatchBatchesAsync(RaftKvRange.Prefix("app/"), new WatchOptions { OnCompacted = WatchCompaction.Snapshot })
            .GetAsyncEnumerator();

        WatchSnapshot first = Assert.IsType<WatchSnapshot>(await NextAsync(watch));
        fake.Kill("n1");
        fake.Delete("app/gone");
        fake.Put("app/b", "2");
        fake.Put("app/c", "3");
        lock (fake.Store.Gate)
        {
            fake.Store.Compact(fake.Store.Revision);
        }

        fake.Revive("n1");
        WatchSnapshot second = Assert.IsType<WatchSnapshot>(await NextAsync(watch));
        fake.Put("app/d", "4");
        WatchChanges third = Assert.IsType<WatchChanges>(await NextAsync(watch));

        Assert.Equal(["app/a", "app/gone"], first.Entries.Select(static entry => entry.Key.ToString()));
        Assert.Equal(["app/a", "app/b", "app/c"], second.Entries.Select(static entry => entry.Key.ToString()));
        Assert.Equal((7L, "app/d"), (third.Revision, Assert.Single(third.Events).Key.ToString()));
    }

    [Fact]
    public async Task Bookmarks_move_the_position_on()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        await using IAsyncEnumerator<WatchBatch> watch = client
            .WatchBatchesAsync(RaftKvRange.All, new WatchOptions { StartRevision = 2, WithBookmarks = true })
            .GetAsyncEnumerator();
        ValueTask<bool> next = watch.MoveNextAsync();
        await WaitForAsync(() => fake.Watches.OpenCount == 1);
        fake.Watches.Send("""{"type":"bookmark","revision":40}""" + "\n");
        Assert.True(await next.AsTask().WaitAsync(Patience));
        Assert.Equal(40, Assert.IsType<WatchBookmark>(watch.Current).Revision);

        next = watch.MoveNextAsync();
        fake.Watches.Break();
        await WaitForAsync(() => fake.Requests.Count == 2);

        Assert.Contains("startRevision=41", fake.Requests[^1].Uri.Query, StringComparison.Ordinal);
        fake.Watches.Send("""{"type":"bookmark","revision":41}""" + "\n");
        Assert.True(await next.AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_line_cut_by_a_dying_node_is_not_taken_for_a_message()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        await using IAsyncEnumerator<WatchEvent> watch = Watch(client, new WatchOptions { StartRevision = 2 });
        ValueTask<bool> next = watch.MoveNextAsync();
        await WaitForAsync(() => fake.Watches.OpenCount == 1);
        fake.Watches.Send("""{"type":"change","revision":2,"events":[]}""");
        fake.Watches.Break();
        fake.Put("app/a", "1");

        Assert.True(await next.AsTask().WaitAsync(Patience));
        Assert.Equal("1", watch.Current.Entry.GetString());
    }

    [Fact]
    public async Task What_is_no_watch_ends_with_a_protocol_exception()
    {
        FakeRaftKv fake = new();
        using RaftKvClient client = fake.Client();
        await using IAsyncEnumerator<WatchEvent> watch = Watch(client, new WatchOptions { StartRevision = 2 });
        Task<WatchEvent> next = NextAsync(watch);
        await WaitForAsync(() => fake.Watches.OpenCount == 1);
        fake.Watches.Send("<html>\n");

        await Assert.ThrowsAsync<RaftKvProtocolException>(() => next);
    }

    [Fact]
    public async Task A_refused_watch_is_not_repeated_and_cancelling_ends_one_with_the_caller_s_token()
    {
        FakeRaftKv fake = new() { Script = static _ => FakeJson.Problem(400, "invalid-request") };
        using RaftKvClient client = fake.Client();
        await using IAsyncEnumerator<WatchEvent> refused = Watch(client, new WatchOptions());
        await Assert.ThrowsAsync<RaftKvRequestException>(() => NextAsync(refused));
        Assert.Single(fake.Requests);

        fake.Script = null;
        using CancellationTokenSource stop = new();
        await using IAsyncEnumerator<WatchEvent> watch = client.WatchAsync("k", cancellationToken: stop.Token).GetAsyncEnumerator();
        ValueTask<bool> next = watch.MoveNextAsync();
        await WaitForAsync(() => fake.Watches.OpenCount == 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.AsTask());
        Assert.Contains("key=k", fake.Requests[^1].Uri.Query, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused_at_once()
    {
        using RaftKvClient client = new FakeRaftKv().Client();

        Assert.Throws<ArgumentException>(() => client.WatchAsync("a", new WatchOptions { OnCompacted = WatchCompaction.Snapshot }));
        Assert.Throws<ArgumentException>(
            () => client.WatchBatchesAsync("a", new WatchOptions { OnCompacted = WatchCompaction.Snapshot, Only = WatchEventType.Put }));
        Assert.Throws<ArgumentOutOfRangeException>(() => client.WatchAsync("a", new WatchOptions { StartRevision = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WatchOptions { BookmarkInterval = TimeSpan.Zero });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Lines_are_cut_the_same_however_the_bytes_arrive(int chunk)
    {
        string[] lines = ["", "a", new string('b', 40_000), "c", new string('d', 16 << 10)];
        byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\r\ncut");
        RaftKv.Client.Watch.LineReader reader = new(new Chunks(bytes, chunk));
        List<string> read = [];
        while (await reader.ReadAsync(default) is { } line)
        {
            read.Add(Encoding.UTF8.GetString(line.Span));
        }

        Assert.Equal(lines, read);
    }

    private static IAsyncEnumerator<WatchEvent> Watch(RaftKvClient client, WatchOptions options) =>
        client.WatchAsync(RaftKvRange.Prefix("app/"), options).GetAsyncEnumerator();

    private static async Task<T> NextAsync<T>(IAsyncEnumerator<T> watch)
    {
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        return watch.Current;
    }

    private static Task WaitForAsync(Func<bool> isTrue) => Eventually.TrueAsync(isTrue);

    private sealed class Chunks(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span[..Math.Min(chunk, buffer.Length)]));
    }
}
