using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Rest.Admin;
using RaftKv.Node;
using RaftKv.Tests.Node;

namespace RaftKv.Tests.Api;

/// <summary>GET /log: what was agreed on, in words, without a value or a secret.</summary>
public sealed class LogTests
{
    private static readonly ReadOnlyMemory<byte> _secret = "swordfish"u8.ToArray();

    [Fact]
    public async Task Entries_are_told_with_their_keys_and_without_their_values_and_pages_meet()
    {
        await using var cluster = new TestCluster(1);
        cluster.StartAll();
        await cluster.LeaderAsync();
        await using ApiHost host = await ApiHost.StartAsync(cluster[0]);
        for (int i = 0; i < 5; i++)
        {
            HttpResponseMessage put = await host.SendAsync("PUT", $"/api/v1/kv/log/{i}", "swordfish");
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        }

        // Who was answered here is applied here.
        string text = await host.Client.GetStringAsync("/api/v1/log?limit=1000");
        LogAnswer all = JsonSerializer.Deserialize(text, AnswerJson.Default.LogAnswer)!;
        Assert.DoesNotContain("swordfish", text, StringComparison.Ordinal);
        Assert.Equal(
            Enumerable.Range(0, all.Entries.Count).Select(i => all.FirstIndex + i), all.Entries.Select(static entry => entry.Index));
        Assert.Contains(all.Entries, static entry => entry.Kind == LogEntryKinds.Noop);
        LogEntryBody last = all.Entries.Last(static entry => entry.Command == "put");
        Assert.Equal(("put log/4, 9 bytes", "n1"), (last.Text, last.Origin));
        Assert.Equal(("put", "log/4", 9), (last.Keys![0].Op, last.Keys[0].Key, last.Keys[0].ValueBytes));

        // Page by page the same.
        List<long> seen = [];
        for (long? from = all.FirstIndex; from is not null;)
        {
            LogAnswer page = JsonSerializer.Deserialize(
                await host.Client.GetStringAsync($"/api/v1/log?startIndex={from}&limit=2"), AnswerJson.Default.LogAnswer)!;
            Assert.InRange(page.Entries.Count, 1, 2);
            seen.AddRange(page.Entries.Select(static entry => entry.Index));
            from = page.NextIndex;
        }

        Assert.Equal(all.Entries.Select(static entry => entry.Index), seen.Take(all.Entries.Count));

        // Beyond the end there is nothing yet, and that is no error.
        LogAnswer ahead = JsonSerializer.Deserialize(
            await host.Client.GetStringAsync("/api/v1/log?startIndex=1000000"), AnswerJson.Default.LogAnswer)!;
        Assert.Empty(ahead.Entries);
        Assert.Null(ahead.NextIndex);
    }

