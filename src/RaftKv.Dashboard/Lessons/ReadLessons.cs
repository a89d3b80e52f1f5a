using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Cluster;
using static RaftKv.Dashboard.Lessons.LessonSide;

namespace RaftKv.Dashboard.Lessons;

/// <summary>What goes wrong by reading: stale reads, going backwards, a reply without its post, two worlds at once.</summary>
internal static class ReadLessons
{
    public static IReadOnlyList<Lesson> All { get; } =
    [
        new("stale-read", "Stale read",
            "Ann locks the door, and is told that it is locked. Bob looks afterwards, elsewhere, and sees it open.",
            ReadLevelNames.Eventual, ReadLevelNames.Linearizable, NeedsLab: true, StaleReadAsync),
        new("going-backwards", "Going backwards",
            "Bob sees the new score, looks again, and it is the old one.",
            ReadLevelNames.Eventual, ReadLevelNames.MonotonicReads, NeedsLab: true, BackwardsAsync),
        new("reply-without-post", "A reply without its post",
            "Ann asks, Bob answers. Who reads along sees the answer and not the question.",
            ReadLevelNames.Eventual, ReadLevelNames.Causal, NeedsLab: true, ReplyAsync),
        new("split-brain", "Split brain, tried",
            "The leader is cut off and does not know. The others choose a new one. Are there two worlds now?",
            ReadLevelNames.Eventual, $"{ReadLevelNames.Linearizable}, and every write", NeedsLab: true, SplitBrainAsync),
    ];

    private static async Task StaleReadAsync(LessonStage stage)
    {
        const string Door = "lessons/stale-read/door";
        (NodeSight leader, NodeSight behind, NodeSight other) = (stage.Leader, stage.Behind, stage.Other);
        await BeginAsync(stage, behind, Door, "open");
        await stage.HoldAsync(behind);
        await stage.MustWriteAsync(Both, "A", leader, Door, "locked");

        LessonRead stale = await stage.ReadAsync(Wrong, "B", behind, Door, ReadLevelNames.Eventual, newest: "locked");
        LessonStage.Expect(stale.Value == "open", "The node that is held was to show what it had.");
        stage.Teach(Wrong, "Bob walks to a locked door: the write was acknowledged before he looked. The answer never claimed to be new: "
            + "it says which revision it is, and how old it can be at most where that is proven.");

        LessonRead refused = await stage.ReadInVainAsync(Right, "B", behind, Door, ReadLevelNames.Linearizable, newest: "locked");
        LessonRead fresh = await stage.ReadAsync(Right, "B", other, Door, ReadLevelNames.Linearizable, newest: "locked");
        LessonStage.Expect(!refused.IsAnswered && fresh.Value == "locked", "A linearizable read is fresh or refused.");
        await stage.HealAsync(Right);
        await stage.ReadUntilAsync(Right, "B", behind, Door, ReadLevelNames.Linearizable, static read => read.Value == "locked");
        stage.Teach(Right, "The node that can't know refuses rather than be wrong; any node with a majority tells the truth.");
    }

    private static async Task BackwardsAsync(LessonStage stage)
    {
        const string Score = "lessons/going-backwards/score";
        (NodeSight leader, NodeSight behind, NodeSight other) = (stage.Leader, stage.Behind, stage.Other);
        await BeginAsync(stage, behind, Score, "1:0");
        await stage.HoldAsync(behind);
        await stage.MustWriteAsync(Both, "A", leader, Score, "2:0");

        await stage.ReadUntilAsync(Wrong, "B", other, Score, ReadLevelNames.Eventual, static read => read.Value == "2:0");
        LessonRead back = await stage.ReadAsync(Wrong, "B", behind, Score, ReadLevelNames.Eventual, newest: "2:0");
        LessonStage.Expect(back.Value == "1:0", "The node that is held was to show what it had.");
        stage.Teach(Wrong, "A load balancer sent Bob to another node, and time ran backwards for him.");

        LessonRead seen = await stage.ReadUntilAsync(
            Right, "B", other, Score, ReadLevelNames.MonotonicReads, static read => read.Value == "2:0");
        LessonRead refused = await stage.ReadInVainAsync(Right, "B", behind, Score, ReadLevelNames.MonotonicReads, "2:0", seen.Token);
        LessonStage.Expect(!refused.IsAnswered, "A node that has not what the token has seen must not answer.");
        await stage.HealAsync(Right);
        await stage.ReadUntilAsync(
            Right, "B", behind, Score, ReadLevelNames.MonotonicReads, static read => read.Value == "2:0", seen.Token);
        stage.Teach(Right, "The token says what Bob has seen. A node that is not so far waits or refuses, and asks nobody else.");
    }

