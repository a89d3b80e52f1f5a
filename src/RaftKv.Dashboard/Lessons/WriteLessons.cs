using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Cluster;
using static RaftKv.Dashboard.Lessons.LessonSide;

namespace RaftKv.Dashboard.Lessons;

/// <summary>What goes wrong by writing, at whatever read level: lost updates, write skew, the old holder of a lock.</summary>
internal static class WriteLessons
{
    public static IReadOnlyList<Lesson> All { get; } =
    [
        new("lost-update", "Lost update",
            "Two read the balance, both add to it, both write it back. One addition is gone.",
            "read, then put", "compare-and-set (If-Match)", NeedsLab: false, LostUpdateAsync),
        new("write-skew", "Write skew",
            "Somebody has to be on call. Both see that the other one is, and both go home.",
            "two writes", "one transaction that compares", NeedsLab: false, WriteSkewAsync),
        new("old-holder", "The old lock holder",
            "Ann holds the lock, her machine stands still, Bob gets the lock. Ann wakes up and goes on writing.",
            "a lock alone", "a lock and its fencing token", NeedsLab: false, OldHolderAsync),
    ];

    private static async Task LostUpdateAsync(LessonStage stage)
    {
        const string Balance = "lessons/lost-update/balance";
        NodeSight node = stage.Leader;
        await stage.MustWriteAsync(Wrong, "A", node, Balance, "100");
        await stage.ReadAsync(Wrong, "A", node, Balance, ReadLevelNames.Linearizable);
        await stage.ReadAsync(Wrong, "B", node, Balance, ReadLevelNames.Linearizable);
        await stage.MustWriteAsync(Wrong, "A", node, Balance, "110");
        await stage.MustWriteAsync(Wrong, "B", node, Balance, "120");
        LessonRead lost = await stage.ReadAsync(Wrong, "A", node, Balance, ReadLevelNames.Linearizable, newest: "130");
        LessonStage.Expect(lost.Value == "120", "Blind writes were to lose an addition.");
        stage.Teach(Wrong, "Every read was linearizable, and Ann's 10 are gone all the same: the mistake lies between reading and "
            + "writing.");

        await stage.MustWriteAsync(Right, "A", node, Balance, "100");
        LessonRead ann = await stage.ReadAsync(Right, "A", node, Balance, ReadLevelNames.Linearizable);
        LessonRead bob = await stage.ReadAsync(Right, "B", node, Balance, ReadLevelNames.Linearizable);
        await stage.MustWriteAsync(Right, "B", node, Balance, "120", ("If-Match", Tag(bob)));
        ApiAnswer refused = await stage.WriteAsync(Right, "A", node, Balance, "110", ("If-Match", Tag(ann)));
        LessonStage.Expect(refused.Status == 412, "The second compare-and-set was to be refused.");
        LessonRead again = await stage.ReadAsync(Right, "A", node, Balance, ReadLevelNames.Linearizable);
        await stage.MustWriteAsync(Right, "A", node, Balance, "130", ("If-Match", Tag(again)));
        stage.Teach(Right, "Who writes says which revision he has read. The second one is told, reads again, and adds again: 130. "
            + "For sums alone there is POST /api/v1/counters/….");
    }

