using System.Text;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Watch;

namespace RaftKv.Tests.Watch;

/// <summary>A store without consensus and a hub that is told of what it publishes.</summary>
internal sealed class StoreDriver : IDisposable
{
    private MvccStore _store = new();

    public StoreDriver(TimeProvider? time = null, int maxWatchers = 50_000, long maxBytes = long.MaxValue) =>
        Hub = new WatchHub(_store.View, time ?? TimeProvider.System, maxWatchers, maxBytes);

    public WatchHub Hub { get; }

    public StoreView View => _store.View;

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static PutOp PutOf(string key, string value) => new(Bytes(key), Bytes(value));

    public static DeleteRangeOp DeleteOf(string key) => new(KeyRange.Single(Bytes(key)));

    /// <summary>Applies without publishing.</summary>
    public CommandResult Apply(KvCommand command) => _store.Apply(_store.AppliedIndex + 1, KvCommandCodec.Encode(command, 0));

    /// <summary>Applies operations as one command, and publishes.</summary>
    public void Write(params KvOp[] operations)
    {
        Assert.Equal(CommandStatus.Ok, Apply(new MutateCommand(operations.Length == 1 ? operations[0] : new TxnOp([], operations, []))).Status);
        Publish();
    }

    public void Put(string key, string value = "v") => Write(PutOf(key, value));

    public void Compact(long revision)
    {
        Assert.Equal(CommandStatus.Ok, Apply(new CompactCommand(new Revision(revision))).Status);
        Publish();
    }

    public void Publish() => Hub.Published(_store.Publish());

    /// <summary>Replaces the store by another one, as the install of a snapshot does.</summary>
    public void Install(StoreDriver other)
    {
        _store = other._store;
        Hub.Published(_store.View);
    }

    public void Dispose() => Hub.Dispose();
}
