using System.Globalization;
using RaftKv.Client;

namespace RaftKv.Cli.Demos;

/// <summary>Anomalies that no read level cures, since they are about writing: lost-update, write-skew, fencing.</summary>
internal static class AnomalyDemos
{
    public static IReadOnlyList<Demo> All { get; } =
    [
        new("lost-update", "two read, both add, one addition is gone", LostUpdateAsync),
        new("write-skew", "each keeps the rule by what it has read, together they break it", WriteSkewAsync),
        new("fencing", "a lock's old holder wakes up late and writes", FencingAsync),
    ];

    private static async Task LostUpdateAsync(DemoStage stage)
    {
        const string Key = "demo/lost-update/balance";
        RaftKvClient ann = stage.NewUser();
        RaftKvClient bob = stage.NewUser();
        await stage.PutAsync(ann, Key, "100", "The bank").ConfigureAwait(false);
        KeyValueEntry annRead = (await ann.GetAsync(Key).ConfigureAwait(false))!;
        KeyValueEntry bobRead = (await bob.GetAsync(Key).ConfigureAwait(false))!;
        stage.Say($"Ann and Bob both read {annRead.GetString()}, linearizably.");
        await stage.PutAsync(ann, Key, Plus(annRead, 10), "Ann").ConfigureAwait(false);
        await stage.PutAsync(bob, Key, Plus(bobRead, 20), "Bob").ConfigureAwait(false);
        string lost = (await ann.GetAsync(Key).ConfigureAwait(false))!.GetString();
        DemoStage.Expect(lost == "120", "Blind writes lose an update.");
        stage.Wrong($"read, then put: {lost}. Ann's 10 are gone.");

        KeyValueEntry again = (await ann.GetAsync(Key).ConfigureAwait(false))!;
        CompareAndSetResult first = await bob.TryCompareAndSetAsync(Key, Precondition.Unchanged(again), Plus(again, 20))
            .ConfigureAwait(false);
        CompareAndSetResult second = await ann.TryCompareAndSetAsync(Key, Precondition.Unchanged(again), Plus(again, 10))
            .ConfigureAwait(false);
        DemoStage.Expect(first.Succeeded && !second.Succeeded, "The second compare-and-set is refused.");
        stage.Curl($"curl -X PUT -H 'If-Match: \"{again.ModRevision}\"' --data-binary "
            + $"'{Plus(again, 10)}' {stage.Nodes[0].Endpoint}api/v1/kv/{Key}");
        stage.Say("Both send the revision that they have read; the second is told 412 precondition-failed, reads again, and adds again.");
        KeyValueEntry now = (await ann.GetAsync(Key).ConfigureAwait(false))!;
        await ann.CompareAndSetAsync(Key, Precondition.Unchanged(now), Plus(now, 10)).ConfigureAwait(false);
        string right = (await bob.GetAsync(Key).ConfigureAwait(false))!.GetString();
        DemoStage.Expect(right == "150", "Nothing is lost.");
        stage.Right($"compare-and-set: {right}. For plain sums, POST /api/v1/counters/… adds without a compare.");
    }