    private static async Task WriteSkewAsync(LessonStage stage)
    {
        const string Ann = "lessons/write-skew/ann";
        const string Bob = "lessons/write-skew/bob";
        NodeSight node = stage.Leader;
        await BeginAsync(Wrong);
        await stage.ReadAsync(Wrong, "A", node, Bob, ReadLevelNames.Linearizable);
        await stage.ReadAsync(Wrong, "B", node, Ann, ReadLevelNames.Linearizable);
        await stage.MustWriteAsync(Wrong, "A", node, Ann, "off");
        await stage.MustWriteAsync(Wrong, "B", node, Bob, "off");
        stage.Teach(Wrong, "Nobody is on call. Each was right by what he had read, and no key was written twice, so that no compare on one "
            + "key helps.");

        await BeginAsync(Right);
        LessonRead bobIsOn = await stage.ReadAsync(Right, "A", node, Bob, ReadLevelNames.Linearizable);
        LessonRead annIsOn = await stage.ReadAsync(Right, "B", node, Ann, ReadLevelNames.Linearizable);
        bool first = await LeaveAsync("A", Ann, Bob, bobIsOn);
        bool second = await LeaveAsync("B", Bob, Ann, annIsOn);
        LessonStage.Expect(first && !second, "The second transaction was to be refused.");
        stage.Teach(Right, "The transaction compares what was read, the other's key too: Bob is told that his reason is gone, and stays.");

        async Task BeginAsync(LessonSide side)
        {
            await stage.MustWriteAsync(side, "A", node, Ann, "on");
            await stage.MustWriteAsync(side, "B", node, Bob, "on");
        }

        async Task<bool> LeaveAsync(string who, string own, string other, LessonRead read)
        {
            var body = new JsonObject
            {
                ["compare"] = new JsonArray(new JsonObject
                {
                    ["key"] = other,
                    ["target"] = CompareTargets.ModRevision,
                    ["op"] = "=",
                    ["operand"] = read.ModRevision,
                }),
                ["then"] = new JsonArray(new JsonObject { ["put"] = new JsonObject { ["key"] = own, ["value"] = "off" } }),
            };
            var request = new ApiRequest("POST", "/api/v1/txn")
            {
                Body = Encoding.UTF8.GetBytes(body.ToJsonString()),
                ContentType = "application/json",
            };
            bool isDone = false;
            await stage.SendAsync(Right, who, node, $"goes, if {other[(other.LastIndexOf('/') + 1)..]} is as it was", request, answer =>
            {
                TxnAnswer? txn = answer.IsOk ? answer.Read(AnswerJson.Default.TxnAnswer) : null;
                isDone = txn?.Succeeded == true;
                return isDone ? ($"done in revision {txn!.Revision}", "good") : ("refused: it is not as it was any more", "refused");
            });
            return isDone;
        }
    }

    private static async Task OldHolderAsync(LessonStage stage)
    {
        const string Job = "lessons/old-holder/job";
        NodeSight node = stage.Leader;

        // A name of its own for each time: an earlier lesson may have been left in the middle.
        string name = "lessons-printer-" + Guid.NewGuid().ToString("N")[..8];
        GrantAnswer ann = await AcquireAsync(stage, node, "A", name);
        await stage.SayAsync(Both, "Ann's machine stands still; her lease ends, and does not wait for her");
        await EndAsync(stage, node, ann.Lease);
        GrantAnswer bob = await AcquireAsync(stage, node, "B", name);
        LessonStage.Expect(bob.FencingToken > ann.FencingToken, "Tokens grow.");

        await stage.MustWriteAsync(Wrong, "B", node, Job, "Bob prints");
        await stage.MustWriteAsync(Wrong, "A", node, Job, "Ann goes on");
        stage.Teach(Wrong, "Ann believes that she still holds the lock, and her late write lands on Bob's work. No lock service in the "
            + "world can tell her in time.");

        await stage.MustWriteAsync(Right, "B", node, Job, "Bob prints", (HeaderNames.Fence, $"{name};token={bob.FencingToken}"));
        ApiAnswer late = await stage.WriteAsync(
            Right, "A", node, Job, "Ann goes on", (HeaderNames.Fence, $"{name};token={ann.FencingToken}"));
        LessonStage.Expect(late.Status == 412, "The old holder's write was to be refused.");
        await stage.ReadAsync(Right, "B", node, Job, ReadLevelNames.Linearizable, newest: "Bob prints");
        await EndAsync(stage, node, bob.Lease);
        stage.Teach(Right, "The token says when she got the lock; where the write is applied it is known that it is not hers any more. "
            + "A resource of your own refuses a smaller token than it has seen.");
    }

    private static async Task<GrantAnswer> AcquireAsync(LessonStage stage, NodeSight node, string who, string name)
    {
        var request = new ApiRequest("POST", "/api/v1/locks/" + name)
        {
            Body = Encoding.UTF8.GetBytes($$"""{"ttl":"60s","wait":"5s","owner":"{{who}}"}"""),
            ContentType = "application/json",
        };
        GrantAnswer? grant = null;
        await stage.SendAsync(Both, who, node, "takes the lock", request, answer =>
        {
            grant = answer.IsOk ? answer.Read(AnswerJson.Default.GrantAnswer) : null;
            return grant is null ? (answer.Complaint, "refused") : ($"holds it, token {grant.FencingToken}", "good");
        });
        return grant ?? throw new LessonException("The lock was to be free.");
    }

    private static Task EndAsync(LessonStage stage, NodeSight node, string lease) => stage.SendAsync(
        Both, "", node, "a lease is over", new ApiRequest("DELETE", "/api/v1/leases/" + lease),
        static answer => answer.IsOk ? ("who waits moves up", "say") : (answer.Complaint, "refused"));

    private static string Tag(LessonRead read) => $"\"{read.ModRevision.ToString(CultureInfo.InvariantCulture)}\"";
}
