using System.Text;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.Node;

namespace RaftKv.Tests.Watch;

/// <summary>
/// Writes at random through a node, and keeps what really happened: from the store's own log after each write, before
/// anything can be compacted.
/// </summary>
internal sealed class WatchWorld(INode node, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<WatchedChange> _real = [];
    private long _compacted;

    public WatchHistory History => new(_real, _real.Count == 0 ? 1 : _real[^1].Revision, _compacted);

    /// <summary>The scopes that watchers of these keys have.</summary>
    public static WatchScope Scope(int number) => (number % 6) switch
    {
        0 => new WatchScope(Prefix: ""),
        1 => new WatchScope(Prefix: "a/"),
        2 => new WatchScope(Key: "a/1"),
        3 => new WatchScope(Start: "a/2", End: "b/2"),
        4 => new WatchScope(Prefix: "b/", Puts: false),
        _ => new WatchScope(Key: "b/3", Deletes: false),
    };

    /// <summary>One command of a few writes, or now and then a compaction.</summary>
    public async Task StepAsync(bool mayCompact)
    {
        if (mayCompact && _random.Next(100) == 0)
        {
            await CompactAsync(_random.Next(40));
            return;
        }

        string[] keys = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => $"{"abc"[_random.Next(3)]}/{_random.Next(4)}").Distinct()];
        KvOp[] operations = [.. keys.Select(key => _random.Next(4) == 0 ? (KvOp)StoreDriver.DeleteOf(key) : StoreDriver.PutOf(key, Value()))];
        KvOp operation = operations.Length == 1 ? operations[0]
            : _random.Next(10) == 0 ? new DeleteRangeOp(KeyRange.Prefix(Encoding.UTF8.GetBytes("b/")))
            : new TxnOp([], operations, []);
        ProposeResult result = await ProposeAsync(new MutateCommand(operation));
        Note(result.View!);
    }

    /// <summary>Forgets all but the last few revisions.</summary>
    public async Task CompactAsync(int keep)
    {
        long revision = node.View.Revision.Value - keep;
        if (revision > _compacted)
        {
            await ProposeAsync(new CompactCommand(new Revision(revision)));
            _compacted = revision;
        }
    }

    private void Note(StoreView view)
    {
        var changes = new List<KeyValue>();
        long from = _real.Count == 0 ? 2 : _real[^1].Revision + 1;
        Assert.Equal(ReadStatus.Ok, view.ReadChanges(new Revision(from), int.MaxValue, changes, out _));
        _real.AddRange(changes.Select(c => new WatchedChange(
            c.ModRevision.Value,
            Encoding.UTF8.GetString(c.Key.Span),
            c.IsTombstone ? null : Encoding.UTF8.GetString(c.Value.Span),
            c.CreateRevision.Value,
            c.Version)));
    }

    private string Value() => _random.Next(1_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async Task<ProposeResult> ProposeAsync(KvCommand command)
    {
        ProposeResult result = await node.ProposeAsync(
            KvCommandCodec.Encode(command, node.HeadroomBytes), WatchClient.Patience, CancellationToken.None);
        Assert.Equal(ProposalOutcome.Applied, result.Outcome);
        Assert.Equal(CommandStatus.Ok, result.Result!.Status);
        return result;
    }
}