    private static async Task WriteSkewAsync(DemoStage stage)
    {
        const string Ann = "demo/write-skew/ann";
        const string Bob = "demo/write-skew/bob";
        RaftKvClient user = stage.NewUser();
        await OnCallAsync().ConfigureAwait(false);
        stage.Say("Rule: somebody is on call. Ann and Bob both are, both read that the other is, and both go.");
        await user.PutAsync(Ann, "off").ConfigureAwait(false);
        await user.PutAsync(Bob, "off").ConfigureAwait(false);
        DemoStage.Expect(await ValueAsync(Ann).ConfigureAwait(false) == "off" && await ValueAsync(Bob)
            .ConfigureAwait(false) == "off", "Both are off.");
        stage.Wrong("two writes to two keys, each right by what it had read: nobody is on call. No key was written twice, so no "
            + "compare on one key helps.");

        await OnCallAsync().ConfigureAwait(false);
        KeyValueEntry annRead = (await user.GetAsync(Ann).ConfigureAwait(false))!;
        KeyValueEntry bobRead = (await user.GetAsync(Bob).ConfigureAwait(false))!;
        TxnResult first = await LeaveAsync(Ann, Bob, bobRead).ConfigureAwait(false);
        TxnResult second = await LeaveAsync(Bob, Ann, annRead).ConfigureAwait(false);
        DemoStage.Expect(first.Succeeded && !second.Succeeded, "The second one is refused.");
        stage.Curl(
            $"curl -X POST {stage.Nodes[0].Endpoint}api/v1/txn -d "
                + $"'{{\"compare\":[{{\"key\":\"{Bob}\",\"target\":\"modRevision\",\"op\":\"=\","
            + $"\"operand\":{bobRead.ModRevision}}}],\"then\":[{{\"put\":{{\"key\":\"{Ann}\",\"value\":\"off\"}}}}]}}'");
        stage.Right("a transaction that compares what was read, the other's key too: the second one is told that its reason is gone.");

        async Task OnCallAsync()
        {
            await user.PutAsync(Ann, "on").ConfigureAwait(false);
            await user.PutAsync(Bob, "on").ConfigureAwait(false);
        }

        async Task<string?> ValueAsync(string key) => (await user.GetAsync(key).ConfigureAwait(false))?.GetString();

        Task<TxnResult> LeaveAsync(string who, string other, KeyValueEntry otherRead) =>
            user.Txn().When(Compare.Key(other).ModRevision == otherRead.ModRevision).Then(Op.Put(who, "off")).CommitAsync();
    }

    private static async Task FencingAsync(DemoStage stage)
    {
        const string Name = "demo/fencing/printer";
        const string Key = "demo/fencing/job";
        RaftKvClient ann = stage.NewUser();
        RaftKvClient bob = stage.NewUser();
        LockHandle annLock = await ann.Locks.AcquireAsync(Name, TimeSpan.FromSeconds(30)).ConfigureAwait(false);
        await ann.PutAsync(Key, "Ann prints", new WriteOptions { Fence = annLock.Fence }).ConfigureAwait(false);
        stage.Say($"Ann holds the lock, token {annLock.FencingToken}, and then her machine stands still for too long.");

        // The end of her lease, without waiting for it.
        await bob.Leases.RevokeAsync(annLock.LeaseId).ConfigureAwait(false);
        LockHandle bobLock = await bob.Locks.AcquireAsync(Name, TimeSpan.FromSeconds(30)).ConfigureAwait(false);
        await using (bobLock.ConfigureAwait(false))
        {
            DemoStage.Expect(bobLock.FencingToken > annLock.FencingToken, "Tokens grow.");
            await bob.PutAsync(Key, "Bob prints", new WriteOptions { Fence = bobLock.Fence }).ConfigureAwait(false);
            stage.Say($"Her lease ends; Bob gets the lock, token {bobLock.FencingToken}, and begins.");
            await stage.PutAsync(ann, Key, "Ann goes on", "Ann, who wakes up and believes that she still holds it,").ConfigureAwait(false);
            stage.Wrong("a lock alone: Ann's late write lands on Bob's work.");

            await bob.PutAsync(Key, "Bob prints", new WriteOptions { Fence = bobLock.Fence }).ConfigureAwait(false);
            string? refusal = null;
            try
            {
                await ann.PutAsync(Key, "Ann goes on", new WriteOptions { Fence = annLock.Fence }).ConfigureAwait(false);
            }
            catch (RaftKvPreconditionException lost)
            {
                refusal = lost.Code;
            }

            DemoStage.Expect(refusal == "fence-lost"
                && (await bob.GetAsync(Key).ConfigureAwait(false))!.GetString() == "Bob prints", "The late write is refused.");
            stage.Curl($"curl -X PUT -H 'RaftKv-Fence: {annLock.Fence}' --data-binary 'Ann goes "
                + $"on' {stage.Nodes[0].Endpoint}api/v1/kv/{Key}");
            stage.Right("a fence on the write: 412 fence-lost, checked where it is applied. Resources outside refuse a smaller token "
                + "than they have seen.");
        }

        await annLock.DisposeAsync().ConfigureAwait(false);
    }

    private static string Plus(KeyValueEntry entry, int amount) =>
        (int.Parse(entry.GetString(), CultureInfo.InvariantCulture) + amount).ToString(CultureInfo.InvariantCulture);
}