    private static async Task ReplyAsync(LessonStage stage)
    {
        const string Post = "lessons/reply/post";
        const string Reply = "lessons/reply/reply";
        (NodeSight leader, NodeSight behind, NodeSight other) = (stage.Leader, stage.Behind, stage.Other);
        await BeginAsync(stage, behind, Post, "-");
        await BeginAsync(stage, behind, Reply, "-");
        await stage.HoldAsync(behind);
        await stage.MustWriteAsync(Both, "A", leader, Post, "lunch?");
        LessonRead question = await stage.ReadUntilAsync(
            Both, "B", other, Post, ReadLevelNames.Linearizable, static read => read.Value == "lunch?");
        await stage.MustWriteAsync(Both, "B", other, Reply, "yes!", (HeaderNames.Session, question.Token));

        await stage.ReadUntilAsync(Wrong, "C", other, Reply, ReadLevelNames.Eventual, static read => read.Value == "yes!");
        LessonRead post = await stage.ReadAsync(Wrong, "C", behind, Post, ReadLevelNames.Eventual, newest: "lunch?");
        LessonStage.Expect(post.Value == "-", "The node that is held was to lack the post.");
        stage.Teach(Wrong, "Carol reads \"yes!\", and nobody has asked anything.");

        LessonRead reply = await stage.ReadUntilAsync(
            Right, "C", other, Reply, ReadLevelNames.Causal, static read => read.Value == "yes!");
        LessonRead refused = await stage.ReadInVainAsync(Right, "C", behind, Post, ReadLevelNames.Causal, "lunch?", reply.Token);
        LessonStage.Expect(!refused.IsAnswered, "A node without the cause must not answer whoever has seen the effect.");
        await stage.ReadUntilAsync(Right, "C", other, Post, ReadLevelNames.Causal, static read => read.Value == "lunch?", reply.Token);
        await stage.HealAsync(Right);
        stage.Teach(Right, "The reply's token stands for all that caused it. With it, no node shows a world in which the post is missing.");
    }

    private static async Task SplitBrainAsync(LessonStage stage)
    {
        const string Key = "lessons/split-brain/price";
        NodeSight old = stage.Leader;
        await BeginAsync(stage, old, Key, "100");
        await stage.HoldAsync(old);
        NodeSight now = await stage.NextLeaderAsync(old);
        await stage.SayAsync(Both, $"a majority does without {old.Name}: {now.Name} leads now", now.Name);
        await stage.MustWriteAsync(Both, "B", now, Key, "120");

        LessonRead stale = await stage.ReadAsync(Wrong, "A", old, Key, ReadLevelNames.Eventual, newest: "120");
        LessonStage.Expect(stale.Value == "100", "The old leader was to show what it had.");
        stage.Teach(Wrong, "Whoever takes any answer sees two prices at once. That is what eventual says: this node's state, which may "
            + "be old.");

        LessonRead refused = await stage.ReadInVainAsync(Right, "A", old, Key, ReadLevelNames.Linearizable, newest: "120");
        LessonRead lease = await stage.ReadInVainAsync(Right, "A", old, Key, ReadLevelNames.Lease, newest: "120");
        ApiAnswer write = await stage.WriteInVainAsync(Right, "A", old, Key, "90");
        LessonStage.Expect(!refused.IsAnswered && !lease.IsAnswered && !write.IsOk, "Without a majority nothing may be promised.");
        await stage.HealAsync(Right);
        LessonRead end = await stage.ReadUntilAsync(Right, "A", old, Key, ReadLevelNames.Linearizable, static read => read.IsAnswered);
        LessonStage.Expect(end.Value == "120" || write.Problem?.Applied == AppliedWords.Unknown, "The refused write must not be there.");
        stage.Teach(Right, "A leader without a majority can promise nothing: no strong read, no lease, no write. There was one history "
            + "all along.");
    }

    // Both sides begin with a value that every node has, the one that will be held too.
    private static async Task BeginAsync(LessonStage stage, NodeSight behind, string key, string value)
    {
        await stage.MustWriteAsync(Both, "A", stage.Leader, key, value);
        await stage.ReadUntilAsync(Both, "B", behind, key, ReadLevelNames.Linearizable, read => read.Value == value);
    }
}
