using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Coordination;
using RaftKv.Dashboard.Live;

namespace RaftKv.Dashboard.Tests;

/// <summary>The live tail keeps what it can show; elections are found by the keys of their places.</summary>
public sealed class LiveAndLocksTests
{
    [Fact]
    public async Task A_tail_keeps_the_newest_lines_and_counts_all()
    {
        await using var tail = new LiveTail(new StubNodes(_ => StubNodes.Json("{}")).Client(), TimeProvider.System, () => { });
        for (int revision = 1; revision <= LiveTail.MaxLines + 5; revision++)
        {
            tail.Take(new ChangeMessage { Revision = revision, Events = [new KeyVersion { Key = "a", Type = "put" }] });
        }

        tail.Take(new ChangeMessage { Revision = 999 });

        Assert.Equal((LiveTail.MaxLines, LiveTail.MaxLines + 5, 999), (tail.Lines.Count, tail.Count, tail.Revision));
        Assert.Equal(LiveTail.MaxLines + 5, tail.Lines[0].Revision);
    }

    [Fact]
    public void A_bookmark_has_no_events_and_is_a_message_all_the_same()
    {
        ChangeMessage? message = System.Text.Json.JsonSerializer.Deserialize("""{"revision":7}""", PageJson.Default.ChangeMessage);

        Assert.Equal((7, 0), (message!.Revision, message.Events.Count));
    }

    [Fact]
    public void A_tail_goes_on_where_it_was()
    {
        var request = new TailRequest { Prefix = "a/", Filter = "put", StartRevision = 3 };

        Assert.Equal("/api/v1/watch?prefix=a%2F&filter=put&prevValue=true&startRevision=3", request.Target());
        Assert.Equal("/api/v1/watch?prefix=a%2F&filter=put&prevValue=true&startRevision=8", request.Target(8));
    }

    [Fact]
    public void Elections_are_named_once_each() => Assert.Equal(
        ["boss", "a/b"],
        CoordinationReader.ElectionNames(
        [
            new KeyVersion { Key = "_raftkv/elections/boss\0x\01" },
            new KeyVersion { Key = "_raftkv/elections/boss\0x\02" },
            new KeyVersion { Key = "_raftkv/elections/a/b\0x\03" },
            new KeyVersion { Key = "_raftkv/locks/c\0x\04" },
        ]));
}
