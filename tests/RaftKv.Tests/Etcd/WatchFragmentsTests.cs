using Google.Protobuf;
using RaftKv.Doors.Etcd.Watches;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>How a large answer of a watch is cut when the client asks for it.</summary>
public sealed class WatchFragmentsTests
{
    [Fact]
    public void A_small_answer_and_one_of_a_single_event_are_not_cut()
    {
        WatchResponse small = Answer(3, bytes: 10);
        WatchResponse single = Answer(1, bytes: 5_000);

        Assert.Same(small, Assert.Single(WatchFragments.Of(small, 1_000)));
        Assert.Same(single, Assert.Single(WatchFragments.Of(single, 1_000)));
    }

    [Theory]
    [InlineData(2, 900)]
    [InlineData(10, 300)]
    [InlineData(50, 999)]
    [InlineData(7, 5_000)]
    public void Fragments_have_all_events_in_order_below_the_limit_and_all_but_the_last_are_marked(int count, int bytes)
    {
        WatchResponse whole = Answer(count, bytes);

        List<WatchResponse> fragments = [.. WatchFragments.Of(whole, 1_000)];

        Assert.Equal(whole.Events, fragments.SelectMany(fragment => fragment.Events));
        Assert.All(fragments, fragment => Assert.True(fragment.CalculateSize() < 1_000 || fragment.Events.Count == 1));
        Assert.All(fragments, fragment => Assert.Equal((7, 3L), ((int)fragment.WatchId, fragment.Header.Revision)));
        Assert.Equal(fragments.Count - 1, fragments.Count(fragment => fragment.Fragment));
        Assert.False(fragments[^1].Fragment);
    }

    private static WatchResponse Answer(int count, int bytes)
    {
        var answer = new WatchResponse { Header = new ResponseHeader { Revision = 3 }, WatchId = 7 };
        for (int i = 0; i < count; i++)
        {
            answer.Events.Add(new Event { Kv = new KeyValue { ModRevision = i + 1, Value = ByteString.CopyFrom(new byte[bytes]) } });
        }

        return answer;
    }
}