    [Fact]
    public async Task What_the_log_has_not_is_410_and_what_is_no_index_400()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        host.Node.HasLog = false;
        Assert.Equal(HttpStatusCode.Gone, (await host.Client.GetAsync("/api/v1/log?startIndex=1")).StatusCode);
        string[] wrong = ["startIndex=0", "startIndex=x", "limit=0", "limit=1001", "limit=-1", "from=1", "limit=1&limit=2"];
        foreach (string query in wrong)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await host.Client.GetAsync("/api/v1/log?" + query)).StatusCode);
        }
    }

    [Fact]
    public void Every_kind_of_command_has_words_and_none_tells_a_secret()
    {
        KvCommand[] commands =
        [
            new MutateCommand(new PutOp("a"u8.ToArray(), _secret)),
            new MutateCommand(new DeleteRangeOp(KeyRange.Prefix("a/"u8.ToArray()))),
            new MutateCommand(new IncrementOp("n"u8.ToArray(), 3)),
            new MutateCommand(new AcquireOp(
                LockKind.Lock, "job"u8.ToArray(), LockMode.Exclusive, new LeaseId(7), _secret)),
            new MutateCommand(new TxnOp(
                [new Compare(KeyRange.Single("a"u8.ToArray()), CompareTarget.Value, CompareOperator.Equal, 0, _secret)],
                [new PutOp("b"u8.ToArray(), _secret)], [])),
            new CompactCommand(new Revision(3)), new SetClusterKeyCommand(Key()), new CompactSliceCommand(),
            new GrantLeaseCommand(new LeaseId(1), 1000), new RevokeLeaseCommand(new LeaseId(1)),
            new ExpireLeaseCommand(new LeaseId(1), new Term(1)), new AdvanceTimeCommand(5),
            new SetGuardCommand("p/"u8.ToArray()), new RemoveGuardCommand("p/"u8.ToArray()),
            new OpenSessionCommand(new ClientSessionId(1)), new CloseSessionCommand(new ClientSessionId(1)),
            new SetOnceLimitsCommand(OnceLimits.Default), new RemoveQuotaCommand("p/"u8.ToArray()), new SetStoreQuotaCommand(1 << 20),
            new ReportBudgetCommand(new NodeId(1), 5), new RaiseAlarmCommand(AlarmKind.NoSpace, NodeId.None, AlarmCause.Hand),
            new ClearAlarmCommand(AlarmKind.NoSpace, NodeId.None), new ChangeAccessCommand(new EnableAccess()),
            new ChangeAccessCommand(new AddUser("ann"u8.ToArray(), _secret)),
            new ChangeAccessCommand(new SetPassword("ann"u8.ToArray(), _secret)),
        ];
        foreach (KvCommand command in commands)
        {
            LogEntryBody body = LogWords.Of(Entry(command), []);
            string text = JsonSerializer.Serialize(body, AnswerJson.Default.LogEntryBody);
            Assert.False(body.Command is null or "other", command.GetType().Name);
            Assert.DoesNotContain("swordfish", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(_secret.Span), text, StringComparison.Ordinal);
            Assert.False(Regex.IsMatch(body.Text, "that this page has no words for"), body.Text);
        }
    }

    [Fact]
    public void Bytes_that_are_no_command_are_told_to_be_none_and_names_move_no_cursor()
    {
        var junk = new LogEntry(new EntryId(new Term(1), new LogIndex(1)), EntryKind.Command, new byte[] { 1, 2, 3 });
        LogEntryBody broken = LogWords.Of(LoggedEntries.Of(junk), []);
        Assert.Equal("bytes that this version can't read", broken.Text);

        LogEntryBody escape = LogWords.Of(Entry(new MutateCommand(new PutOp("a\u001b[2Jb"u8.ToArray(), default))), []);
        Assert.Equal("put a·[2Jb, 0 bytes", escape.Text);
        LogEntryBody binary = LogWords.Of(Entry(new MutateCommand(new PutOp(new byte[] { 0xFF, 1 }, default))), []);
        Assert.Equal(("put 0xff01, 0 bytes", "base64url"), (binary.Text, binary.Keys![0].KeyEncoding));
    }

    [Fact]
    public void Of_a_large_transaction_some_keys_are_told_and_the_rest_is_counted()
    {
        var txn = new TxnOp([], [.. Enumerable.Range(0, 40).Select(i => new PutOp(Encoding.UTF8.GetBytes($"k{i}"), default))], []);
        LogEntryBody body = LogWords.Of(Entry(new MutateCommand(txn)), []);
        Assert.Equal((32, 8), (body.Keys!.Count, body.MoreKeys));
    }

    private static LoggedEntry Entry(KvCommand command)
    {
        byte[] payload = KvCommandCodec.Encode(command, CommandEnvelope.HeaderBytes);
        CommandEnvelope.Write(payload, new NodeId(1), incarnation: 1, requestNumber: 1);
        return LoggedEntries.Of(new LogEntry(new EntryId(new Term(1), new LogIndex(1)), EntryKind.Command, payload));
    }

    private static byte[] Key() => [.. Enumerable.Repeat((byte)'s', KvLimits.ClusterKeyBytes)];
}
